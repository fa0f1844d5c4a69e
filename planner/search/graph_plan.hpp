#pragma once
// How much a chain of cuts loses: the best way to give single operators to hosts, and the best chain of cuts
// at the same times.
//
// Operators run on a row of hosts of rising rank, each one at the earliest where its inputs are or a later
// one. As in a plan, the input is sent to the row's first host, tensors are handed on from host to host, each
// paid once per hop however many operators wait for it, and the result returns from the last host. Latency is
// the sum of all of it. The first host of the row runs an operator at least; any other may get none and only
// hand on. The time of an operator is its share of its block's time, and blocks are scaled so that they sum
// to the time of the whole model: a split of a block has no measured time, so these times are an estimate,
// and the chain is costed on them too.
//
// For every row of hosts one minimum cut (layered_cut.hpp) gives the best partition: `latency` is the least
// of all rows, exactly. Where a path that passes a host of the row by is cheaper than the sum of the hops
// past it, tensors sent that way could beat it; then `lower_bound`, found by cuts whose hops are made cheap
// enough that no direct path is cheaper than its hops together, is below `latency`: no partition of any kind
// costs less.
//
// Blocks that must or must not run on a host, and hosts that must be in the row or out of it, count.
// Constraints of tiers, privacy and limits on sums (memory, uploads, budgets, ...) do not.

#include <optional>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/operator_graph.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

struct GraphPlan {
  std::vector<int> hosts;  // the row
  std::vector<int> place;  // of each operator: index into hosts
  Seconds latency;
  Seconds lower_bound;
  bool exact = false;         // the two are equal
  std::optional<Plan> chain;  // the best chain of cuts at the same times; nothing where none is allowed
  Seconds chain_latency;
};

// Nothing where no row of hosts may run all blocks. Error(kLimit) where there are more than 4096 rows.
[[nodiscard]] std::optional<GraphPlan> best_graph_plan(const Problem& problem, const OperatorGraph& graph);

}  // namespace kerf
