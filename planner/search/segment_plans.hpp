#pragma once
// The plans that can be best while the network goes in a straight line from one state to another.
//
// Without queueing a plan's latency is
//
//     sum of slices' times + sum over moves (delay + overhead) + sum over moves bytes x (1 / bandwidth)
//
// All plans on one sequence of hosts make the same moves, so delays and overheads decide only between
// sequences. Within one, as 1 / bandwidth of every path goes linearly from its value in `from` to that in
// `to` (t from 0 to 1), each plan is a line segment, and those on the lower envelope are all that is ever
// needed, at whatever delays. They are found by dynamic programming over (blocks done, host of the last
// slice) that keeps an envelope for each state, not a number: what is off the envelope of a state stays off
// it whatever follows. Constraints are local to a slice or a move, as in lattice.hpp.
//
// Segments are kept a little above the envelope, far more than rounding, and a point is answered by adding
// up in the order of cost_of(): plan and latency are those of cost_of() over all plans, to the last bit,
// ties by plan order.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

// One for each pair of classes, as Problem::paths.
using Paths = std::vector<std::optional<Path>>;

// The best plan, and the best of those on another sequence of hosts.
struct PointAnswer {
  int plan = -1;  // index into SegmentPlans::plans(); -1: nothing is feasible
  int runner_up = -1;
  double latency = 0;  // seconds; meaningless where the index is -1
  double runner_up_latency = 0;
};

class SegmentPlans {
 public:
  // How the plans on one sequence of hosts are costed: transfer, stage, transfer, stage, ... transfer.
  struct Sequence {
    std::vector<int> hosts;
    bool starts_away = false;        // from the source: the first transfer brings the input
    bool returns = false;            // the last transfer brings the result back
    std::vector<std::size_t> moves;  // which path each transfer takes, in order
    std::vector<int> plans;          // indices into plans(), ascending
    std::vector<double> compute;     // [plan]: all its stages, seconds
    std::vector<double> stages;      // [plan][stage], seconds
    std::vector<double> bytes;       // [plan][move]

    // Latency in the order of cost_of(). fixed: delay + overhead of each move; wire: bytes / bandwidth.
    template <class Fixed, class Wire>
    [[nodiscard]] double latency(std::size_t plan, Fixed fixed, Wire wire) const {
      const double* stage = stages.data() + plan * hosts.size();
      double sum = 0;
      std::size_t move = 0;
      for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (i > 0 || starts_away) {
          sum += fixed(move) + wire(move);
          ++move;
        }
        sum += stage[i];
      }
      if (returns) sum += fixed(move) + wire(move);
      return sum;
    }
  };

  // `from` and `to` have routes where the problem has them. Only bandwidths count. Needs can_make(problem).
  SegmentPlans(const Problem& problem, const Paths& from, const Paths& to);

  // Whether plans go through rising ranks under nothing but hosts' own constraints on blocks, use, memory and
  // uploads, and there are at most 4096 sequences of hosts.
  [[nodiscard]] static bool can_make(const Problem& problem);

  [[nodiscard]] const std::vector<Plan>& plans() const { return plans_; }  // in plan order
  [[nodiscard]] const std::vector<Sequence>& sequences() const { return sequences_; }

  // At one state of the network on the line: any delays and overheads. Nothing is allocated.
  [[nodiscard]] PointAnswer best_at(std::span<const std::optional<Path>> paths) const;

 private:
  std::vector<Plan> plans_;
  std::vector<Sequence> sequences_;
  std::size_t most_moves_ = 0;
};

}  // namespace kerf
