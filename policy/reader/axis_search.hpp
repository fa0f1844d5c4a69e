#pragma once
// Finds the cell of a value on one numeric axis: how many of the axis's edges are at or below it. The edges
// lie in a static B-tree of eight keys a block, so that a step is eight comparisons without a branch, and 64
// points take two steps. Only comparisons decide; no arithmetic is done on the value.

#include <array>
#include <cstddef>
#include <cstdint>

namespace kerf::policy_file {

inline constexpr std::size_t kBlock = 8;
inline constexpr std::size_t kMostLevels = 11;  // 8^11 keys: more than any table holds

class AxisSearch {
 public:
  // How many doubles build() needs as storage for `edges` edges.
  [[nodiscard]] static std::size_t storage_size(std::size_t edges) noexcept;

  // `edges` points at `count` doubles as the file holds them, little-endian and perhaps unaligned, ascending
  // and finite. `storage` must outlive this object.
  void build(const void* edges, std::size_t count, double* storage) noexcept;

  // value is no NaN. In 0..count.
  [[nodiscard]] std::size_t cell(double value) const noexcept {
    std::size_t at = 0;
    for (std::size_t level = 0; level < levels_; ++level)
      at = at * kBlock + rank(keys_[level] + at * kBlock, value);
    return at;
  }

 private:
  static std::size_t rank(const double* block, double value) noexcept {
    std::int64_t below = 0;
    for (std::size_t i = 0; i < kBlock; ++i) below += block[i] <= value ? 1 : 0;
    return static_cast<std::size_t>(below);
  }

  // From the root down to the edges themselves. A level holds the last key of every full block of the level
  // below it.
  std::array<const double*, kMostLevels> keys_{};
  std::size_t levels_ = 0;
};

}  // namespace kerf::policy_file
