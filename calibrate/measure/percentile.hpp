#pragma once
// The 20th percentile of run times and how well it is known. Noisy neighbours make runs slower, never faster,
// so a low percentile says what the machine can do and repeats from day to day; the minimum would rest on one
// lucky run. And the median, for links, whose figure is to be that of an ordinary message.

#include <span>

#include "base/quantity.hpp"

namespace kerf {

inline constexpr double kPercentile = 0.2;

struct PercentileEstimate {
  Seconds p20;
  Seconds low;
  Seconds high;
  bool closed = false;
  // Half the interval relative to the estimate; infinite while the interval is open.
  [[nodiscard]] double half_width() const;
};

// `ascending` is sorted and not empty. The estimate interpolates between order statistics.
[[nodiscard]] PercentileEstimate estimate_p20(std::span<const double> ascending);

struct MedianEstimate {
  Seconds median;
  Seconds low;
  Seconds high;
  bool closed = false;
  [[nodiscard]] double half_width() const;  // as above
};
[[nodiscard]] MedianEstimate estimate_median(std::span<const double> ascending);

}  // namespace kerf
