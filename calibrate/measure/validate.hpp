#pragma once
// The fit held against slices that it has not seen.

#include <span>
#include <vector>

#include "calibrate/measure/calibrate.hpp"
#include "calibrate/measure/steady.hpp"

namespace kerf {

// Relative difference between the 20th percentiles of the first and of the second half of the visits: what
// measuring the same slice again would give, with half the runs. 1, which voids, where there is only one
// visit.
[[nodiscard]] double repeat_noise(std::span<const Visit> visits);

// Between the fastest and the slowest quarter of the visits, each by its 20th percentile, relative. Of the
// whole model, which is visited throughout: how much the machine's speed changed meanwhile. 0 of fewer than 8
// visits.
[[nodiscard]] double drift(std::span<const Visit> visits);

// Medians and 90th percentiles over the slices; at least one.
[[nodiscard]] Validation summarize(std::span<const HeldOut> slices);

}  // namespace kerf
