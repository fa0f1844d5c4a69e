#pragma once
// What is best in every cell of a grid of unloaded conditions. Where the grid varies bandwidths and delays of
// the network, those two axes are solved at once, as regions (planner/search/regions.hpp); all other axes are
// gone through one after the other.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/progress.hpp"
#include "planner/search/segment_plans.hpp"
#include "scenarios/problem.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

struct UnloadedGrid {
  std::vector<Plan> plans;         // in plan order
  std::vector<PointAnswer> cells;  // row-major, the last axis fastest; the runner-up is on other hosts
  std::optional<Plan> on_source;   // all on the source, where that is feasible in some cell
};

// Reads profiles and platforms once. Every cell is what best_plans() answers for its condition: plan, latency
// and the best plan on another sequence of hosts. (Only where latencies differ by less than 1e-12 of
// themselves, which the search takes for equal, may it name another plan.)
class UnloadedPlanner {
 public:
  explicit UnloadedPlanner(const ScenarioFile& file) : file_(file) {}

  // `axes`: the scenario's, with whatever points.
  [[nodiscard]] UnloadedGrid grid(std::span<const Axis> axes, const StopRequested& stop);
  [[nodiscard]] std::shared_ptr<const Problem> problem(const Condition& condition);

 private:
  const ScenarioFile& file_;
  ProblemBuilder builder_;
};

}  // namespace kerf
