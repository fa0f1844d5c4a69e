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
  double energy = 0;
  double price = 0;
  double period = 0;
  auto operator<=>(const PricedPlan&) const = default;

  [[nodiscard]] double of(Criterion criterion) const;
};

// All feasible plans by latency, then plan order. With fill > 0 also those that break the load limit are left
// out.
[[nodiscard]] std::vector<PricedPlan> all_plans(const Problem& problem, double fill = 0);

// The same where tiers must rise: slice after slice, so that longer chains can be tried, too.
[[nodiscard]] std::vector<PricedPlan> all_forward_plans(const Problem& problem);

// As all_plans(), by the problem's objective, then plan order. Sums that differ by rounding alone count as
// equal.
[[nodiscard]] std::vector<PricedPlan> all_plans_ranked(const Problem& problem);

// Those that no other betters in one of the criteria without being worse in another; of equals the first.
[[nodiscard]] std::vector<PricedPlan> front_of(const std::vector<PricedPlan>& plans,
                                               const std::vector<Criterion>& criteria);

// The first of each sequence of hosts.
[[nodiscard]] std::vector<PricedPlan> first_of_each_host_sequence(const std::vector<PricedPlan>& plans);

}  // namespace kerf::testing
