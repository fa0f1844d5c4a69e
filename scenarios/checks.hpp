#pragma once
// What must hold between the keys of a scenario, beyond each one's own type and range. Internal to
// scenarios/.

#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// Error(kBadInput) for the first thing that is missing or does not fit together. Names the workload's source
// where the file leaves it to the tiers.
void check_content(const Document& document, Scenario& scenario);

}  // namespace kerf::scenarios
