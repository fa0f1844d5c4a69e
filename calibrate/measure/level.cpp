#include "calibrate/measure/level.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/steady.hpp"

namespace kerf {
namespace {

// Slices measured in a stretch too seldom would say little of it and make the fit noisy.
constexpr std::size_t kLeastVisits = 3;

struct Measured {
  std::vector<SliceMeasurement> slices;
  std::vector<int> stretch;
};

// Each slice once a stretch.
Measured by_stretch(std::span<const PlannedSlice> plan, const SliceStretches& stretches,
                    const SliceVisits& visits) {
  std::vector<std::pair<SliceMeasurement, int>> all;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].held_out || visits[i].empty()) continue;
    const std::size_t settling = settling_runs(visits[i]);
    std::map<int, std::vector<Visit>> parts;
    for (std::size_t v = 0; v < visits[i].size(); ++v) parts[stretches[i][v]].push_back(visits[i][v]);
    std::size_t most = 0;
    for (const auto& [stretch, part] : parts) most = std::max(most, part.size());
    for (const auto& [stretch, part] : parts) {
      if (part.size() < std::min(kLeastVisits, most)) continue;
      SliceMeasurement measured;
      measured.first_block = plan[i].first_block;
      measured.last_block = plan[i].last_block;
      measured.p20 = estimate_p20(steady_runs(part, settling)).p20;
      all.emplace_back(measured, stretch);
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.first_block, a.first.last_block) <
           std::pair(b.first.first_block, b.first.last_block);
  });
  Measured measured;
  for (const auto& [slice, stretch] : all) {
    measured.slices.push_back(slice);
    measured.stretch.push_back(stretch);
  }
  return measured;
}

}  // namespace

void level(std::span<const PlannedSlice> plan, std::span<const ProfileBlock> blocks,
           const SliceStretches& stretches, SliceVisits& visits) {
  int count = 0;
  for (const std::vector<int>& slice : stretches) {
    for (const int stretch : slice) count = std::max(count, stretch + 1);
  }
  if (count < 2) return;
  const Measured measured = by_stretch(plan, stretches, visits);
  const std::vector<double> factors =
      level_stretches(measured.slices, measured.stretch, count, blocks, "calibration");
  for (std::size_t i = 0; i < visits.size(); ++i) {
    for (std::size_t v = 0; v < visits[i].size(); ++v) {
      for (double& run : visits[i][v]) run *= factors[static_cast<std::size_t>(stretches[i][v])];
    }
  }
}

}  // namespace kerf
