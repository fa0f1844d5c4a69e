#pragma once
// What `kerf plan` prints for people: the ranking, where the time of the best plan goes, what one host alone
// would take, whether to cut at all, and what the ranking leaves out.

#include <string>
#include <vector>

#include "planner/search/search.hpp"
#include "scenarios/problem.hpp"

namespace kerf::cli {

// Needs at least one plan.
void print_plans(const Problem& problem, const std::vector<PlanCost>& plans);
void print_front(const Problem& problem, const std::vector<PlanCost>& plans,
                 const std::vector<Criterion>& criteria);

// "latency", "energy", ...
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Criterion>& criteria);

}  // namespace kerf::cli
