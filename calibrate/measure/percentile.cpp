#include "calibrate/measure/percentile.hpp"

#include <algorithm>
#include <limits>

#include "base/statistics.hpp"

namespace kerf {
namespace {

double relative_half_width(Seconds value, Seconds low, Seconds high, bool closed) {
  if (!closed) return std::numeric_limits<double>::infinity();
  return value > Seconds(0) ? (high - low) / value / 2 : 0;
}

struct Estimate {
  Seconds value, low, high;
  bool closed = false;
};

Estimate estimate_quantile(std::span<const double> ascending, double quantile) {
  const double position = quantile * static_cast<double>(ascending.size() - 1);
  const auto at = static_cast<std::size_t>(position);
  const double above = ascending[std::min(at + 1, ascending.size() - 1)];
  const double value = ascending[at] + (position - static_cast<double>(at)) * (above - ascending[at]);
  const Ranks ranks = interval_ranks(ascending.size(), quantile);
  const double low = ranks.closed() ? ascending[ranks.low - 1] : 0.0;
  const double high = ascending[ranks.high - 1];
  return {Seconds(value), Seconds(std::min(low, value)), Seconds(std::max(high, value)), ranks.closed()};
}

}  // namespace

double PercentileEstimate::half_width() const {
  return relative_half_width(p20, low, high, closed);
}

double MedianEstimate::half_width() const {
  return relative_half_width(median, low, high, closed);
}

PercentileEstimate estimate_p20(std::span<const double> ascending) {
  const Estimate estimate = estimate_quantile(ascending, kPercentile);
  return {estimate.value, estimate.low, estimate.high, estimate.closed};
}

MedianEstimate estimate_median(std::span<const double> ascending) {
  const Estimate estimate = estimate_quantile(ascending, 0.5);
  return {estimate.value, estimate.low, estimate.high, estimate.closed};
}

}  // namespace kerf
