#pragma once
// objective.minimize: one criterion, a table of weights, or an array of either, the first to be least.
// Internal to scenarios/.

#include "scenarios/scenario.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {

void read_minimize(Objective& objective, const Value& value);

}  // namespace kerf::scenarios
