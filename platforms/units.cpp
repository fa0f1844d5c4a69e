#include "platforms/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace kerf::platforms {
namespace {

using Name = std::string_view;

constexpr std::array<std::pair<Name, double>, 9> kTimes{{{"w", 7 * 24 * 60 * 60},
                                                         {"d", 24 * 60 * 60},
                                                         {"h", 60 * 60},
                                                         {"m", 60},
                                                         {"s", 1},
                                                         {"ms", 1e-3},
                                                         {"us", 1e-6},
                                                         {"ns", 1e-9},
                                                         {"ps", 1e-12}}};
// Powers of the base, from the first.
constexpr std::array<Name, 8> kDecimal{"k", "M", "G", "T", "P", "E", "Z", "Y"};
constexpr std::array<Name, 8> kBinary{"Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
constexpr std::array<Name, 8> kWords{"kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta"};

std::optional<std::pair<double, Name>> split(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || !std::isfinite(number)) return std::nullopt;
  return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// The factor of `unit` where it is `suffix` (worth `one`), with a prefix or without.
std::optional<double> factor(Name unit, Name suffix, double one, double base,
                             const std::array<Name, 8>& prefixes) {
  if (!unit.ends_with(suffix)) return std::nullopt;
  unit.remove_suffix(suffix.size());
  if (unit.empty()) return one;
  for (const Name prefix : prefixes) {
    one *= base;
    if (unit == prefix) return one;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> parse_time(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  if (parts->second.empty()) return parts->first;
  for (const auto& [unit, seconds] : kTimes) {
    if (parts->second == unit) return finite(parts->first * seconds);
  }
  return std::nullopt;
}

std::optional<double> parse_bandwidth(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto [number, unit] = *parts;
  if (unit.empty()) return number;
  for (const auto& [suffix, bytes] :
       {std::pair<Name, double>("bps", 0.125), std::pair<Name, double>("Bps", 1)}) {
    if (const auto times = factor(unit, suffix, bytes, 1000, kDecimal)) return finite(number * *times);
    if (const auto times = factor(unit, suffix, bytes, 1024, kBinary)) return finite(number * *times);
  }
  return std::nullopt;
}

std::optional<double> parse_speed(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto [number, unit] = *parts;
  if (unit.empty()) return number;
  if (const auto times = factor(unit, "f", 1, 1000, kDecimal)) return finite(number * *times);
  if (const auto times = factor(unit, "flops", 1, 1000, kWords)) return finite(number * *times);
  return std::nullopt;
}

}  // namespace kerf::platforms
