#pragma once
// From which states a state of a lattice can be reached, for the search for k best plans (k_best.hpp): by the
// least that ways through them cost, a few at a time, since most are never wanted.

#include <compare>
#include <limits>
#include <string>
#include <vector>

#include "planner/search/fastest.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/measure.hpp"

namespace kerf {

// The blocks before `block` are done. kDone: the last slice ran on `host`; kArrived: what the next one needs
// is there; kEnd: so is the result, at the source.
enum class StateKind { kDone, kArrived, kEnd };
struct StateName {
  StateKind kind;
  int host, block;
};

// A way through the state before that lies on this host, or whose slice starts with this block, costs no
// less.
struct Bound {
  double cost;
  int place;
  auto operator<=>(const Bound&) const = default;
};

// Of one state: how far its predecessors have been listed.
struct Listing {
  std::vector<Bound> next;  // descending: the least few of those that were not taken
  std::size_t more = 4;     // so many are listed when those are used up; 0: there are no others
  Bound last{-std::numeric_limits<double>::infinity(), 0};  // of those that ever were listed
};

class Predecessors {
 public:
  // `least`: after a run with the same lattice and measure. All must outlive this.
  Predecessors(const Lattice& lattice, const Measure& measure, const Fastest& least)
      : lattice_(lattice), problem_(lattice.problem()), measure_(measure), least_(least) {}

  // The next of them into listing.next, which is used up; none where there are no others. Error(kLimit) where
  // more slices would have to be looked at than is reasonable.
  void list(const StateName& state, Listing& listing);
  [[nodiscard]] static StateName before(const StateName& state, int place) {
    return state.kind == StateKind::kDone ? StateName{StateKind::kArrived, state.host, place}
                                          : StateName{StateKind::kDone, place, state.block};
  }
  // What leads from there to the state.
  [[nodiscard]] double step(const StateName& state, int place) const;
  // What a plan that begins on the host pays before its first slice.
  [[nodiscard]] double start(int host) const;
  [[noreturn]] void refuse(const std::string& found) const;

 private:
  template <class Take>
  void for_each(const StateName& state, const Take& take);

  const Lattice& lattice_;
  const Problem& problem_;
  const Measure& measure_;
  const Fastest& least_;
  std::vector<double> costs_;
  double scanned_ = 0;
};

}  // namespace kerf
