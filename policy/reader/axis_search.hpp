#pragma once
// Finds the cell of a value on one numeric axis: how many of the axis's edges are at or below it. A double's
// bits, read as a whole number, ascend with its value. Their upper part picks a bucket, which holds the first
// edge not before it and what the cells on both sides of that edge count; one comparison decides between the
// two. Only where several edges share a bucket do more comparisons follow. Nothing is rounded and nothing
// branches on the value: the same cell on every machine, in the same time.
//
// Cells are counted in strides, so that the sum over all axes is the number of a cell of the grid.

#include <array>
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
  // and finite; `highest`, not below them, is the greatest value that will be looked up. A step from one cell
  // to the next counts `stride`; (count + 1) * stride is below 2^32. `storage` must outlive this object.
  void build(const void* edges, std::size_t count, double highest, std::uint32_t stride,
             char* storage) noexcept;

  // Whether no two edges share a bucket, as is usual; then cell_by_one() does.
  [[nodiscard]] bool is_sparse() const noexcept { return window_ == 1; }

  // In 0..count * stride, of a value whose order is at most that of `highest`.
  [[nodiscard]] std::uint32_t cell_by_one(std::int64_t value) const noexcept {
    const Bucket& bucket = buckets_[number(value, shift_)];
    return bucket.sides[bucket.edge <= value ? 1 : 0];  // an index, as a choice would become a branch
  }
  // The same for any axis.
  [[nodiscard]] std::uint32_t cell(std::int64_t value) const noexcept;

 private:
  struct Bucket {
    std::int64_t edge;                   // the first that is not before the bucket
    std::array<std::uint32_t, 2> sides;  // strides of the cells before and after that edge
  };

  // What lies before the first edge belongs to its bucket.
  [[nodiscard]] std::uint64_t number(std::int64_t value, unsigned shift) const noexcept {
    const std::int64_t from = value < first_ ? first_ : value;
    return (static_cast<std::uint64_t>(from) - static_cast<std::uint64_t>(first_)) >> shift;
  }

  [[nodiscard]] std::size_t most_in_a_bucket(std::size_t count, unsigned shift) const noexcept;
  void choose_shift(std::size_t count, std::int64_t last) noexcept;

  std::int64_t first_ = 0;  // the first edge
  const Bucket* buckets_ = nullptr;
  std::uint32_t stride_ = 0;
  std::uint32_t shift_ = 0;
  std::size_t window_ = 0;               // the most edges in one bucket, at least 1; 0: not built
  const std::int64_t* edges_ = nullptr;  // in order(), then `window_` numbers beyond all values
};

}  // namespace kerf::policy_file
