#pragma once
// Quantities as SimGrid's XML writes them: "125MBps", "1Gbps", "50us", "10ms", "1Gf". They are not the text
// units of the rest of Kerf (base/text.hpp): a bare number means the base unit, "m" is a minute. Nothing is
// returned for text that is not a finite number directly followed by a known unit; a sign is accepted, the
// caller judges it.

#include <optional>
#include <string_view>

namespace kerf::platforms {

[[nodiscard]] std::optional<double> parse_time(std::string_view text);       // seconds
[[nodiscard]] std::optional<double> parse_bandwidth(std::string_view text);  // bytes a second
[[nodiscard]] std::optional<double> parse_speed(std::string_view text);      // flop a second

}  // namespace kerf::platforms
