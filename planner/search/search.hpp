#pragma once
// Exact search over plans: every way to give the chain's blocks, in order, to hosts of rising rank, starting anywhere.
// Dynamic programming over (blocks done, host of the last slice), keeping the k best of each state; constraints are
// filters on slices and moves, so they cost nothing in exactness. O(hosts^2 * blocks^2 * k).

#include <string>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/cost.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

struct SearchOptions {
  int top = 5;
  // Leaves out slices and transfers that alone would keep a host's workers or a shared link busy all the time at the
  // workload's rate: what remains can be stable under load. Only for periodic and poisson arrivals.
  bool stable_only = false;
};

struct SearchResult {
  std::vector<PlanCost> plans;  // at most `top`, by latency, ties by plan order
  std::vector<std::string> infeasible_because;  // where plans is empty: each constraint or missing route that excludes all
};

[[nodiscard]] SearchResult best_plans(const Problem& problem, const SearchOptions& options = {});

// All blocks on one host, for every host on which that is feasible, in host order.
[[nodiscard]] std::vector<PlanCost> one_host_plans(const Problem& problem);

// What the sweep simulates: best plans, best stable plans, all-on-one-host plans; each once, by latency, ties by plan
// order.
[[nodiscard]] std::vector<PlanCost> candidates(const Problem& problem, int at_least);

}  // namespace kerf
