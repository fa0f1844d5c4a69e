#pragma once
// The k shortest paths through a lattice, one after the other, by recursive enumeration (Jimenez and Marzal,
// "Computing the K shortest paths: a new algorithm and an experimental comparison", 1999): the next best way
// to a state is the best of the next best ways to the states before it, each extended, so only states on
// ways that are asked for are ever looked at. Which states before it are worth opening at all, the least
// costs of Fastest tell: they bound what a way through each must cost, to rounding. Exact where steps alone
// say what is allowed: no budgets, and hosts that may follow each other whatever came before.
//
// Sums are made in the order of cost_of(). Adding a number to two sums keeps their order but may round them
// to a tie, so the k costs found are exactly the k least, and their plans the first in plan order, except
// that a tie which only rounding made at the last place may be won by the wrong plan: ask for a few more than
// needed.

#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/fastest.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/measure.hpp"

namespace kerf {

// At most `width` plans, by the measure (of seconds and transfers alone), ties by plan order. `least`: after
// a run with the same lattice and measure. With one_per_host_sequence only the best plan of each sequence of
// hosts counts (exact too: a sequence's best plan extends its prefix's best plan). Error(kLimit) where there
// are too many slices to look at.
[[nodiscard]] std::vector<Plan> k_best(const Lattice& lattice, const Measure& measure, const Fastest& least,
                                       int width, bool one_per_host_sequence);

}  // namespace kerf
