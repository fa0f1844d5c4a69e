#pragma once
// Exact search over plans: every way to give the chain's blocks, in order, to hosts, starting anywhere; by
// default each slice's tier ranks above the one before, [plans] of the scenario may allow any order. Plans
// are ranked by the problem's objective under all its constraints together; solve.hpp says how. Everything
// here is a pure function of the problem.
//
//   const SearchResult found = best_plans(problem, {.top = 3});
//   if (found.plans.empty()) report(found.infeasible_because);

#include <string>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/cost.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

struct SearchOptions {
  int top = 5;
  // Leaves out slices and transfers that alone would keep a host's workers or a shared link busy all the time
  // at the workload's rate: what remains can be stable under load. Only for periodic and poisson arrivals.
  bool stable_only = false;
  // Only the best plan of each sequence of hosts: camera, edge, camera then edge, ... Of near copies of the
  // best plan, which differ by one block, one is enough where plans are to be tried under load.
  bool one_per_host_sequence = false;
};

struct SearchResult {
  std::vector<PlanCost> plans;  // at most `top`, by the objective, ties by plan order
  // Where plans is empty: every constraint and missing route without which alone there would be a plan, with
  // the nearest value that would do; where there is none such, all of them.
  std::vector<std::string> infeasible_because;
};

// Error(kLimit) where coupled constraints on very long chains would take too long.
[[nodiscard]] SearchResult best_plans(const Problem& problem, const SearchOptions& options = {});

// The plans that no other betters in one of the criteria without being worse in another, by the first
// criterion, then the others; of plans that are equal in all, the first in plan order.
[[nodiscard]] SearchResult pareto_front(const Problem& problem, const std::vector<Criterion>& criteria);

// All blocks on one host, for every host on which that is feasible, in host order.
[[nodiscard]] std::vector<PlanCost> one_host_plans(const Problem& problem);

// What the sweep simulates, by latency whatever the objective: the best plans of `at_least` host sequences,
// the same among stable plans, the best plans that leave a quarter and half of every host and link idle,
// all-on-one-host plans; where these are fewer than at_least, also the overall best. Each once, by latency,
// ties by plan order. At least at_least wherever so many are feasible; empty where none is.
[[nodiscard]] std::vector<PlanCost> candidates(const Problem& problem, int at_least);

}  // namespace kerf
