#pragma once
// The 20th percentile of run times and how well it is known. Noisy neighbours make runs slower, never faster,
// so a low percentile says what the machine can do and repeats from day to day; the minimum would rest on one
// lucky run. And the median, for links, whose figure is to be that of an ordinary message.

#include <cstddef>
#include <span>

#include "base/quantity.hpp"

namespace kerf {

inline constexpr double kPercentile = 0.2;

// Ranks (from 1) of the order statistics that enclose a quantile with 95 % confidence whatever the
// distribution: of n independent samples the number below the quantile is binomial(n, quantile), so  P(X(low)
// <= q <= X(high)) = P(low <= B <= high - 1)  (David and Nagaraja, Order Statistics, 7.1). The closest such
// pair, and of equally close ones the likelier. Below 14 samples (6 for the median) there is no such pair:
// then low is 0, which stands for time zero. One sample has no upper end either: then high is 1 and promises
// nothing.
struct Ranks {
  std::size_t low = 0;
  std::size_t high = 0;
  [[nodiscard]] bool closed() const { return low > 0; }
};
[[nodiscard]] Ranks interval_ranks(std::size_t samples, double quantile = kPercentile);

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
