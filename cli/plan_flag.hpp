#pragma once
// --plan: a plan as a user writes it.

#include <string>

#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"

namespace kerf::cli {

// Error(kUsage) for a text that is no plan of this problem, and for a plan that [plans] forbids. One that
// breaks a constraint is a plan: what comes of it may be what the user wants to know.
[[nodiscard]] Plan parse_plan_flag(const std::string& text, const Problem& problem);

}  // namespace kerf::cli
