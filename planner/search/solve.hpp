#pragma once
// Which algorithm finds the plans: dynamic programming (k_best.hpp) where every constraint concerns one step
// and one sum is to be least, label setting (labels.hpp) where budgets, visits or more criteria couple the
// steps.

#include <optional>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/goal.hpp"
#include "planner/search/labels.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

// The plans that `options` asks for, feasible in every respect, in order of rank and plan. `width` as meant:
// what is searched in addition because of rounding is left out again.
[[nodiscard]] std::vector<PlanCost> solve(const Problem& problem, std::optional<double> fill,
                                          const Goal& goal, const LabelOptions& options);

}  // namespace kerf
