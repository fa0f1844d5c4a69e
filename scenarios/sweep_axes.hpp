#pragma once
// [sweep] and [policy]: the axes with all their points spelt out. Internal to scenarios/.

#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// `scenario` is the bound content: it says which keys there are.
[[nodiscard]] SweepSection bind_sweep(const Document& document, const Scenario& scenario);

// Binds the scenario at every point, and under the first and the last condition, so that a point that cannot
// be bound is refused here, at its place, and not in the middle of a sweep.
void try_points(const Document& document, const SweepSection& sweep);

// Puts one setting of a condition into the document.
void apply(const Setting& setting, const Place& place, Document& document);

}  // namespace kerf::scenarios
