#pragma once
// The least that any way to each state of a lattice costs, and the best plan: dynamic programming over
// (blocks done, host of the last slice), in two steps,
//
//   done_h[j]    = min over first <= j of (arrived_h[first] + slice_h(first..j))
//   arrived_h[i] = min over hosts g of (done_g[i - 1] + move_gh(i))
//
// Where a slice takes the sum of its blocks, with B_h[k] the sum of those before k on host h,
//
//   done_h[j] = B_h[j + 1] + min over first <= j of (arrived_h[first] - B_h[first])
//
// and the minimum is kept while j grows: the firsts that least_first allows form a window that only moves
// forward (a queue of rising candidates, as in sliding-window minima). O(blocks * hosts^2) then; measured
// slices are looked at one by one, O(blocks^2) a host.
//
//   Fastest fastest(lattice, measure);                 // sums and windows: once for a model and its hosts
//   fastest.set_links(latency_of(other_condition));    // hosts^2 numbers
//   const Plan* plan = fastest.run();                  // microseconds
//
// Neither constraint windows nor sums depend on the links; what may be sent where does not either, as long as
// the same routes exist.

#include <cmath>
#include <span>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/measure.hpp"
#include "planner/search/sliding_minimum.hpp"

namespace kerf {

class Fastest {
 public:
  // The measure is of seconds and transfers alone. The lattice must outlive this. Error(kLimit) where there
  // are too many measured slices to look at.
  Fastest(const Lattice& lattice, const Measure& measure);

  void set_links(const Measure& measure);

  // nullptr where no plan is feasible; else valid until the next run. Of plans that cost the same to
  // rounding() any: is_tied() says that there is such a choice.
  [[nodiscard]] const Plan* run();
  [[nodiscard]] double cost() const { return cost_; }
  [[nodiscard]] bool is_tied() const { return tied_; }

  // What the last run found, in an order of adding of its own: within rounding() of what cost_of() would
  // find. `costs` is of the size of the window of slices that end with `last`: the least of each way to it by
  // the slice's first block, from least_first on.
  [[nodiscard]] double done(int host, int last) const { return done_[at(host, last)]; }
  void ways_done(int host, int last, std::vector<double>& costs) const;
  // How far sums of about `cost` may be apart and yet be equal.
  [[nodiscard]] double rounding(double cost) const { return rounding_ * (most_ + std::abs(cost)); }

 private:
  struct Move {
    int from, to;
    double per_message, per_byte;
    double most_bytes;
  };
  [[nodiscard]] std::size_t at(int host, int block) const {
    return static_cast<std::size_t>(host) * static_cast<std::size_t>(blocks_) +
           static_cast<std::size_t>(block);
  }
  // [block]: the sum of those before; blocks + 1 of them.
  [[nodiscard]] const double* sums(int host) const {
    return sums_.data() + static_cast<std::size_t>(host) * static_cast<std::size_t>(blocks_ + 1);
  }
  [[nodiscard]] bool adds_up(int host) const { return adds_up_[static_cast<std::size_t>(host)]; }
  [[nodiscard]] const std::vector<double>& bytes_from(int host) const;
  void add_up(int host);
  void begin();
  void arrive(int host, int begin, int end);
  void compute(int host, int begin, int end);
  void slide(int host, int begin, int end);
  void scan(int host, int begin, int end);
  [[nodiscard]] const Plan* trace();
  [[nodiscard]] int best_first(int host, int last);
  [[nodiscard]] int best_sender(int host, int first);
  [[nodiscard]] std::size_t choose(std::span<const double> costs);

  const Lattice& lattice_;
  int hosts_;
  int blocks_;
  std::vector<double> rate_;     // [host]: per second
  std::vector<bool> adds_up_;    // [host]
  std::vector<int> by_rank_;     // hosts; empty where ranks need not rise
  std::vector<double> sums_;     // [host * (blocks + 1) + block]
  std::vector<double> bytes_;    // [cut]
  std::vector<double> leaving_;  // [cut]: the source, infinite where they must not; empty where all may
  std::vector<Move> moves_;      // by receiver
  std::vector<std::size_t> moves_begin_;  // [receiver]
  std::vector<Measure::Link> starts_;     // [host]: of the input
  std::vector<double> returns_;           // [host]: of the result
  std::vector<double> arrived_, done_;    // [host * blocks + block]
  std::vector<int> first_;  // [host * blocks + last], where times add up: where the slice begins
  // [host]: of arrived - sum before
  std::vector<SlidingMinimum::Candidate> least_;
  std::vector<SlidingMinimum> windows_;
  mutable std::vector<double> slices_;
  std::vector<double> ways_;
  double rounding_;  // one part in 10^12, more on chains of many thousand blocks
  double most_ = 0;  // of all sums
  double cost_ = 0;
  bool tied_ = false;
  Plan plan_;
};

}  // namespace kerf
