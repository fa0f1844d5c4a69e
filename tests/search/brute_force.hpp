#pragma once
// Every plan there is, found without any of the search's ideas: each assignment of blocks to hosts is tried,
// and constraints are checked on the whole plan.

#include <vector>

#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"

namespace kerf::testing {

struct PricedPlan {
  double latency = 0;
  Plan plan;
  auto operator<=>(const PricedPlan&) const = default;
};

// All feasible plans by latency, then plan order. With fill > 0 also those that break the load limit are left
// out.
[[nodiscard]] std::vector<PricedPlan> all_plans(const Problem& problem, double fill = 0);

// The first of each sequence of hosts.
[[nodiscard]] std::vector<PricedPlan> first_of_each_host_sequence(const std::vector<PricedPlan>& plans);

}  // namespace kerf::testing
