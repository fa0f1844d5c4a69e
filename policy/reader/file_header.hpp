#pragma once
// The 32 bytes before the FlatBuffer, little-endian whatever the machine: magic, format version, zeros, the
// payload's size and its XXH64 (docs/policy.md). Shared by reader and writer; no exceptions, no allocation.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/little_endian.hpp"

namespace kerf::policy_file {

inline constexpr std::string_view kMagic{"KERFPOL\0", 8};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderSize = 32;
inline constexpr std::size_t kMostBytes = std::size_t{1}
                                          << 31;  // FlatBuffers' offsets are signed 32-bit numbers

inline constexpr std::size_t kVersionAt = 8;
inline constexpr std::size_t kReservedAt = 12;
inline constexpr std::size_t kPayloadSizeAt = 16;
inline constexpr std::size_t kChecksumAt = 24;

// Tables of up to so many plans have narrow cells of two bytes.
inline constexpr std::size_t kMostNarrowPlans = 254;
inline constexpr std::size_t kMostPlans = 65534;
inline constexpr std::size_t kMostAxes = 32;
inline constexpr std::uint8_t kNoPlanNarrow = 255;
inline constexpr std::uint16_t kNoPlanWide = 65535;

using little_endian::load;
using little_endian::store;

struct FileHeader {
  std::uint32_t version = kVersion;
  std::uint32_t reserved = 0;
  std::uint64_t payload_size = 0;
  std::uint64_t checksum = 0;
};

// From kHeaderSize bytes that start with the magic.
constexpr FileHeader parse_header(const char* bytes) noexcept {
  return {load<std::uint32_t>(bytes + kVersionAt), load<std::uint32_t>(bytes + kReservedAt),
          load<std::uint64_t>(bytes + kPayloadSizeAt), load<std::uint64_t>(bytes + kChecksumAt)};
}

constexpr std::array<char, kHeaderSize> header_bytes(const FileHeader& header) noexcept {
  std::array<char, kHeaderSize> bytes{};
  for (std::size_t i = 0; i < kMagic.size(); ++i) bytes[i] = kMagic[i];
  store(bytes.data() + kVersionAt, header.version);
  store(bytes.data() + kReservedAt, header.reserved);
  store(bytes.data() + kPayloadSizeAt, header.payload_size);
  store(bytes.data() + kChecksumAt, header.checksum);
  return bytes;
}

}  // namespace kerf::policy_file
