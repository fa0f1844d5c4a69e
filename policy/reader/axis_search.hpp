#pragma once
// Finds the cell of a value on one numeric axis: how many of the axis's edges are at or below it. A double's
// bits, read as a whole number, ascend with its value. Their upper part picks a bucket that knows how many
// edges lie before it; the few edges inside are compared one by one. Buckets are so fine that one comparison
// mostly suffices. Nothing is rounded and nothing branches on the value: the same cell on every machine, in
// the same time.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace kerf::policy_file {

// Ascends with the value; -0 is 0; NaN lies beyond the infinities.
constexpr std::int64_t order(double value) noexcept {
  constexpr std::int64_t kMagnitude = 0x7fffffffffffffff;
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits < 0 ? -(bits & kMagnitude) : bits;
}

class AxisSearch {
 public:
  // How many bytes build() needs as storage, aligned for 64-bit numbers, for `count` edges.
  [[nodiscard]] static std::size_t storage_size(std::size_t count) noexcept;

  // `edges` points at `count` doubles as the file holds them, little-endian and perhaps unaligned, ascending
  // and finite; `highest`, not below them, is the greatest value that will be looked up. `storage` must
  // outlive this object.
  void build(const void* edges, std::size_t count, double highest, char* storage) noexcept;

  // In 0..count, of a value whose order is at most that of `highest`.
  [[nodiscard]] std::size_t cell(std::int64_t value) const noexcept {
    const std::size_t before = edges_before_[bucket(value, shift_)];
    std::size_t at = before + (edges_[before] <= value ? 1 : 0);
    for (std::size_t i = 1; i < window_; ++i) at += edges_[before + i] <= value ? 1 : 0;
    return at;
  }

 private:
  // What lies before the first edge belongs to its bucket.
  [[nodiscard]] std::uint64_t bucket(std::int64_t value, unsigned shift) const noexcept {
    const std::int64_t from = value < first_ ? first_ : value;
    return (static_cast<std::uint64_t>(from) - static_cast<std::uint64_t>(first_)) >> shift;
  }

  [[nodiscard]] std::size_t most_in_a_bucket(std::size_t count, unsigned shift) const noexcept;
  void choose_shift(std::size_t count, std::int64_t last) noexcept;

  std::int64_t first_ = 0;  // the first edge
  unsigned shift_ = 0;
  std::size_t window_ = 1;               // the most edges in one bucket
  const std::int64_t* edges_ = nullptr;  // in order(), then `window_` numbers beyond all values
  const std::uint32_t* edges_before_ = nullptr;
};

}  // namespace kerf::policy_file
