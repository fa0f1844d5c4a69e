#include "base/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace kerf {
namespace {

constexpr double kConfidence = 0.95;
constexpr std::size_t kBatches = 20;

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

double student_t(std::size_t freedom) {
  static constexpr double kTable[] = {
      12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
      2.200985,  2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
      2.079614,  2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
      2.039513,  2.036933, 2.034515, 2.032245, 2.030108, 2.028094, 2.026192, 2.024394, 2.022691};
  return kTable[std::min(freedom, std::size(kTable)) - 1];
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double nearest_rank(std::span<const double> ascending, int percent) {
  const std::size_t rank = (ascending.size() * static_cast<std::size_t>(percent) + 99) / 100;
  return ascending[std::max<std::size_t>(rank, 1) - 1];
}

double batch_half_width(std::span<const double> in_order) {
  const std::size_t count = in_order.size();
  if (count < 2) return 0;
  const std::size_t batches = count < 2 * kBatches ? count : kBatches;
  const std::size_t size = count / batches;
  const std::span<const double> used = in_order.subspan(count % batches);
  std::vector<double> means;
  for (std::size_t batch = 0; batch < batches; ++batch)
    means.push_back(mean_of(used.subspan(batch * size, size)));
  const double center = mean_of(means);
  double squares = 0;
  for (const double value : means) squares += (value - center) * (value - center);
  const auto n = static_cast<double>(batches);
  return student_t(batches - 1) * std::sqrt(squares / (n - 1) / n);
}

}  // namespace kerf
