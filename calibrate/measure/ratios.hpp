#pragma once
// What luck does to a run: the ratios of all kept runs to their slice's 20th percentile, as few equally
// likely values.

#include <cstddef>
#include <vector>

namespace kerf {

struct SliceRuns {
  double p20 = 0;               // seconds
  std::vector<double> seconds;  // of each kept run
};

// A slice weighs as much as it takes, however often it was run: a plan's time is made of long slices, whose
// relative jitter is not that of a 20-microsecond block. Sorted by size the ratios are cut into `count` parts
// of equal weight (a ratio on the border is shared between both), and each part is represented by its mean.
// So the mean of the result is the mean of the ratios, and the tail weighs what it weighed: the last value is
// the mean of the slowest 1/count. Ascending; {1} where there are no runs.
[[nodiscard]] std::vector<double> equally_likely_ratios(const std::vector<SliceRuns>& slices,
                                                        std::size_t count);

}  // namespace kerf
