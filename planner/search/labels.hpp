#pragma once
// The k best plans, or the Pareto front, under budgets: resource-constrained shortest paths. A label is a
// partial plan whose next slice's host has what it needs; labels are settled best first by what the plan
// costs so far plus the least that any completion adds (A*, Hart, Nilsson and Raphael 1968), and dropped
//
//   - where a budget cannot be kept whatever follows: used so far plus the least that any completion uses;
//   - where `width` settled labels of the same state (blocks done, host) are as good in every respect: cost,
//     budgets, hosts still free to use (Desrochers and Soumis 1988; for k best plans a label must be
//     dominated k times). Exact: whatever completes the label completes those too, to plans as good.
//
// The least completions come from one backward sweep a measure, budgets and visits ignored.
//
// Error(kLimit) where more than kMostLabels would be kept or kMostSteps made.

#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/budget.hpp"
#include "planner/search/goal.hpp"
#include "planner/search/lattice.hpp"

namespace kerf {

inline constexpr std::size_t kMostLabels = 4'000'000;
inline constexpr double kMostSteps = 2e8;

struct LabelOptions {
  int width = 1;
  // Only the best plan of each sequence of hosts counts.
  bool one_per_host_sequence = false;
  // All plans that no other is better than in one criterion and as good as in the others, one for each such
  // point, instead of the `width` best.
  bool pareto = false;
};

// By rank, ties by plan order; at least `width` where so many are feasible, more where ranks differ by no
// more than rounding. Pareto fronts come by the first criterion.
[[nodiscard]] std::vector<Plan> search_labels(const Lattice& lattice, const Goal& goal,
                                              const std::vector<Budget>& budgets,
                                              const LabelOptions& options);

}  // namespace kerf
