#pragma once
// Why no plan is feasible, found by searching again with one constraint dropped at a time.

#include <optional>
#include <string>
#include <vector>

#include "scenarios/problem.hpp"

namespace kerf {

// For a problem without a feasible plan: one sentence for every constraint, rule of [plans], missing route or
// (with `fill`) load without which alone there would be a plan: hosts in order, tiers, networks, the plan as
// a whole. With it what would do: of a cap (memory, upload, computing, bytes, deadline, energy, price) and of
// the number of slices the least, of private_until the latest cut, of a list of blocks the fewest to strike
// off. Where no single one helps, all of them, marked so. Never empty.
[[nodiscard]] std::vector<std::string> explain_infeasible(const Problem& problem, std::optional<double> fill);

}  // namespace kerf
