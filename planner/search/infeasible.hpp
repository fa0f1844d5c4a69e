#pragma once
// Why no plan is feasible, found by searching again with one constraint dropped at a time.

#include <optional>
#include <string>
#include <vector>

#include "scenarios/problem.hpp"

namespace kerf {

// For a problem without a feasible plan: one sentence for every constraint, missing route or (with `fill`)
// load without which alone there would be a plan, in host order; for memory and upload with the least value
// that would do. Where no single one helps, all of them, marked so. Never empty.
[[nodiscard]] std::vector<std::string> explain_infeasible(const Problem& problem, std::optional<double> fill);

}  // namespace kerf
