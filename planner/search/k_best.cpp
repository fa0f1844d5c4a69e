#include "planner/search/k_best.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <utility>

#include "planner/search/predecessors.hpp"

namespace kerf {
namespace {

constexpr double kMostWays = 1e7;
constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr int kNone = -1;

// One way to a state: the rank-th way to the state before it, and a step.
struct Way {
  double cost = kNever;
  double step = 0;
  int before = kNone;  // a state; none where a plan begins
  int rank = 0;
  int sequence = 0;  // which hosts, in order
};

struct State {
  explicit State(const StateName& of) : name(of) {}

  StateName name;
  std::vector<Way> ways;     // found so far, ascending
  std::vector<Way> tied;     // the latest of them and those that come next, at the same cost
  std::size_t taken = 0;     // so many of the tied are among the ways, or are not wanted
  std::size_t followed = 0;  // of so many the next way through the state before is among the offers
  std::vector<Way> offers;   // a heap; of each state before that is open one way, the next
  Listing closed;            // states before that are not open yet
  bool is_exhausted = false;
};

class KBest {
 public:
  KBest(const Lattice& lattice, const Measure& measure, const Fastest& least, std::size_t width,
        bool one_per_host_sequence)
      : lattice_(lattice),
        least_(least),
        predecessors_(lattice, measure, least),
        width_(width),
        distinct_(one_per_host_sequence),
        opened_(
            2 * static_cast<std::size_t>(lattice.hosts()) * static_cast<std::size_t>(lattice.blocks() + 1),
            kNone) {}

  std::vector<Plan> run() {
    states_.emplace_back(StateName{StateKind::kEnd, kNone, lattice_.blocks()});
    std::vector<Plan> plans;
    while (plans.size() < width_ && find_next(0)) plans.push_back({stages(0, state(0).ways.back())});
    return plans;
  }

 private:
  [[nodiscard]] State& state(int index) { return states_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] const State& state(int index) const { return states_[static_cast<std::size_t>(index)]; }

  // Finds one way more to a state, if there is one. Depth first, on a stack of our own: plans may have
  // thousands of slices.
  bool find_next(int goal) {
    const std::size_t known = state(goal).ways.size();
    todo_.assign(1, goal);
    while (!todo_.empty()) {
      const int missing = advance(todo_.back());
      if (missing == kNone) {
        todo_.pop_back();
      } else {
        todo_.push_back(missing);
      }
    }
    return state(goal).ways.size() > known;
  }

  // Adds the next way to a state, or notes that there is none. Where that takes one way more to a state
  // before it: that state, and nothing is done.
  int advance(int index) {
    State& here = state(index);
    while (true) {
      const bool is_tie = here.tied.size() > 1;
      if (here.taken < here.tied.size() && (!is_tie || here.followed == here.tied.size())) {
        const Way& way = here.tied[here.taken++];
        if (distinct_ && is_known(here, way.sequence)) continue;
        here.ways.push_back(way);
        if (++ways_ > kMostWays)
          predecessors_.refuse(fmt::format("more than {:.0e} partial plans", kMostWays));
        return kNone;
      }
      if (here.followed < here.tied.size()) {
        const Way way = here.tied[here.followed];
        if (is_missing(way.before, way.rank + 1)) return way.before;
        offer(here, way.before, way.rank + 1, way.step);
        ++here.followed;
        // By rounding what comes next may cost as much, too, and come first in plan order.
        if (is_tie) take_tied(here, way.cost);
        if (is_tie && here.followed == here.tied.size()) sort_by_plan(index, here.tied);
        continue;
      }
      if (const int missing = open_before(here); missing != kNone) return missing;
      here.is_exhausted = here.offers.empty();
      if (here.is_exhausted) return kNone;
      here.tied.clear();
      here.taken = here.followed = 0;
      take_tied(here, here.offers.front().cost);
    }
  }

  static bool costs_more(const Way& a, const Way& b) { return a.cost > b.cost; }

  static void take_tied(State& here, double cost) {
    while (!here.offers.empty() && here.offers.front().cost == cost) {
      std::pop_heap(here.offers.begin(), here.offers.end(), costs_more);
      here.tied.push_back(here.offers.back());
      here.offers.pop_back();
    }
  }

  void sort_by_plan(int index, std::vector<Way>& ways) const {
    std::sort(ways.begin(), ways.end(),
              [&](const Way& a, const Way& b) { return stages(index, a) < stages(index, b); });
  }

  // Opens every state before that the next way may come through.
  int open_before(State& here) {
    while (true) {
      if (here.closed.next.empty() && here.closed.more > 0) predecessors_.list(here.name, here.closed);
      if (here.closed.next.empty()) return kNone;
      const auto [cost, place] = here.closed.next.back();
      if (!here.offers.empty() && cost - least_.rounding(cost) > here.offers.front().cost) return kNone;
      const int before = open(Predecessors::before(here.name, place));
      if (is_missing(before, 0)) return before;
      offer(here, before, 0, predecessors_.step(here.name, place));
      here.closed.next.pop_back();
    }
  }

  [[nodiscard]] bool is_missing(int index, int rank) const {
    return state(index).ways.size() <= static_cast<std::size_t>(rank) && !state(index).is_exhausted;
  }

  int open(const StateName& name) {
    const std::size_t place =
        static_cast<std::size_t>(name.host) * static_cast<std::size_t>(lattice_.blocks() + 1) +
        static_cast<std::size_t>(name.block);
    int& index = opened_[place * 2 + (name.kind == StateKind::kDone ? 1 : 0)];
    if (index != kNone) return index;
    index = static_cast<int>(states_.size());
    State& opened = states_.emplace_back(name);
    if (name.kind == StateKind::kArrived && name.block == 0) {
      opened.ways.emplace_back().cost = predecessors_.start(name.host);
      opened.closed.more = 0;
    }
    return index;
  }

  void offer(State& here, int before, int rank, double step) {
    const std::vector<Way>& ways = state(before).ways;
    if (ways.size() <= static_cast<std::size_t>(rank)) return;
    const Way& from = ways[static_cast<std::size_t>(rank)];
    const bool is_slice = distinct_ && here.name.kind == StateKind::kDone;
    const int sequence = is_slice ? extend(from.sequence, here.name.host) : from.sequence;
    if (!(from.cost + step < kNever)) return;
    here.offers.push_back({from.cost + step, step, before, rank, sequence});
    std::push_heap(here.offers.begin(), here.offers.end(), costs_more);
  }

  [[nodiscard]] std::vector<Stage> stages(int index, const Way& way) const {
    std::vector<Stage> all;
    const State* here = &state(index);
    for (const Way* at = &way; at->before != kNone;) {
      const State& before = state(at->before);
      if (here->name.kind == StateKind::kDone)
        all.push_back({here->name.host, before.name.block, here->name.block - 1});
      here = &before;
      at = &before.ways[static_cast<std::size_t>(at->rank)];
    }
    std::reverse(all.begin(), all.end());
    return all;
  }

  [[nodiscard]] static bool is_known(const State& here, int sequence) {
    return std::any_of(here.ways.begin(), here.ways.end(),
                       [sequence](const Way& way) { return way.sequence == sequence; });
  }
  int extend(int sequence, int host) {
    return sequences_.emplace(std::pair(sequence, host), static_cast<int>(sequences_.size()) + 1)
        .first->second;
  }

  const Lattice& lattice_;
  const Fastest& least_;
  Predecessors predecessors_;
  std::size_t width_;
  bool distinct_;
  std::deque<State> states_;  // the plan's end first
  std::vector<int> opened_;   // [(host * (blocks + 1) + block) * 2 + done]: its state, or kNone
  std::vector<int> todo_;
  std::map<std::pair<int, int>, int> sequences_;
  double ways_ = 0;
};

}  // namespace

std::vector<Plan> k_best(const Lattice& lattice, const Measure& measure, const Fastest& least, int width,
                         bool one_per_host_sequence) {
  if (width < 1 || lattice.blocks() < 1) return {};
  return KBest(lattice, measure, least, static_cast<std::size_t>(width), one_per_host_sequence).run();
}

}  // namespace kerf
