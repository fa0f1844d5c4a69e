#include "models/generated_floats.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace kerf {
namespace {

constexpr std::uint32_t kKey = 0x7A6F6F;  // no other draws of the project have it

// Elements 4 x block .. 4 x block + 4. philox4x32() once more, in place and with its rounds laid out: half a
// billion bytes of weights are made of it, and so it is twice as fast.
inline void four(const GeneratedFloats& from, std::uint64_t block, float* elements) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  auto a = static_cast<std::uint32_t>(block);
  std::uint32_t b = from.stream;
  auto c = static_cast<std::uint32_t>(block >> 32);
  std::uint32_t d = 0;
  std::uint32_t key0 = kKey;
  std::uint32_t key1 = 0;
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * a;
    const std::uint64_t product1 = kMultiplier1 * c;
    a = static_cast<std::uint32_t>(product1 >> 32) ^ b ^ key0;
    b = static_cast<std::uint32_t>(product1);
    c = static_cast<std::uint32_t>(product0 >> 32) ^ d ^ key1;
    d = static_cast<std::uint32_t>(product0);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  // The upper 24 bits are a float without rounding.
  const auto element = [&](std::uint32_t word) {
    return from.offset + from.step * static_cast<float>(static_cast<std::int32_t>(word) >> 8);
  };
  elements[0] = element(a);
  elements[1] = element(b);
  elements[2] = element(c);
  elements[3] = element(d);
}

}  // namespace

void generate(const GeneratedFloats& from, std::uint64_t first, std::span<float> values) {
  if (from.step == 0) {
    std::ranges::fill(values, from.offset);
    return;
  }
  while (!values.empty()) {
    if (first % 4 == 0 && values.size() >= 4) {
      four(from, first / 4, values.data());
      values = values.subspan(4);
      first += 4;
      continue;
    }
    std::array<float, 4> some;
    four(from, first / 4, some.data());
    const std::size_t count = std::min(values.size(), 4 - first % 4);
    std::copy_n(some.begin() + first % 4, count, values.begin());
    values = values.subspan(count);
    first += count;
  }
}

}  // namespace kerf
