#include "planner/search/k_best.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// A partial plan: its last stage and where the stages before it are found.
struct Label {
  double cost = kNever;
  int self = -1;  // index of the partial plan among those finished; -1 while it is only offered, or is empty
  int previous = -1;  // the partial plan without the last stage
  int sequence = 0;   // which hosts, in order
  Stage stage;
};

class KBest {
 public:
  KBest(const Lattice& lattice, int width, bool one_per_host_sequence)
      : lattice_(lattice), width_(static_cast<std::size_t>(width)), distinct_(one_per_host_sequence) {}

  std::vector<Plan> run() {
    const auto states = static_cast<std::size_t>(lattice_.blocks) * static_cast<std::size_t>(lattice_.nodes);
    arrived_begin_.reserve(states + 1);
    arrived_begin_.push_back(0);
    least_arrived_.assign(states, kNever);
    begin();
    std::vector<std::pair<std::size_t, std::size_t>> done(static_cast<std::size_t>(lattice_.nodes));
    for (int last = 0; last < lattice_.blocks; ++last) {
      for (int node = 0; node < lattice_.nodes; ++node)
        done[static_cast<std::size_t>(node)] = compute(node, last);
      if (last + 1 == lattice_.blocks) break;
      for (int node = 0; node < lattice_.nodes; ++node) arrive(node, last + 1, done);
    }
    return end(done);
  }

 private:
  using Range = std::pair<std::size_t, std::size_t>;

  [[nodiscard]] std::span<const Label> finished(Range range) const {
    return std::span(finished_).subspan(range.first, range.second - range.first);
  }

  void begin() {
    for (int node = 0; node < lattice_.nodes; ++node) {
      Label empty;
      empty.cost = lattice_.start[static_cast<std::size_t>(node)];
      if (empty.cost < kNever) best_.push_back(empty);
      keep_arrived(node, 0);
    }
  }

  // The best ways to have done blocks 0..last with the last slice on `node`.
  Range compute(int node, int last) {
    const double* slice = &lattice_.slice[lattice_.slice_index(node, last, 0)];
    const double* least =
        &least_arrived_[static_cast<std::size_t>(node) * static_cast<std::size_t>(lattice_.blocks)];
    const int host = lattice_.host[static_cast<std::size_t>(node)];
    double bound = kNever;
    for (int first = 0; first <= last; ++first) {
      if (!(least[first] + slice[first] <= bound) || slice[first] == kNever) continue;
      for (const Label& from : arrived(node, first)) {
        const double cost = from.cost + slice[first];
        if (cost > bound) break;
        offer({cost, -1, from.self, distinct_ ? extend(from.sequence, host) : 0, {host, first, last}});
        bound = worst();
      }
    }
    const std::size_t begin = finished_.size();
    for (Label& label : best_) {
      label.self = static_cast<int>(finished_.size());
      finished_.push_back(label);
    }
    best_.clear();
    return {begin, finished_.size()};
  }

  // The best ways to have blocks 0..first-1 done elsewhere and what they made brought to `node`.
  void arrive(int node, int first, std::span<const Range> done) {
    for (int from = 0; from < lattice_.nodes; ++from) {
      const double move = lattice_.move[lattice_.move_index(first, from, node)];
      offer_all(finished(done[static_cast<std::size_t>(from)]), move);
    }
    keep_arrived(node, first);
  }

  std::vector<Plan> end(std::span<const Range> done) {
    for (int node = 0; node < lattice_.nodes; ++node) {
      offer_all(finished(done[static_cast<std::size_t>(node)]),
                lattice_.finish[static_cast<std::size_t>(node)]);
    }
    std::vector<Plan> plans;
    for (const Label& label : best_) plans.push_back({stages(label)});
    return plans;
  }

  void offer_all(std::span<const Label> labels, double extra) {
    if (extra == kNever) return;
    for (Label label : labels) {
      label.cost += extra;
      if (label.cost > worst()) break;
      offer(label);
    }
  }

  // States come in the order (first, node); begin() and arrive() keep to it.
  void keep_arrived(int node, int first) {
    if (!best_.empty()) {
      least_arrived_[static_cast<std::size_t>(node) * static_cast<std::size_t>(lattice_.blocks) +
                     static_cast<std::size_t>(first)] = best_.front().cost;
    }
    arrived_.insert(arrived_.end(), best_.begin(), best_.end());
    arrived_begin_.push_back(arrived_.size());
    best_.clear();
  }

  [[nodiscard]] std::span<const Label> arrived(int node, int first) const {
    const std::size_t state = static_cast<std::size_t>(first) * static_cast<std::size_t>(lattice_.nodes) +
                              static_cast<std::size_t>(node);
    return std::span(arrived_).subspan(arrived_begin_[state],
                                       arrived_begin_[state + 1] - arrived_begin_[state]);
  }

  // A label that costs more than this cannot be among the best.
  [[nodiscard]] double worst() const { return best_.size() < width_ ? kNever : best_.back().cost; }

  void offer(const Label& label) {
    if (!(label.cost < kNever)) return;
    if (distinct_) {
      const auto same = std::find_if(best_.begin(), best_.end(),
                                     [&](const Label& other) { return other.sequence == label.sequence; });
      if (same != best_.end()) {
        if (!before(label, *same)) return;
        best_.erase(same);
      }
    }
    const auto place = std::upper_bound(best_.begin(), best_.end(), label,
                                        [this](const Label& a, const Label& b) { return before(a, b); });
    best_.insert(place, label);
    if (best_.size() > width_) best_.pop_back();
  }

  [[nodiscard]] bool before(const Label& a, const Label& b) const {
    if (a.cost != b.cost) return a.cost < b.cost;
    return stages(a) < stages(b);
  }

  [[nodiscard]] std::vector<Stage> stages(const Label& label) const {
    std::vector<Stage> all{label.stage};
    for (int at = label.previous; at >= 0; at = finished_[static_cast<std::size_t>(at)].previous) {
      all.push_back(finished_[static_cast<std::size_t>(at)].stage);
    }
    std::reverse(all.begin(), all.end());
    return all;
  }

  int extend(int sequence, int host) {
    return sequences_.emplace(std::pair(sequence, host), static_cast<int>(sequences_.size()) + 1)
        .first->second;
  }

  const Lattice& lattice_;
  std::size_t width_;
  bool distinct_;
  std::vector<Label> finished_;  // last slice computed; grows state after state
  std::vector<Label> arrived_;   // what the next slice needs has arrived; `self` names the finished label
  std::vector<std::size_t> arrived_begin_;  // [first * nodes + node]
  std::vector<double> least_arrived_;       // [node * blocks + first]
  std::vector<Label> best_;                 // of the state in hand, ascending
  std::map<std::pair<int, int>, int> sequences_;
};

}  // namespace

std::vector<Plan> k_best(const Lattice& lattice, int width, bool one_per_host_sequence) {
  if (width < 1 || lattice.blocks < 1) return {};
  return KBest(lattice, width, one_per_host_sequence).run();
}

}  // namespace kerf
