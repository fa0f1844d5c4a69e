#include "planner/search/k_best.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

constexpr double kMostSlices = 3e9;
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

// A way through the state before that lies on this host, or starts with this block, costs no less.
struct Bound {
  double cost;
  int place;
  auto operator<=>(const Bound&) const = default;
};

// The blocks before `block` are done. kDone: the last slice ran on `host`; kArrived: what the next one needs
// is there; kEnd: so is the result, at the source.
enum class Kind { kDone, kArrived, kEnd };

struct State {
  State(Kind of_kind, int at_host, int before_block) : kind(of_kind), host(at_host), block(before_block) {}

  Kind kind;
  int host, block;
  std::vector<Way> ways;      // found so far, ascending
  std::vector<Way> tied;      // the latest of them and those that come next, at the same cost
  std::size_t taken = 0;      // so many of the tied are among the ways, or are not wanted
  std::size_t followed = 0;   // of so many the next way through the state before is among the offers
  std::vector<Way> offers;    // a heap; of each state before that is open one way, the next
  std::vector<Bound> closed;  // states before that are not open yet, descending: the least few of them
  std::size_t more = 4;       // so many are listed when those are used up; 0: there are no others
  Bound listed{-kNever, 0};   // the last of those that ever were
  bool is_exhausted = false;
};

class KBest {
 public:
  KBest(const Lattice& lattice, const Measure& measure, const Fastest& least, std::size_t width,
        bool one_per_host_sequence)
      : lattice_(lattice),
        problem_(lattice.problem()),
        measure_(measure),
        least_(least),
        width_(width),
        distinct_(one_per_host_sequence),
        opened_(
            2 * static_cast<std::size_t>(lattice.hosts()) * static_cast<std::size_t>(lattice.blocks() + 1),
            kNone) {}

  std::vector<Plan> run() {
    states_.emplace_back(Kind::kEnd, kNone, lattice_.blocks());
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
        if (++ways_ > kMostWays) refuse(fmt::format("more than {:.0e} partial plans", kMostWays));
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
      if (here.closed.empty() && here.more > 0) list(here);
      if (here.closed.empty()) return kNone;
      const auto [cost, place] = here.closed.back();
      if (!here.offers.empty() && cost - least_.rounding(cost) > here.offers.front().cost) return kNone;
      const int before = here.kind == Kind::kDone ? open(Kind::kArrived, here.host, place)
                                                  : open(Kind::kDone, place, here.block);
      if (is_missing(before, 0)) return before;
      offer(here, before, 0, step(here, place));
      here.closed.pop_back();
    }
  }

  [[nodiscard]] bool is_missing(int index, int rank) const {
    return state(index).ways.size() <= static_cast<std::size_t>(rank) && !state(index).is_exhausted;
  }

  int open(Kind kind, int host, int block) {
    int& index = opened_[(static_cast<std::size_t>(host) * static_cast<std::size_t>(lattice_.blocks() + 1) +
                          static_cast<std::size_t>(block)) *
                             2 +
                         (kind == Kind::kDone ? 1 : 0)];
    if (index != kNone) return index;
    index = static_cast<int>(states_.size());
    State& opened = states_.emplace_back(kind, host, block);
    if (kind == Kind::kArrived && block == 0) {
      Way& start = opened.ways.emplace_back();
      start.cost = host == problem_.source ? 0 : measure_.move(problem_.source, host, problem_.wire_bytes);
      opened.more = 0;
    }
    return index;
  }

  // Lists the states before that come next by the least that ways through them cost.
  void list(State& here) {
    const std::size_t few = here.more;
    Bound most{kNever, 0};
    here.more = 0;
    const auto keep_few = [&] {
      std::nth_element(here.closed.begin(), here.closed.begin() + static_cast<std::ptrdiff_t>(few) - 1,
                       here.closed.end());
      here.closed.resize(few);
      most = here.closed.back();
      here.more = 8 * few;
    };
    for_each_before(here, [&](double cost, int place) {
      const Bound bound{cost, place};
      if (!(cost <= most.cost) || cost == kNever || !(bound < most) || !(here.listed < bound)) return;
      here.closed.push_back(bound);
      if (here.closed.size() == 2 * few) keep_few();
    });
    if (here.closed.size() > few) keep_few();
    std::sort(here.closed.rbegin(), here.closed.rend());
    if (!here.closed.empty()) here.listed = here.closed.front();
  }

  template <class Take>
  void for_each_before(const State& here, const Take& take) {
    if (here.kind == Kind::kDone) {
      const int least = lattice_.least_first(here.host, here.block - 1);
      least_.ways_done(here.host, here.block - 1, costs_);
      scanned_ += static_cast<double>(costs_.size());
      if (scanned_ > kMostSlices) refuse(fmt::format("more than {:.0e} slices", kMostSlices));
      for (std::size_t i = 0; i < costs_.size(); ++i) take(costs_[i], least + static_cast<int>(i));
      return;
    }
    for (int host = 0; host < lattice_.hosts(); ++host) {
      const bool allowed = here.kind == Kind::kEnd ? lattice_.allows_end(host)
                                                   : lattice_.allows_move(host, here.host, here.block);
      if (allowed) take(least_.done(host, here.block - 1) + step(here, host), host);
    }
  }

  // What leads from the state before that lies on the host, or starts with the block, to this one.
  [[nodiscard]] double step(const State& here, int place) const {
    switch (here.kind) {
      case Kind::kDone:
        return measure_.slice(problem_, {here.host, place, here.block - 1});
      case Kind::kArrived:
        return measure_.move(place, here.host, problem_.bytes_into(here.block));
      case Kind::kEnd:
        break;
    }
    const bool returns = place != problem_.source && problem_.workload.return_result;
    return returns ? measure_.back(place, result_bytes(problem_)) : 0;
  }

  void offer(State& here, int before, int rank, double step) {
    const std::vector<Way>& ways = state(before).ways;
    if (ways.size() <= static_cast<std::size_t>(rank)) return;
    const Way& from = ways[static_cast<std::size_t>(rank)];
    const bool is_slice = distinct_ && here.kind == Kind::kDone;
    const int sequence = is_slice ? extend(from.sequence, here.host) : from.sequence;
    if (!(from.cost + step < kNever)) return;
    here.offers.push_back({from.cost + step, step, before, rank, sequence});
    std::push_heap(here.offers.begin(), here.offers.end(), costs_more);
  }

  [[nodiscard]] std::vector<Stage> stages(int index, const Way& way) const {
    std::vector<Stage> all;
    const State* here = &state(index);
    for (const Way* at = &way; at->before != kNone;) {
      const State& before = state(at->before);
      if (here->kind == Kind::kDone) all.push_back({here->host, before.block, here->block - 1});
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

  [[noreturn]] void refuse(std::string found) const {
    throw Error(ErrorCode::kLimit, problem_.name,
                fmt::format("{} blocks on {} host classes: {}", lattice_.blocks(), lattice_.hosts(), found),
                "plans that are found in reasonable time",
                "--top 1 with block times that add up takes any number; or merge blocks");
  }

  const Lattice& lattice_;
  const Problem& problem_;
  const Measure& measure_;
  const Fastest& least_;
  std::size_t width_;
  bool distinct_;
  std::deque<State> states_;  // the plan's end first
  std::vector<int> opened_;   // [(host * (blocks + 1) + block) * 2 + done]: its state, or kNone
  std::vector<int> todo_;
  std::vector<double> costs_;
  std::map<std::pair<int, int>, int> sequences_;
  double scanned_ = 0;
  double ways_ = 0;
};

}  // namespace

std::vector<Plan> k_best(const Lattice& lattice, const Measure& measure, const Fastest& least, int width,
                         bool one_per_host_sequence) {
  if (width < 1 || lattice.blocks() < 1) return {};
  return KBest(lattice, measure, least, static_cast<std::size_t>(width), one_per_host_sequence).run();
}

}  // namespace kerf
