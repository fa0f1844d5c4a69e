#include "planner/search/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <queue>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "planner/search/completions.hpp"
#include "planner/search/constraints.hpp"
#include "planner/search/visits.hpp"

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Whether `a` ranks behind `b` by more than rounding.
bool is_behind(const Rank& a, const Rank& b) {
  for (std::size_t level = 0; level < a.size(); ++level) {
    const double slack = 1e-12 * std::abs(b[level]);
    if (a[level] > b[level] + slack) return true;
    if (a[level] < b[level] - slack) return false;
  }
  return false;
}

struct Label {
  int parent = -1;
  Stage stage;       // the last one done; of a plan's beginning: none
  int host = 0;      // which runs the next slice; -1: the plan is complete
  int slices = 0;    // done
  int sequence = 0;  // which hosts, in order
  Visits::Mask visited = 0;

  [[nodiscard]] int done() const { return parent < 0 ? 0 : stage.last_block + 1; }
};

class LabelSearch {
 public:
  LabelSearch(const Lattice& lattice, const Goal& goal, const std::vector<Budget>& budgets,
              const LabelOptions& options)
      : lattice_(lattice),
        problem_(lattice.problem()),
        goal_(goal),
        options_(options),
        width_(static_cast<std::size_t>(options.width)),
        visits_(lattice.problem()),
        totals_(lattice, goal, budgets),
        completions_(lattice, totals_),
        settled_(static_cast<std::size_t>(lattice.blocks()) * static_cast<std::size_t>(lattice.hosts())) {}

  std::vector<Plan> run() {
    begin();
    while (!queue_.empty()) {
      const Entry next = queue_.top();
      queue_.pop();
      if (is_beyond(next.rank)) break;
      if (labels_[next.label].host < 0) {
        finish(next);
      } else if (settle(next.label)) {
        expand(next.label);
      }
    }
    return std::move(plans_);
  }

 private:
  using Values = std::vector<double>;
  struct Entry {
    Rank rank;
    std::size_t label;
    bool operator<(const Entry& other) const {
      return rank != other.rank ? rank > other.rank : label > other.label;
    }
  };

  [[nodiscard]] std::span<const double> values(std::size_t label) const {
    return std::span(values_).subspan(label * totals_.count(), totals_.count());
  }

  void begin() {
    for (int host = 0; host < lattice_.hosts(); ++host) {
      if (!lattice_.allows_start(host)) continue;
      Values start(totals_.count());
      if (host != problem_.source) totals_.move(problem_.source, host, problem_.wire_bytes, start);
      Label label;
      label.host = host;
      offer(label, start);
    }
  }

  // The rank of the best completion there may be, unless none can be wanted.
  std::optional<Rank> wanted(const Values& values, const double* least) {
    if (++steps_ > kMostSteps) refuse(fmt::format("more than {:.0e} partial plans", kMostSteps));
    if (!totals_.affordable(values, least)) return std::nullopt;
    const Rank rank = totals_.rank(values, least);
    if (!(rank[0] < kNever) || is_beyond(rank) || (options_.pareto && is_covered(values, least)))
      return std::nullopt;
    return rank;
  }

  // Queues a label unless no completion of it can be wanted.
  void offer(const Label& label, const Values& values) {
    const bool complete = label.host < 0;
    const double* const least = complete ? nullptr : completions_.least(label.done(), label.host);
    const std::optional<Rank> rank = wanted(values, least);
    if (!rank) return;
    if (complete) count(*rank);
    if (labels_.size() == kMostLabels) refuse(fmt::format("more than {} partial plans to keep", kMostLabels));
    queue_.push({*rank, labels_.size()});
    labels_.push_back(label);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  [[noreturn]] void refuse(std::string found) const {
    throw Error(ErrorCode::kLimit, problem_.name, std::move(found),
                "constraints under which the search ends in reasonable time",
                "fewer caps on energy, price, shares or bytes, or tighter ones");
  }

  // Ranks of complete plans that are queued: none behind the width-th is wanted.
  void count(const Rank& rank) {
    if (options_.pareto || options_.one_per_host_sequence) return;
    best_.insert(std::upper_bound(best_.begin(), best_.end(), rank), rank);
    if (best_.size() > width_) best_.pop_back();
  }
  [[nodiscard]] bool is_beyond(const Rank& rank) const {
    return !options_.pareto && best_.size() == width_ && is_behind(rank, best_.back());
  }

  void expand(std::size_t index) {
    const Label from = labels_[index];
    const int first = from.done();
    Values here(totals_.count());
    Values there(totals_.count());
    Label next;
    next.parent = static_cast<int>(index);
    next.slices = from.slices + 1;
    next.sequence = options_.one_per_host_sequence ? extend(from.sequence, from.host) : 0;
    next.visited = visits_.after(from.visited, from.host);
    const bool last_slice = problem_.rules.slices && next.slices >= *problem_.rules.slices;
    for (int last = last_slice ? problem_.blocks - 1 : longest(from.host, first); last >= first; --last) {
      next.stage = {from.host, first, last};
      if (!lattice_.allows(next.stage)) {
        if (last_slice) return;
        continue;
      }
      const double seconds = stage_time(problem_, next.stage).value();
      if (!(seconds < kNever)) continue;
      std::copy_n(values(index).begin(), here.size(), here.begin());
      totals_.slice(next.stage, seconds, here);
      if (last + 1 == problem_.blocks) {
        complete(next, here);
        if (last_slice) return;
        continue;
      }
      if (!wanted(here, completions_.after(last, from.host))) continue;
      for (int to = 0; to < lattice_.hosts(); ++to) {
        if (!lattice_.allows_move(from.host, to, last + 1) || !visits_.allow(next.visited, to)) continue;
        there = here;
        totals_.move(from.host, to, problem_.bytes_into(last + 1), there);
        next.host = to;
        offer(next, there);
      }
    }
  }

  // The last block of the longest slice that may start with `first`, as far as windows say.
  [[nodiscard]] int longest(int host, int first) const {
    int low = first - 1;
    int high = problem_.blocks - 1;
    while (low < high) {
      const int middle = low + (high - low + 1) / 2;
      if (lattice_.least_first(host, middle) <= first) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  void complete(Label label, Values& values) {
    const int at = label.stage.host;
    if (!lattice_.allows_end(at) || !visits_.complete(label.visited)) return;
    if (at != problem_.source && problem_.workload.return_result) {
      totals_.back(at, result_bytes(problem_), values);
    }
    label.host = -1;
    offer(label, values);
  }

  void finish(const Entry& entry) {
    if (options_.pareto) {
      if (is_covered(values(entry.label), nullptr)) return;
      front_.push_back(entry.label);
    } else if (options_.one_per_host_sequence) {
      const auto [known, is_new] = found_.emplace(labels_[entry.label].sequence, entry.rank);
      if (!is_new && is_behind(entry.rank, known->second)) return;
      if (is_new && best_.size() < width_) best_.push_back(entry.rank);
    }
    plans_.push_back({stages(entry.label)});
  }

  // Whether a plan on the front is as good in all criteria and better in one by more than rounding.
  [[nodiscard]] bool is_covered(std::span<const double> values, const double* least) const {
    const std::vector<double> mine = totals_.criteria(values, least);
    return std::any_of(front_.begin(), front_.end(), [&](std::size_t other) {
      const std::vector<double> theirs = totals_.criteria(this->values(other), nullptr);
      bool better = false;
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (theirs[i] > mine[i]) return false;
        better = better || theirs[i] < mine[i] - 1e-12 * std::abs(mine[i]);
      }
      return better;
    });
  }

  // Keeps the label for its state, unless enough others there are as good.
  bool settle(std::size_t index) {
    const Label& label = labels_[index];
    std::vector<std::size_t>& others =
        settled_[static_cast<std::size_t>(label.done()) * static_cast<std::size_t>(lattice_.hosts()) +
                 static_cast<std::size_t>(label.host)];
    std::vector<int> sequences;
    std::size_t dominated = 0;
    const std::size_t enough = options_.pareto ? 1 : width_;
    for (const std::size_t other : others) {
      if (!dominates(other, index)) continue;
      if (options_.one_per_host_sequence) {
        const int sequence = labels_[other].sequence;
        if (sequence == label.sequence) return false;
        if (std::find(sequences.begin(), sequences.end(), sequence) != sequences.end()) continue;
        sequences.push_back(sequence);
      }
      if (++dominated >= enough) return false;
    }
    others.push_back(index);
    return true;
  }

  [[nodiscard]] bool dominates(std::size_t a, std::size_t b) const {
    if (!visits_.as_free(labels_[a].visited, labels_[b].visited)) return false;
    if (problem_.rules.slices && labels_[a].slices > labels_[b].slices) return false;
    const auto comparison = totals_.compare(values(a), values(b));
    if (comparison == Totals::Comparison::kNo) return false;
    return comparison == Totals::Comparison::kBetter || stages(a) < stages(b);
  }

  [[nodiscard]] std::vector<Stage> stages(std::size_t label) const {
    std::vector<Stage> all;
    for (const Label* at = &labels_[label]; at->parent >= 0;
         at = &labels_[static_cast<std::size_t>(at->parent)]) {
      all.push_back(at->stage);
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
  const Goal& goal_;
  LabelOptions options_;
  std::size_t width_;
  Visits visits_;
  Totals totals_;
  Completions completions_;
  std::vector<Label> labels_;
  std::vector<double> values_;                     // [label * totals_.count() + k]
  std::vector<std::vector<std::size_t>> settled_;  // [first * hosts + host]
  std::priority_queue<Entry> queue_;
  std::vector<Rank> best_;  // of complete plans, ascending, at most `width`
  std::vector<std::size_t> front_;
  std::map<int, Rank> found_;  // sequence -> rank of its best
  std::map<std::pair<int, int>, int> sequences_;
  std::vector<Plan> plans_;
  double steps_ = 0;
};

}  // namespace

std::vector<Plan> search_labels(const Lattice& lattice, const Goal& goal, const std::vector<Budget>& budgets,
                                const LabelOptions& options) {
  if (options.width < 1 || lattice.blocks() < 1) return {};
  return LabelSearch(lattice, goal, budgets, options).run();
}

}  // namespace kerf
