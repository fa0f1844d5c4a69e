// How the table is filled. At a measured slice the relative residual is  measured / fitted - 1. At any other
// slice (i, j) it is the weighted mean of up to four of them: the nearest measured slices that start with the
// same block (last block before and after j) and that end with the same block (first block before and after
// i). The weight falls with the share of the work that the two slices do not have in common. That mean is
// then damped by one factor for the whole profile, found by predicting every measured residual from its own
// neighbours (leave-one-out): pure noise gives a factor near 0, a smooth deviation a factor near 1.

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
#include "calibrate/profile/work.hpp"

namespace kerf {
namespace {

// A slice takes at least this share of the longest measured slice inside it, whatever the fit says. Fusion
// rarely makes a slice faster than one of its parts, and never by so much.
constexpr double kLeastShare = 0.25;
// Nearer than this share of work, measurements differ by noise more than by distance. Found on synthetic
// models (cache, fusion, patches, noise): inverse squares did better than inverse distances, exponentials and
// equal weights.
constexpr double kNear = 0.1;
constexpr int kNone = -1;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

// The measured slices of one profile, each linked to its neighbours in row (same first block) and column
// (same last).
class Residuals {
 public:
  // fitted: blocks x blocks, the time of each slice by the fit, floored.
  Residuals(std::span<const SliceMeasurement> slices, std::span<const double> fitted, std::size_t blocks)
      : first_in_column_(blocks, kNone), next_in_column_(slices.size(), kNone) {
    std::vector<int> previous_in_column(slices.size(), kNone);
    std::vector<int> latest(blocks, kNone);
    for (std::size_t m = 0; m < slices.size(); ++m) {
      const SliceMeasurement& slice = slices[m];
      const double predicted = fitted[at(slice.first_block) * blocks + at(slice.last_block)];
      nodes_.push_back({predicted, predicted > 0 ? slice.p20.value() / predicted - 1 : 0});
      int& above = latest[at(slice.last_block)];
      previous_in_column[m] = above;
      (above == kNone ? first_in_column_[at(slice.last_block)] : next_in_column_[at(above)]) =
          static_cast<int>(m);
      above = static_cast<int>(m);
    }
    double product = 0;
    double square = 0;
    for (std::size_t m = 0; m < slices.size(); ++m) {
      const auto same_row = [&](std::size_t other) {
        return slices[other].first_block == slices[m].first_block;
      };
      const double guess = mean(nodes_[m].predicted,
                                {m > 0 && same_row(m - 1) ? static_cast<int>(m) - 1 : kNone,
                                 m + 1 < slices.size() && same_row(m + 1) ? static_cast<int>(m) + 1 : kNone,
                                 previous_in_column[m], next_in_column_[m]});
      product += guess * nodes_[m].residual;
      square += guess * guess;
    }
    damping_ = square > 0 ? std::clamp(product / square, 0.0, 1.0) : 0;
  }

  [[nodiscard]] double interpolate(double predicted, const std::array<int, 4>& neighbours) const {
    return damping_ * mean(predicted, neighbours);
  }
  [[nodiscard]] int first_in_column(std::size_t column) const { return first_in_column_[column]; }
  [[nodiscard]] int next_in_column(int slice) const { return next_in_column_[at(slice)]; }

 private:
  struct Node {
    double predicted;
    double residual;
  };

  // Neighbours are nested in the slice or hold it, so the difference of the times is the work not in common.
  [[nodiscard]] double mean(double predicted, const std::array<int, 4>& neighbours) const {
    double sum = 0;
    double weights = 0;
    for (const int neighbour : neighbours) {
      if (neighbour == kNone) continue;
      const Node& node = nodes_[at(neighbour)];
      const double larger = std::max(node.predicted, predicted);
      const double apart = larger > 0 ? std::abs(node.predicted - predicted) / larger : 0;
      const double weight = 1 / (apart * apart + kNear * kNear);
      sum += weight * node.residual;
      weights += weight;
    }
    return weights > 0 ? sum / weights : 0;
  }

  std::vector<Node> nodes_;
  std::vector<int> first_in_column_;
  std::vector<int> next_in_column_;
  double damping_ = 0;
};

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

// From slices that start alike to slices that end alike.
void transpose(std::vector<double>& times, std::size_t n) {
  for (std::size_t first = 0; first < n; ++first) {
    for (std::size_t last = first + 1; last < n; ++last)
      std::swap(times[first * n + last], times[last * n + first]);
  }
}

std::vector<double> interpolated_times(const ProfileRow& row, std::span<const ProfileBlock> blocks) {
  const std::size_t n = row.entry.size();
  const std::vector<SliceMeasurement>& slices = row.measurements;
  std::vector<double> times = fitted_times(row, Work(row.measurements, blocks, "profile"));
  const Residuals residuals(slices, times, n);
  std::vector<int> above(n, kNone);
  std::vector<int> below(n);
  for (std::size_t j = 0; j < n; ++j) below[j] = residuals.first_in_column(j);
  std::size_t next = 0;  // the measured slice at or after (first, last)
  for (std::size_t first = 0; first < n; ++first) {
    int left = kNone;
    for (std::size_t last = first; last < n; ++last) {
      double& time = times[first * n + last];
      const bool in_row = next < slices.size() && at(slices[next].first_block) == first;
      if (in_row && at(slices[next].last_block) == last) {
        left = above[last] = static_cast<int>(next);
        below[last] = residuals.next_in_column(left);
        time = slices[next++].p20.value();
        continue;
      }
      time *= 1 + residuals.interpolate(
                      time, {left, in_row ? static_cast<int>(next) : kNone, above[last], below[last]});
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
  if (only_blocks_measured(measured)) {
    before_.assign(1, 0);
    beneath_.assign(1, 0);
    for (const SliceMeasurement& block : measured.measurements) add_block(block.p20.value());
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

// The running sum as two numbers, the second what rounding took from the first (Knuth, The Art of Computer
// Programming, volume 2, 4.2.2, theorem B).
void SliceCosts::add_block(double seconds) {
  const double before = before_.back();
  const double rounded = before + seconds;
  const double added = rounded - before;
  const double lost = (before - (rounded - added)) + (seconds - added);
  before_.push_back(rounded);
  beneath_.push_back(beneath_.back() + lost);
}

void SliceCosts::mean_ending(int last, int first, double slowdown, std::span<double> seconds) const {
  const std::size_t end = at(last) + 1;
  if (adds_up()) {
    for (std::size_t i = at(first); i < end; ++i) seconds[i] = sum(i, end) * mean_ratio_ * slowdown;
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
