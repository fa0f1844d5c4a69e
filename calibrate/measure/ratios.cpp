#include "calibrate/measure/ratios.hpp"

#include <algorithm>
#include <utility>

namespace kerf {

std::vector<double> equally_likely_ratios(const std::vector<SliceRuns>& slices, std::size_t count) {
  std::vector<std::pair<double, double>> weighted;  // ratio, weight
  double total = 0;
  for (const SliceRuns& slice : slices) {
    if (slice.seconds.empty() || !(slice.p20 > 0)) continue;
    const double weight = slice.p20 / static_cast<double>(slice.seconds.size());
    for (const double seconds : slice.seconds) weighted.emplace_back(seconds / slice.p20, weight);
    total += slice.p20;
  }
  if (weighted.empty()) return {1.0};
  std::sort(weighted.begin(), weighted.end());

  count = std::min(count, weighted.size());
  const double part = total / static_cast<double>(count);
  std::vector<double> result;
  std::size_t next = 0;
  double left = weighted[0].second;  // of the weight of `next`
  for (std::size_t i = 0; i < count; ++i) {
    double wanted = part;
    double sum = 0;
    while (wanted > 0 && next < weighted.size()) {
      const double taken = std::min(wanted, left);
      sum += taken * weighted[next].first;
      wanted -= taken;
      left -= taken;
      if (left <= 0 && ++next < weighted.size()) left = weighted[next].second;
    }
    // Rounding may leave the last part short, or with nothing at all.
    const double got = part - wanted;
    result.push_back(got > 0 ? sum / got : weighted.back().first);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace kerf
