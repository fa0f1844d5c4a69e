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
    std::size_t at = rank(keys_[0], value);
    for (std::size_t level = 1; level < levels_; ++level)
      at = at * kBlock + rank(keys_[level] + at * kBlock, value);
    return at;
  }

 private:
  // Two doubles at a time, which 64-bit processors compare in one instruction; a comparison that holds is -1.
  using Pair [[gnu::vector_size(16), gnu::may_alias]] = double;
  using PairMask [[gnu::vector_size(16)]] = std::int64_t;

  static std::size_t rank(const double* block, double value) noexcept {
    const auto* pairs = reinterpret_cast<const Pair*>(block);
    const Pair both{value, value};
    const PairMask found =
        ((pairs[0] <= both) + (pairs[1] <= both)) + ((pairs[2] <= both) + (pairs[3] <= both));
    return static_cast<std::size_t>(-(found[0] + found[1]));
  }

  // From the root down to the edges themselves. A level holds the last key of every full block of the level
  // below it.
  std::size_t levels_ = 0;
  std::array<const double*, kMostLevels> keys_{};
};

}  // namespace kerf::policy_file
