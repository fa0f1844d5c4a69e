#include "planner/search/k_best.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kMostSlices = 3e9;
constexpr double kMostLabels = 1e7;
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
  KBest(const Lattice& lattice, const Measure& measure, int width, bool one_per_host_sequence)
      : lattice_(lattice),
        problem_(lattice.problem()),
        measure_(measure),
        nodes_(lattice.hosts()),
        width_(static_cast<std::size_t>(width)),
        distinct_(one_per_host_sequence),
        slices_(static_cast<std::size_t>(lattice.blocks())) {}

  std::vector<Plan> run() {
    const auto states = static_cast<std::size_t>(lattice_.blocks()) * static_cast<std::size_t>(nodes_);
    arrived_begin_.reserve(states + 1);
    arrived_begin_.push_back(0);
    least_arrived_.assign(states, kNever);
    begin();
    std::vector<std::pair<std::size_t, std::size_t>> done(static_cast<std::size_t>(nodes_));
    for (int last = 0; last < lattice_.blocks(); ++last) {
      for (int node = 0; node < nodes_; ++node) done[static_cast<std::size_t>(node)] = compute(node, last);
      if (last + 1 == lattice_.blocks()) break;
      for (int node = 0; node < nodes_; ++node) arrive(node, last + 1, done);
    }
    return end(done);
  }

 private:
  using Range = std::pair<std::size_t, std::size_t>;

  [[nodiscard]] std::span<const Label> finished(Range range) const {
    return std::span(finished_).subspan(range.first, range.second - range.first);
  }

  void begin() {
    for (int node = 0; node < nodes_; ++node) {
      Label empty;
      empty.cost = 0;
      if (node != problem_.source) empty.cost = measure_.move(problem_.source, node, problem_.wire_bytes);
      if (lattice_.allows_start(node) && empty.cost < kNever) best_.push_back(empty);
      keep_arrived(node, 0);
    }
  }

  // The best ways to have done blocks 0..last with the last slice on `node`.
  Range compute(int node, int last) {
    const std::span<const double> slice = slices_ending(node, last);
    const double* least =
        &least_arrived_[static_cast<std::size_t>(node) * static_cast<std::size_t>(lattice_.blocks())];
    double bound = kNever;
    for (int first = lattice_.least_first(node, last); first <= last; ++first) {
      const double amount = slice[static_cast<std::size_t>(first)];
      if (!(least[first] + amount <= bound) || amount == kNever) continue;
      for (const Label& from : arrived(node, first)) {
        const double cost = from.cost + amount;
        if (cost > bound) break;
        offer({cost, -1, from.self, distinct_ ? extend(from.sequence, node) : 0, {node, first, last}});
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

  // [first]: the measure of each slice that ends with `last`.
  std::span<const double> slices_ending(int node, int last) {
    lattice_.slices_ending(node, last, slices_);
    const double rate = measure_.per_second[static_cast<std::size_t>(node)];
    if (rate == 1) return slices_;
    for (int first = lattice_.least_first(node, last); first <= last; ++first) {
      double& slice = slices_[static_cast<std::size_t>(first)];
      if (slice < kNever) slice *= rate;
    }
    return slices_;
  }

  // The best ways to have blocks 0..first-1 done elsewhere and what they made brought to `node`.
  void arrive(int node, int first, std::span<const Range> done) {
    for (int from = 0; from < nodes_; ++from) {
      if (!lattice_.allows_move(from, node, first)) continue;
      offer_all(finished(done[static_cast<std::size_t>(from)]),
                measure_.move(from, node, problem_.bytes_into(first)));
    }
    keep_arrived(node, first);
  }

  std::vector<Plan> end(std::span<const Range> done) {
    for (int node = 0; node < nodes_; ++node) {
      const bool returns = node != problem_.source && problem_.workload.return_result;
      if (!lattice_.allows_end(node)) continue;
      offer_all(finished(done[static_cast<std::size_t>(node)]),
                returns ? measure_.back(node, result_bytes(problem_)) : 0);
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
      least_arrived_[static_cast<std::size_t>(node) * static_cast<std::size_t>(lattice_.blocks()) +
                     static_cast<std::size_t>(first)] = best_.front().cost;
    }
    arrived_.insert(arrived_.end(), best_.begin(), best_.end());
    arrived_begin_.push_back(arrived_.size());
    best_.clear();
  }

  [[nodiscard]] std::span<const Label> arrived(int node, int first) const {
    const std::size_t state =
        static_cast<std::size_t>(first) * static_cast<std::size_t>(nodes_) + static_cast<std::size_t>(node);
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
  const Problem& problem_;
  const Measure& measure_;
  int nodes_;  // hosts
  std::size_t width_;
  bool distinct_;
  std::vector<double> slices_;
  std::vector<Label> finished_;  // last slice computed; grows state after state
  std::vector<Label> arrived_;   // what the next slice needs has arrived; `self` names the finished label
  std::vector<std::size_t> arrived_begin_;  // [first * nodes + node]
  std::vector<double> least_arrived_;       // [node * blocks + first]
  std::vector<Label> best_;                 // of the state in hand, ascending
  std::map<std::pair<int, int>, int> sequences_;
};

struct Size {
  double slices = 0;
  double labels = 0;
};

Size size_of(const Lattice& lattice, int width) {
  Size size;
  for (int host = 0; host < lattice.hosts(); ++host) {
    for (int last = 0; last < lattice.blocks(); ++last)
      size.slices += last + 1 - lattice.least_first(host, last);
  }
  size.labels = static_cast<double>(lattice.hosts()) * lattice.blocks() * width;
  return size;
}

}  // namespace

std::vector<Plan> k_best(const Lattice& lattice, const Measure& measure, int width,
                         bool one_per_host_sequence) {
  if (width < 1 || lattice.blocks() < 1) return {};
  const Size size = size_of(lattice, width);
  if (size.slices > kMostSlices || size.labels > kMostLabels) {
    throw Error(ErrorCode::kLimit, lattice.problem().name,
                fmt::format("{} blocks on {} host classes: {:.2g} slices, {:.2g} partial plans",
                            lattice.blocks(), lattice.hosts(), size.slices, size.labels),
                fmt::format("at most {:.0e} slices and {:.0e} partial plans", kMostSlices, kMostLabels),
                "--top 1 with block times that add up takes any number; or merge blocks");
  }
  return KBest(lattice, measure, width, one_per_host_sequence).run();
}

}  // namespace kerf
