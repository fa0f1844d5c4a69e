#include "calibrate/profile/work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr double kLeastCounted = 1e-6;  // of the whole model: what is shorter is as good as nothing

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

std::vector<double> block_seconds(std::span<const SliceMeasurement> measurements,
                                  std::span<const ProfileBlock> all, const std::string& where) {
  const std::size_t blocks = all.size();
  std::vector<double> seconds(blocks, 0);
  std::vector<int> narrowest(blocks, std::numeric_limits<int>::max());
  for (const SliceMeasurement& slice : measurements) {
    const int width = slice.last_block - slice.first_block + 1;
    for (std::size_t k = at(slice.first_block); k <= at(slice.last_block); ++k) {
      if (width >= narrowest[k]) continue;
      narrowest[k] = width;
      seconds[k] = slice.p20.value() / width;
    }
  }
  for (std::size_t k = 0; k < blocks; ++k) {
    if (narrowest[k] != std::numeric_limits<int>::max()) continue;
    throw Error(ErrorCode::kBadInput, where,
                fmt::format("block {} ({}) lies in no measured slice", k, all[k].name),
                "measurements that cover every block", "calibrate again with a larger budget");
  }
  return seconds;
}

}  // namespace

Work::Work(std::span<const SliceMeasurement> measurements, std::span<const ProfileBlock> blocks,
           const std::string& where)
    : before_(1, 0) {
  for (const double seconds : block_seconds(measurements, blocks, where)) {
    before_.push_back(before_.back() + seconds);
  }
  whole_ = before_.back();
  double shortest = whole_;
  for (const SliceMeasurement& slice : measurements) {
    const double seconds = slice.p20.value();
    if (seconds > whole_ * kLeastCounted) shortest = std::min(shortest, seconds);
  }
  if (whole_ > 0) octaves_ = std::log2(whole_ / shortest);
}

std::array<double, 2> Work::size_terms(int first, int last) const {
  const double work = of(first, last);
  if (!(octaves_ > 0) || !(work > 0)) return {0, 0};
  const double place = std::clamp(std::log2(whole_ / work) / octaves_, 0.0, 1.0);
  return {work * place, work * place * place};
}

}  // namespace kerf
