#pragma once
// The k shortest paths through a lattice, by dynamic programming over (blocks done, host of the last slice):
// the k best ways to reach a state are among the k best ways to reach the states before it, each extended
// (Hoffman and Pavley, "A method for the solution of the Nth best path problem", 1959; here the graph is
// acyclic, so one sweep does it). O(hosts * blocks^2 * k + hosts^2 * blocks * k). Exact where steps alone
// say what is allowed: no budgets, and hosts that may follow each other whatever came before.
//
// Sums are made in the order of cost_of(). Adding a number to two sums keeps their order but may round them
// to a tie, so the k costs found are exactly the k least, and their plans the first in plan order, except
// that a tie which only rounding made at the last place may be won by the wrong plan: ask for a few more than
// needed.

#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/measure.hpp"

namespace kerf {

// At most `width` plans, by the measure (of seconds and transfers alone), ties by plan order. With
// one_per_host_sequence only the best plan of each sequence of hosts counts (exact too: a sequence's best
// plan extends its prefix's best plan). Error(kLimit) where there are too
// many slices to look at.
[[nodiscard]] std::vector<Plan> k_best(const Lattice& lattice, const Measure& measure, int width,
                                       bool one_per_host_sequence);

}  // namespace kerf
