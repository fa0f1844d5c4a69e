#pragma once
// How well a few samples know a mean or a percentile. Pure functions.

#include <cstddef>
#include <span>

namespace kerf {

// Ranks (from 1) of the order statistics that enclose a quantile with 95 % confidence whatever the
// distribution: of n independent samples the number below the quantile is binomial(n, quantile), so  P(X(low)
// <= q <= X(high)) = P(low <= B <= high - 1)  (David and Nagaraja, Order Statistics, 7.1). The closest such
// pair, and of equally close ones the likelier. With too few samples (below 14 for the 20th percentile, 6 for
// the median, 59 for the 95th) there is no such pair: then low is 0, which stands for time zero. One sample
// has no upper end either: then high is the last and promises nothing.
struct Ranks {
  std::size_t low = 0;
  std::size_t high = 0;
  [[nodiscard]] bool closed() const { return low > 0; }
};
[[nodiscard]] Ranks interval_ranks(std::size_t samples, double quantile);

// The 97.5th percentile of Student's t, for 1 to 39 degrees of freedom; beyond 39 that of 39.
[[nodiscard]] double student_t(std::size_t freedom);

// Of at least one value.
[[nodiscard]] double mean_of(std::span<const double> values);

// The least value that at least `percent` % of all values do not exceed; of at least one.
[[nodiscard]] double nearest_rank(std::span<const double> ascending, int percent);

// Half of the mean's 95 % interval, in the values' unit, from values in the order in which they arose: by the
// means of 20 batches of equal size (single values where there are fewer than 40; the first few are left out
// where they do not divide) and Student's t (Law, Simulation Modeling and Analysis, 9.5.3). Batches are what
// makes it hold for requests that queue behind each other, and so are not independent. 0 for a single value.
[[nodiscard]] double batch_half_width(std::span<const double> in_order);

}  // namespace kerf
