#pragma once
// Which runs count. A session's first runs are slow (memory is laid out, code and data are cold), and so are
// the first runs of every later visit, because other slices have used the caches in between. How many differs
// from slice to slice and from machine to machine; so it is detected, not set.

#include <span>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

using Visit = std::vector<double>;  // seconds of consecutive runs, in order

// Whether a session is warm after these runs: the latest did not beat the fastest before it by more than 2 %.
// At least two runs.
[[nodiscard]] bool warm(std::span<const double> runs);

// How many runs at the start of a visit are dropped: up to the first place where the run is not, in three
// quarters of the visits, more than 2 % slower than the median of those behind it. 0 without visits of two or
// more runs.
[[nodiscard]] std::size_t settling_runs(std::span<const Visit> visits);

// The runs behind the settling ones, and of every visit at least the last, ascending. Nothing else is left
// out: a slow run is part of what the machine does.
[[nodiscard]] std::vector<double> steady_runs(std::span<const Visit> visits);
[[nodiscard]] std::vector<double> steady_runs(std::span<const Visit> visits, std::size_t settling);

}  // namespace kerf
