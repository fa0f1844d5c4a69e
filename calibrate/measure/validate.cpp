#include "calibrate/measure/validate.hpp"

#include <algorithm>
#include <cmath>

#include "calibrate/measure/percentile.hpp"

namespace kerf {
namespace {

// Nearest rank; to a hundredth of a percent.
double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return std::round(values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1] * 1e4) / 1e4;
}

}  // namespace

double repeat_noise(std::span<const Visit> visits) {
  if (visits.size() < 2) return 1;
  const std::size_t settling = settling_runs(visits);
  const std::size_t half = visits.size() / 2;
  const double first = estimate_p20(steady_runs(visits.first(half), settling)).p20.value();
  const double second = estimate_p20(steady_runs(visits.subspan(half), settling)).p20.value();
  return std::abs(first - second) / (0.5 * (first + second));
}

double drift(std::span<const Visit> visits) {
  constexpr std::size_t kParts = 4;
  if (visits.size() < 2 * kParts) return 0;
  const std::size_t settling = settling_runs(visits);
  std::vector<double> parts;
  for (std::size_t k = 0; k < kParts; ++k) {
    const std::size_t begin = k * visits.size() / kParts;
    const std::size_t end = (k + 1) * visits.size() / kParts;
    parts.push_back(estimate_p20(steady_runs(visits.subspan(begin, end - begin), settling)).p20.value());
  }
  const auto [fastest, slowest] = std::minmax_element(parts.begin(), parts.end());
  return *fastest > 0 ? *slowest / *fastest - 1 : 0;
}

Validation summarize(std::span<const HeldOut> slices) {
  std::vector<double> errors;
  std::vector<double> noise;
  for (const HeldOut& slice : slices) {
    errors.push_back(std::abs(slice.predicted / slice.measured - 1));
    noise.push_back(slice.noise);
  }
  return {.slices = static_cast<int>(slices.size()),
          .median_error = quantile(errors, 0.5),
          .p90_error = quantile(errors, 0.9),
          .median_noise = quantile(noise, 0.5),
          .p90_noise = quantile(noise, 0.9),
          .voids = 0};
}

}  // namespace kerf
