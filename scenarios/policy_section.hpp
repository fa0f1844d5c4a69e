#pragma once
// [policy]: names of axes as a device observes them, and how fine the table is to be. Internal to scenarios/.

#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// As it stands: whether what a name observes is an axis is the caller's to check.
void bind_policy(const Document& document, SweepSection& section);

}  // namespace kerf::scenarios
