#include "policy/reader/axis_search.hpp"

#include <bit>
#include <limits>

#include "policy/reader/file_header.hpp"

namespace kerf::policy_file {
namespace {

// One block more than the full ones: a value beyond the last full block lands there.
std::size_t padded(std::size_t keys) noexcept {
  return (keys / kBlock + 1) * kBlock;
}

}  // namespace

std::size_t AxisSearch::storage_size(std::size_t edges) noexcept {
  std::size_t size = padded(edges);
  for (std::size_t keys = edges; keys >= kBlock;) {
    keys /= kBlock;
    size += padded(keys);
  }
  return size;
}

void AxisSearch::build(const void* edges, std::size_t count, double* storage) noexcept {
  levels_ = 1;
  for (std::size_t keys = count; keys >= kBlock; keys /= kBlock) ++levels_;

  double* level = storage;
  const char* bytes = static_cast<const char*>(edges);
  for (std::size_t i = 0; i < count; ++i) {
    level[i] = std::bit_cast<double>(load<std::uint64_t>(bytes + i * sizeof(double)));
  }
  std::size_t keys = count;
  for (std::size_t from_root = levels_; from_root-- > 0;) {
    const std::size_t room = padded(keys);
    for (std::size_t i = keys; i < room; ++i) level[i] = std::numeric_limits<double>::infinity();
    keys_[from_root] = level;
    if (from_root == 0) break;
    double* above = level + room;
    keys /= kBlock;
    for (std::size_t i = 0; i < keys; ++i) above[i] = level[i * kBlock + kBlock - 1];
    level = above;
  }
}

}  // namespace kerf::policy_file
