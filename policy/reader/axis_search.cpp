#include "policy/reader/axis_search.hpp"

#include <limits>

#include "policy/reader/file_header.hpp"

namespace kerf::policy_file {
namespace {

constexpr std::int64_t kBeyond = std::numeric_limits<std::int64_t>::max();

constexpr std::size_t most_edges(std::size_t count) noexcept {
  return 2 * count + 1;
}
constexpr std::size_t most_buckets(std::size_t count) noexcept {
  return 16 * count + 64;
}

}  // namespace

std::size_t AxisSearch::storage_size(std::size_t count) noexcept {
  return most_edges(count) * sizeof(std::int64_t) + most_buckets(count) * sizeof(Bucket);
}

std::size_t AxisSearch::most_in_a_bucket(std::size_t count, unsigned shift) const noexcept {
  std::size_t most = 1;
  std::size_t run = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool same = i > 0 && number(edges_[i], shift) == number(edges_[i - 1], shift);
    run = same ? run + 1 : 1;
    most = run > most ? run : most;
  }
  return most;
}

// The coarsest buckets that separate the edges as well as the finest for which there is room.
void AxisSearch::choose_shift(std::size_t count, std::int64_t last) noexcept {
  unsigned finest = 0;
  while (number(last, finest) >= most_buckets(count)) ++finest;
  window_ = most_in_a_bucket(count, finest);
  unsigned coarsest = 63;
  while (finest < coarsest) {
    const unsigned middle = finest + (coarsest - finest + 1) / 2;
    if (most_in_a_bucket(count, middle) == window_) {
      finest = middle;
    } else {
      coarsest = middle - 1;
    }
  }
  shift_ = finest;
}

void AxisSearch::build(const void* edges, std::size_t count, double highest, std::uint32_t stride,
                       char* storage) noexcept {
  auto* orders = reinterpret_cast<std::int64_t*>(storage);
  auto* buckets = reinterpret_cast<Bucket*>(storage + most_edges(count) * sizeof(std::int64_t));
  edges_ = orders;
  buckets_ = buckets;
  stride_ = stride;

  const char* bytes = static_cast<const char*>(edges);
  for (std::size_t i = 0; i < count; ++i) {
    orders[i] = order(std::bit_cast<double>(load<std::uint64_t>(bytes + i * sizeof(double))));
  }
  first_ = count > 0 ? orders[0] : kBeyond;
  choose_shift(count, order(highest));
  for (std::size_t i = count; i < count + window_; ++i) orders[i] = kBeyond;

  std::uint32_t edge = 0;
  const std::uint64_t used = number(order(highest), shift_) + 1;
  for (std::uint64_t at = 0; at < used; ++at) {
    while (edge < count && number(orders[edge], shift_) < at) ++edge;
    buckets[at] = {orders[edge], {edge * stride, (edge + 1) * stride}};
  }
}

std::uint32_t AxisSearch::cell(std::int64_t value) const noexcept {
  const Bucket& bucket = buckets_[number(value, shift_)];
  const std::uint32_t first = bucket.sides[0] / stride_;
  std::uint32_t edge = first;
  for (std::size_t i = 0; i < window_; ++i) edge += edges_[first + i] <= value ? 1 : 0;
  return edge * stride_;
}

}  // namespace kerf::policy_file
