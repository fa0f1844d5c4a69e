// How the table is filled: a measured slice has its own measurement, any other what the fit says, no less
// than a share of what was measured inside it, times one plus the residual that kriging gives it
// (kriging.hpp).

#include "calibrate/profile/slice_costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.hpp"
#include "calibrate/profile/kriging.hpp"
#include "calibrate/profile/work.hpp"

namespace kerf {
namespace {

// A slice takes at least this share of the longest measured slice inside it, whatever the fit says. Fusion
// rarely makes a slice faster than one of its parts, and never by so much.
constexpr double kLeastShare = 0.25;
// The interpolated residual is a correction, and no more than this.
constexpr double kLeastResidual = -0.5;
constexpr double kMostResidual = 1;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

// Every slice's time by the fit, no less than a share of the longest measured slice inside it.
std::vector<double> fitted_times(const ProfileRow& row, const Work& work) {
  const std::size_t n = row.entry.size();
  std::vector<double> longest(n, 0);  // measured inside (first, j), while `first` falls
  std::vector<double> times(n * n, 0);
  std::size_t m = row.measurements.size();
  for (std::size_t first = n; first-- > 0;) {
    for (; m > 0 && at(row.measurements[m - 1].first_block) == first; --m) {
      const SliceMeasurement& slice = row.measurements[m - 1];
      longest[at(slice.last_block)] = std::max(longest[at(slice.last_block)], slice.p20.value());
    }
    const double entry = row.entry[first].value();
    for (std::size_t last = first; last < n; ++last) {
      if (last > first) longest[last] = std::max(longest[last], longest[last - 1]);
      const auto [linear, square] = work.size_terms(static_cast<int>(first), static_cast<int>(last));
      const double size_effect = row.size_effect[0] * linear + row.size_effect[1] * square;
      times[first * n + last] =
          std::max(entry + row.exit[last].value() + size_effect, kLeastShare * longest[last]);
    }
  }
  return times;
}

// Nothing but the blocks themselves was measured, as in an imported profile: a slice is their plain sum.
bool only_blocks_measured(const ProfileRow& row) {
  return row.measurements.size() == row.entry.size() &&
         std::all_of(row.measurements.begin(), row.measurements.end(),
                     [](const SliceMeasurement& slice) { return slice.first_block == slice.last_block; });
}

// What blocks 0..k-1 take together, for each k: the sum, and what rounding has taken from it (Knuth's
// two-sum), so that the difference of two sums is right for a short slice behind a long head, too.
void sum_blocks(const ProfileRow& row, std::vector<double>& before, std::vector<double>& lost) {
  before.assign(1, 0);
  lost.assign(1, 0);
  for (const SliceMeasurement& block : row.measurements) {
    const double seconds = block.p20.value();
    const double sum = before.back() + seconds;
    const double taken = sum - before.back();
    const double error = (before.back() - (sum - taken)) + (seconds - taken);
    before.push_back(sum);
    lost.push_back(lost.back() + error);
  }
}

// From slices that start alike to slices that end alike.
void transpose(std::vector<double>& times, std::size_t n) {
  for (std::size_t first = 0; first < n; ++first) {
    for (std::size_t last = first + 1; last < n; ++last)
      std::swap(times[first * n + last], times[last * n + first]);
  }
}

std::vector<double> interpolated_times(const ProfileRow& row, std::span<const ProfileBlock> blocks) {
  const std::size_t n = row.entry.size();
  const Work work(row.measurements, blocks, "profile");
  std::vector<double> times = fitted_times(row, work);
  const Residuals residuals(row.measurements, row.residual_weights, work);
  auto measured = row.measurements.begin();
  for (int first = 0; at(first) < n; ++first) {
    for (int last = first; at(last) < n; ++last) {
      double& time = times[at(first) * n + at(last)];
      if (measured != row.measurements.end() && measured->first_block == first &&
          measured->last_block == last) {
        time = measured++->p20.value();
      } else {
        time *= 1 + std::clamp(residuals.at(first, last), kLeastResidual, kMostResidual);
      }
    }
  }
  return times;
}

// levels[l * n + k]: the largest of 2^l values from k on.
std::vector<double> largest_of_runs(std::span<const ProfileBlock> blocks) {
  const std::size_t n = blocks.size();
  std::vector<double> levels(n * static_cast<std::size_t>(std::bit_width(n)));
  for (std::size_t k = 0; k < n; ++k) levels[k] = blocks[k].activations.value();
  for (std::size_t width = 2, level = n; width <= n; width *= 2, level += n) {
    for (std::size_t k = 0; k + width <= n; ++k) {
      levels[level + k] = std::max(levels[level - n + k], levels[level - n + k + width / 2]);
    }
  }
  return levels;
}

}  // namespace

SliceCosts::SliceCosts(Profile profile, std::size_t row) : profile_(std::move(profile)), row_(row) {
  assert(row < profile_.rows.size());
  const ProfileRow& measured = profile_.rows[row_];
  assert(!profile_.blocks.empty() && !measured.ratios.empty());
  assert(measured.entry.size() == profile_.blocks.size() && measured.exit.size() == profile_.blocks.size());
  assert(measured.residual_weights.empty() ||
         measured.residual_weights.size() == measured.measurements.size());
  if (only_blocks_measured(measured)) {
    sum_blocks(measured, before_, lost_);
  } else if (profile_.blocks.size() > kMostTabulated) {
    throw Error(ErrorCode::kLimit, "the profile of " + profile_.model + " on " + profile_.host,
                fmt::format("{} blocks and measured slices", profile_.blocks.size()),
                fmt::format("at most {} blocks, or times of blocks alone", kMostTabulated));
  } else {
    table_ = interpolated_times(measured, profile_.blocks);
    transpose(table_, profile_.blocks.size());
  }
  weights_before_.assign(1, 0);
  for (const ProfileBlock& block : profile_.blocks) {
    weights_before_.push_back(weights_before_.back() + block.weights.value());
  }
  largest_activations_ = largest_of_runs(profile_.blocks);
  mean_ratio_ = std::accumulate(measured.ratios.begin(), measured.ratios.end(), 0.0) /
                static_cast<double>(measured.ratios.size());
}

void SliceCosts::mean_ending(int last, int first, double slowdown, std::span<double> seconds) const {
  const std::size_t end = at(last) + 1;
  if (adds_up()) {
    for (std::size_t i = at(first); i < end; ++i) seconds[i] = sum_between(i, end) * mean_ratio_ * slowdown;
    return;
  }
  const double* const row = &table_[index(0, last)];
  for (std::size_t i = at(first); i < end; ++i) seconds[i] = row[i] * mean_ratio_ * slowdown;
}

Seconds SliceCosts::drawn(int first, int last, double uniform) const {
  const std::vector<double>& ratios = row().ratios;
  const std::size_t count = ratios.size();
  const auto chosen = static_cast<std::size_t>(uniform * static_cast<double>(count));
  return p20(first, last) * ratios[std::min(chosen, count - 1)];
}

Bytes SliceCosts::memory(int first, int last) const {
  const auto width = static_cast<std::size_t>(last - first + 1);
  const auto level = static_cast<std::size_t>(std::bit_width(width) - 1);
  const double* const runs = &largest_activations_[level * profile_.blocks.size()];
  const double activations = std::max(runs[at(first)], runs[at(last) + 1 - (std::size_t{1} << level)]);
  return Bytes(weights_before_[at(last) + 1] - weights_before_[at(first)] + activations * row().mode.batch);
}

}  // namespace kerf
