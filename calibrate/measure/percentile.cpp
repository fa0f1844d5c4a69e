#include "calibrate/measure/percentile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace kerf {
namespace {

constexpr double kConfidence = 0.95;

// P(B <= k) for k = 0 .. n, B ~ binomial(n, quantile). In logarithms: 0.8^n leaves the range of doubles at
// some 3,000.
std::vector<double> binomial_cumulative(std::size_t n, double quantile) {
  std::vector<double> cumulative(n + 1);
  const double trials = static_cast<double>(n);
  double sum = 0;
  double log_term = trials * std::log1p(-quantile);
  for (std::size_t k = 0; k <= n; ++k) {
    sum += std::exp(log_term);
    cumulative[k] = std::min(sum, 1.0);
    const double successes = static_cast<double>(k);
    if (k < n) log_term += std::log((trials - successes) / (successes + 1) * quantile / (1 - quantile));
  }
  return cumulative;
}

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

Ranks interval_ranks(std::size_t samples, double quantile) {
  const std::vector<double> cumulative = binomial_cumulative(samples, quantile);
  const auto below = [&](std::size_t k) { return k == 0 ? 0.0 : cumulative[k - 1]; };  // P(B < k)

  Ranks best{0, samples};
  double best_coverage = 0;
  std::size_t high = 1;
  for (std::size_t low = 1; low <= samples; ++low) {
    // The needed `high` never falls as `low` rises.
    high = std::max(high, low + 1);
    while (high <= samples && cumulative[high - 1] - below(low) < kConfidence) ++high;
    if (high > samples) break;
    const double coverage = cumulative[high - 1] - below(low);
    const bool closer = !best.closed() || high - low < best.high - best.low;
    if (closer || (high - low == best.high - best.low && coverage > best_coverage)) {
      best = {low, high};
      best_coverage = coverage;
    }
  }
  if (best.closed()) return best;
  for (std::size_t rank = 1; rank <= samples; ++rank) {
    if (cumulative[rank - 1] >= kConfidence) return {0, rank};
  }
  return best;
}

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
