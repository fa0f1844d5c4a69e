#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 9> kPrefixes{{{"", 1},
                                         {"k", 1e3},
                                         {"M", 1e6},
                                         {"G", 1e9},
                                         {"T", 1e12},
                                         {"Ki", 1024.0},
                                         {"Mi", 1048576.0},
                                         {"Gi", 1073741824.0},
                                         {"Ti", 1099511627776.0}}};
constexpr std::array<Unit, 8> kTimes{{{"ns", 1e9},
                                      {"us", 1e6},
                                      {"µs", 1e6},
                                      {"ms", 1e3},
                                      {"s", 1},
                                      {"min", 1.0 / 60},
                                      {"h", 1.0 / 3600},
                                      {"d", 1.0 / 86400}}};

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

[[noreturn]] void refuse(std::string_view text, std::string_view where, std::string_view expected) {
  throw Error(ErrorCode::kBadInput, std::string(where), fmt::format("\"{}\"", text), std::string(expected));
}

struct NumberAndUnit {
  double number;
  std::string_view unit;
};

NumberAndUnit split(std::string_view text, std::string_view where, std::string_view expected) {
  const std::string_view body = trim(text);
  double number = 0;
  const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), number);
  if (failure != std::errc{} || !std::isfinite(number) || number < 0) refuse(text, where, expected);
  return {number, trim(body.substr(static_cast<std::size_t>(end - body.data())))};
}

// Multiplies by a prefix; `suffix` is what must stand behind it ("B", "bps").
std::optional<double> prefixed(double number, std::string_view unit, std::string_view suffix) {
  if (!unit.ends_with(suffix)) return std::nullopt;
  const std::string_view prefix = unit.substr(0, unit.size() - suffix.size());
  for (const Unit& known : kPrefixes) {
    if (prefix == known.name) return number * known.factor;
  }
  return std::nullopt;
}

std::string three_digits(double value) {
  // 999.6 must not become "1e+03".
  return std::abs(value) >= 999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string with_prefix(double value, std::string_view unit) {
  if (!std::isfinite(value)) return fmt::format("{} {}", value, unit);
  const Unit* best = &kPrefixes[0];
  for (std::size_t i = 1; i < 5; ++i) {
    if (std::abs(value) >= 0.9995 * kPrefixes[i].factor) best = &kPrefixes[i];
  }
  return fmt::format("{} {}{}", three_digits(value / best->factor), best->name, unit);
}

double finite(double value, std::string_view text, std::string_view where, std::string_view expected) {
  if (!std::isfinite(value)) refuse(text, where, expected);
  return value;
}

}  // namespace

Seconds parse_seconds(std::string_view text, std::string_view where) {
  constexpr std::string_view kExpected = "a time such as \"40ms\", \"1.5s\" or \"2min\"";
  const auto [number, unit] = split(text, where, kExpected);
  if (unit.empty() && number == 0) return Seconds(0);
  for (const Unit& known : kTimes) {
    if (unit == known.name) return Seconds(finite(number / known.factor, text, where, kExpected));
  }
  refuse(text, where, kExpected);
}

Bytes parse_bytes(std::string_view text, std::string_view where) {
  constexpr std::string_view kExpected = "an amount such as \"150kB\", \"2GB\" or \"512MiB\"";
  const auto [number, unit] = split(text, where, kExpected);
  if (unit.empty() && number == 0) return Bytes(0);
  if (const auto value = prefixed(number, unit, "B")) return Bytes(finite(*value, text, where, kExpected));
  refuse(text, where, kExpected);
}

BytesPerSecond parse_bytes_per_second(std::string_view text, std::string_view where) {
  constexpr std::string_view kExpected =
      "a rate such as \"20Mbps\" (bits a second) or \"2.5MBps\" (bytes a second)";
  const auto [number, unit] = split(text, where, kExpected);
  if (unit.empty() && number == 0) return BytesPerSecond(0);
  if (const auto bits = prefixed(number, unit, "bps")) {
    return BytesPerSecond(finite(*bits / 8, text, where, kExpected));
  }
  if (const auto bytes = prefixed(number, unit, "Bps")) {
    return BytesPerSecond(finite(*bytes, text, where, kExpected));
  }
  refuse(text, where, kExpected);
}

Watts parse_watts(std::string_view text, std::string_view where) {
  constexpr std::string_view kExpected = "a power such as \"6W\" or \"350mW\"";
  const auto [number, unit] = split(text, where, kExpected);
  if (unit.empty() && number == 0) return Watts(0);
  if (unit == "mW") return Watts(number / 1000);
  if (const auto value = prefixed(number, unit, "W")) return Watts(finite(*value, text, where, kExpected));
  refuse(text, where, kExpected);
}

Joules parse_joules(std::string_view text, std::string_view where) {
  constexpr std::string_view kExpected = "an energy such as \"2J\" or \"350mJ\"";
  const auto [number, unit] = split(text, where, kExpected);
  if (unit.empty() && number == 0) return Joules(0);
  if (unit == "mJ") return Joules(number / 1000);
  if (const auto value = prefixed(number, unit, "J")) return Joules(finite(*value, text, where, kExpected));
  refuse(text, where, kExpected);
}

PerSecond parse_per_second(std::string_view text, std::string_view where) {
  constexpr std::string_view kExpected = "a rate of requests such as \"4/s\", \"90/min\" or \"20/h\"";
  const auto [number, unit] = split(text, where, kExpected);
  if (unit.empty() && number == 0) return PerSecond(0);
  if (unit.starts_with('/')) {
    for (const Unit& known : kTimes) {
      if (unit.substr(1) == known.name)
        return PerSecond(finite(number * known.factor, text, where, kExpected));
    }
  }
  refuse(text, where, kExpected);
}

std::optional<double> parse_number(std::string_view text) {
  const std::string_view body = trim(text);
  double number = 0;
  const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), number);
  if (failure != std::errc{} || end != body.data() + body.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

std::string format(Seconds time) {
  const double value = time.value();
  const double size = std::abs(value);
  if (size == 0) return "0 s";
  if (size < 999.5e-9) return three_digits(value * 1e9) + " ns";
  if (size < 999.5e-6) return three_digits(value * 1e6) + " us";
  if (size < 999.5e-3) return three_digits(value * 1e3) + " ms";
  return three_digits(value) + " s";
}

std::string format(Bytes amount) {
  return with_prefix(amount.value(), "B");
}
std::string format(BytesPerSecond rate) {
  return with_prefix(rate.value() * 8, "bit/s");
}
std::string format(Joules energy) {
  return std::abs(energy.value()) < 0.9995 && energy.value() != 0 ? three_digits(energy.value() * 1e3) + " mJ"
                                                                  : with_prefix(energy.value(), "J");
}
std::string format(PerSecond rate) {
  return three_digits(rate.value()) + "/s";
}

std::string format_exact(double value) {
  return fmt::format("{}", value);
}

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 2) + 1;
  std::vector<std::size_t> row;
  for (const std::string& candidate : candidates) {
    // Wagner and Fischer's edit distance, one row at a time.
    row.resize(candidate.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= name.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t substitute = diagonal + (name[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return std::string(best);
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last '*' seen, and where the text stood then
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace kerf
