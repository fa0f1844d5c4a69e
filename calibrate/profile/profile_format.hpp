#pragma once
// What the writer and the reader of profile files share. Private to this folder.

#include <array>
#include <string_view>

namespace kerf::profile_format {

inline constexpr std::array<std::string_view, 8> kMeasurementColumns = {
    "first_block", "last_block", "p20_s", "low_s", "high_s", "samples", "load_s", "memory_bytes"};
inline constexpr int kMostBlocks = 65536;  // a table of all slices, where one is needed, sets its own limit
inline constexpr int kMostRows = 256;
inline constexpr double kMostSeconds = 1e6;  // eleven days for one request: nobody means that
inline constexpr double kMostRatio = 1e6;
inline constexpr double kMostBytes = 0x1p53;  // more are not exact
inline constexpr double kMostMultiplyAdds = 1e18;

}  // namespace kerf::profile_format
