#pragma once
// Text at the edge of the program: quantities with their units, and the nearest known name for a misspelt
// one. Units: k M G T are powers of ten, Ki Mi Gi Ti of two; "bps" are bits and "Bps" bytes a second; times
// are ns us ms s min h d; rates of requests "4/s", "90/min". A bare number is an error, except 0. Every
// parse_* throws Error(kBadInput) with `where` as given, when the text is not a finite quantity >= 0 of that
// unit. Nothing here depends on the locale.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/quantity.hpp"

namespace kerf {

[[nodiscard]] Seconds parse_seconds(std::string_view text, std::string_view where);  // "40ms"
[[nodiscard]] Bytes parse_bytes(std::string_view text, std::string_view where);      // "150kB"
[[nodiscard]] BytesPerSecond parse_bytes_per_second(std::string_view text,
                                                    std::string_view where);              // "20Mbps"
[[nodiscard]] Watts parse_watts(std::string_view text, std::string_view where);           // "1.5W"
[[nodiscard]] Joules parse_joules(std::string_view text, std::string_view where);         // "350mJ"
[[nodiscard]] PerSecond parse_per_second(std::string_view text, std::string_view where);  // "4/s"

// The whole of `text` as a finite number, or nothing.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

// For people: three significant digits and the unit that fits, "12.3 ms", "150 kB", "20 Mbit/s".
[[nodiscard]] std::string format(Seconds time);
[[nodiscard]] std::string format(Bytes amount);
[[nodiscard]] std::string format(BytesPerSecond rate);
[[nodiscard]] std::string format(Joules energy);
[[nodiscard]] std::string format(PerSecond rate);

// The shortest text that reads back as the same double; for JSON and CSV.
[[nodiscard]] std::string format_exact(double value);

// The candidate with the least edit distance to `name` (first of equals), or "" when none is within half its
// length or two edits.
[[nodiscard]] std::string nearest(std::string_view name, std::span<const std::string> candidates);

// Shell pattern: * any text, ? one character; everything else is literal. Matches the whole of `text`.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace kerf
