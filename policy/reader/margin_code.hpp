#pragma once
// Margins in one byte: a tiny floating-point number, four bits of exponent e and four of mantissa m, in steps
// of 1/4096.
//   e = 0:  m / 4096                      e > 0:  (16 + m) * 2^(e-1) / 4096
// Both directions are exact (shifts and a power of two), so every machine reads the same margins. Codes
// ascend with the margin. 254, which stands for 120, also holds whatever is larger; 255 means that no other
// plan is feasible.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace kerf::policy_file {

inline constexpr std::uint8_t kLargestMargin = 254;
inline constexpr std::uint8_t kNoRunnerUp = 255;

constexpr float margin_of(std::uint8_t code) noexcept {
  if (code == kNoRunnerUp) return std::numeric_limits<float>::infinity();
  const std::uint32_t exponent = code >> 4;
  const std::uint32_t mantissa = code & 15u;
  const std::uint32_t steps = exponent == 0 ? mantissa : (16 + mantissa) << (exponent - 1);
  return static_cast<float>(steps) * (1.0f / 4096);
}

inline constexpr std::array<float, 256> kMargins = [] {
  std::array<float, 256> margins{};
  for (std::size_t code = 0; code < margins.size(); ++code)
    margins[code] = margin_of(static_cast<std::uint8_t>(code));
  return margins;
}();

// margin >= 0, rounded down to the nearest code.
constexpr std::uint8_t margin_code(double margin) noexcept {
  if (margin == std::numeric_limits<double>::infinity()) return kNoRunnerUp;
  if (margin >= static_cast<double>(margin_of(kLargestMargin))) return kLargestMargin;
  std::uint32_t mantissa = static_cast<std::uint32_t>(margin * 4096);
  if (mantissa < 16) return static_cast<std::uint8_t>(mantissa);
  std::uint32_t exponent = 1;
  for (; mantissa >= 32; mantissa >>= 1) ++exponent;
  return static_cast<std::uint8_t>(exponent << 4 | (mantissa - 16));
}

}  // namespace kerf::policy_file
