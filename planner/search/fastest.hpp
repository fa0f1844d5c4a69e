#pragma once
// The best plan where a slice takes the sum of its blocks, in O(blocks * hosts^2). With B_h[k] the sum of the
// blocks before k on host h, the cheapest way to have done blocks 0..j with the last slice on h is
//
//   done_h[j] = B_h[j + 1] + min over first <= j of (arrive_h[first] - B_h[first])
//
// and the minimum is kept while j grows: all firsts that least_first allows form a window that only moves
// forward (a queue of falling candidates, as in sliding-window minima), so each costs O(1).
//
//   Fastest fastest(lattice, measure);                 // sums and windows: once for a model and its hosts
//   fastest.set_links(latency_of(other_condition));    // hosts^2 numbers
//   const Plan* plan = fastest.run();                  // microseconds
//
// Neither constraint windows nor sums depend on the links; what may be sent where does not either, as long as
// the same routes exist.

#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/measure.hpp"

namespace kerf {

class Fastest {
 public:
  // Whether slices on every host are sums of their blocks, and every constraint on them a window.
  [[nodiscard]] static bool applies(const Lattice& lattice);
  // Needs applies(). The measure is of seconds and transfers alone. The lattice must outlive this.
  Fastest(const Lattice& lattice, const Measure& measure);

  void set_links(const Measure& measure);

  // nullptr where no plan is feasible; else valid until the next run. Of plans that cost the same to one part
  // in 10^12 any: is_tied() says that there may have been such a choice.
  [[nodiscard]] const Plan* run();
  [[nodiscard]] double cost() const { return cost_; }
  [[nodiscard]] bool is_tied() const { return tied_; }

 private:
  struct Move {
    int from, to;
    double per_message, per_byte;
    double most_bytes;
  };
  struct Candidate {
    double key;  // arrive - sum before
    int first;
  };

  [[nodiscard]] std::size_t at(int block, int host) const {
    return static_cast<std::size_t>(block) * hosts_ + static_cast<std::size_t>(host);
  }
  void begin();
  void compute(int block);
  void arrive(int first);
  [[nodiscard]] const Plan* finish();
  void take(double& best, int& chosen, double cost, int choice);

  const Lattice& lattice_;
  std::size_t hosts_;
  int blocks_;
  std::vector<double> sums_;     // [block * hosts + host], blocks + 1 of each: before the block
  std::vector<double> bytes_;    // [cut]
  std::vector<double> decode_;   // [host]: of an input that was sent there
  std::vector<bool> may_leave_;  // [cut]: the source
  std::vector<Move> moves_;
  std::vector<Measure::Link> starts_, returns_;  // [host]
  std::vector<double> arrived_, done_;           // [host]
  std::vector<std::vector<Candidate>> queue_;    // [host][head..]: keys rise
  std::vector<std::size_t> head_;                // [host]
  std::vector<int> sender_;                      // [first * hosts + host]: whose slice came before
  std::vector<int> first_;                       // [last * hosts + host]: where the slice began
  double slack_ = 0;
  double cost_ = 0;
  bool tied_ = false;
  Plan plan_;
};

}  // namespace kerf
