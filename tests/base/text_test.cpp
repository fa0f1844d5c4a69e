#include "base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace kerf::test {
namespace {

using testing::HasSubstr;

struct Good {
  std::string text;
  double value;
};

template <class Parse>
void expect_values(const Parse& parse, const std::vector<Good>& all) {
  for (const Good& good : all) EXPECT_DOUBLE_EQ(parse(good.text, "here").value(), good.value) << good.text;
}

template <class Parse>
void expect_refused(const Parse& parse, const std::vector<std::string>& all, const std::string& expected) {
  for (const std::string& text : all) {
    try {
      ADD_FAILURE() << "\"" << text << "\" became " << parse(text, "a.toml:3:7").value();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
      EXPECT_EQ(error.where(), "a.toml:3:7");
      EXPECT_EQ(error.found(), "\"" + text + "\"");
      EXPECT_THAT(error.expected(), HasSubstr(expected));
    }
  }
}

TEST(ParseSeconds, KnowsEveryUnit) {
  expect_values(parse_seconds, {{"5ns", 5e-9},
                                {"5us", 5e-6},
                                {"5µs", 5e-6},
                                {"40ms", 0.04},
                                {"1.5s", 1.5},
                                {"2min", 120},
                                {"2h", 7200},
                                {"1d", 86400}});
}

TEST(ParseSeconds, TakesSpacesExponentsAndABareZero) {
  expect_values(parse_seconds,
                {{" 40 ms ", 0.04}, {"4e1ms", 0.04}, {".5s", 0.5}, {"0", 0}, {"0s", 0}, {"0.0", 0}});
}

TEST(ParseSeconds, RefusesEverythingElse) {
  expect_refused(parse_seconds, {"",       " ",      "40",    "ms",    "-1ms",   "+1ms", "40 m s", "40MS",
                                 "40msec", "1,5s",   "nan s", "inf s", "nan",    "inf",  "1e400s", "1e308h",
                                 "0x10s",  "40ms 2", "4/s",   "40kB",  "1e308d", "s40",  "--1s",   "1..5s"},
                 "a time such as");
}

TEST(ParseBytes, KnowsEveryUnit) {
  expect_values(parse_bytes, {{"7B", 7},
                              {"150kB", 150e3},
                              {"2MB", 2e6},
                              {"2GB", 2e9},
                              {"2TB", 2e12},
                              {"1KiB", 1024},
                              {"512MiB", 536870912},
                              {"1GiB", 1073741824},
                              {"1TiB", 1099511627776.0},
                              {"0", 0}});
}

TEST(ParseBytes, RefusesEverythingElse) {
  expect_refused(parse_bytes,
                 {"", "150", "150k", "150KB", "150kb", "150mB", "150kiB", "-1B", "1Mbps", "1MBps", "1e308GB",
                  "B", "1 k B", "1PB"},
                 "an amount such as");
}

TEST(ParseBytesPerSecond, KnowsBitsAndBytes) {
  expect_values(parse_bytes_per_second, {{"8bps", 1},
                                         {"8kbps", 1e3},
                                         {"20Mbps", 2.5e6},
                                         {"1Gbps", 125e6},
                                         {"1Tbps", 125e9},
                                         {"8Kibps", 1024},
                                         {"8Mibps", 1048576},
                                         {"8Gibps", 1073741824},
                                         {"8Tibps", 1099511627776.0},
                                         {"3Bps", 3},
                                         {"3kBps", 3e3},
                                         {"2.5MBps", 2.5e6},
                                         {"1GBps", 1e9},
                                         {"1TBps", 1e12},
                                         {"1KiBps", 1024},
                                         {"1MiBps", 1048576},
                                         {"1GiBps", 1073741824},
                                         {"1TiBps", 1099511627776.0},
                                         {"0", 0}});
}

TEST(ParseBytesPerSecond, RefusesEverythingElse) {
  expect_refused(
      parse_bytes_per_second,
      {"", "20", "20M", "20Mb", "20MB", "20mbps", "20Mbit/s", "-1Mbps", "1e308Gbps", "bps", "20ms"},
      "a rate such as \"20Mbps\"");
}

TEST(ParseWatts, KnowsEveryUnit) {
  expect_values(parse_watts, {{"350mW", 0.35}, {"1.5W", 1.5}, {"2kW", 2e3}, {"1MW", 1e6}, {"0", 0}});
}

TEST(ParseWatts, RefusesEverythingElse) {
  expect_refused(parse_watts, {"", "6", "6w", "6 watts", "-6W", "6J", "6Wh", "infW"}, "a power such as");
}

TEST(ParsePerSecond, KnowsEveryUnit) {
  expect_values(parse_per_second, {{"4/s", 4},
                                   {"4 /s", 4},
                                   {"2/ms", 2e3},
                                   {"2/us", 2e6},
                                   {"2/ns", 2e9},
                                   {"90/min", 1.5},
                                   {"7200/h", 2},
                                   {"86400/d", 1},
                                   {"0", 0}});
}

TEST(ParsePerSecond, RefusesEverythingElse) {
  expect_refused(parse_per_second,
                 {"", "4", "4s", "4/", "/s", "4/ s", "4Hz", "-4/s", "4//s", "1e308/ns", "4/5s"},
                 "a rate of requests such as");
}

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_EQ(parse_number(" -2e3 "), -2000);
  EXPECT_EQ(parse_number("0"), 0);
  for (const char* text : {"", " ", "1.5x", "x", "1 2", "nan", "inf", "-inf", "1e400", "0x10", "1,5", "+1"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(Format, ShowsThreeDigitsAndTheUnitThatFits) {
  EXPECT_EQ(format(Seconds(0)), "0 s");
  EXPECT_EQ(format(Seconds(1.5e-9)), "1.5 ns");
  EXPECT_EQ(format(Seconds(12.345e-6)), "12.3 us");
  EXPECT_EQ(format(Seconds(0.0123456)), "12.3 ms");
  EXPECT_EQ(format(Seconds(0.9996)), "1 s");
  EXPECT_EQ(format(Seconds(1234.5)), "1234 s");
  EXPECT_EQ(format(Seconds(-0.04)), "-40 ms");
  EXPECT_EQ(format(Bytes(0)), "0 B");
  EXPECT_EQ(format(Bytes(150528)), "151 kB");
  EXPECT_EQ(format(Bytes(999.7)), "1 kB");
  EXPECT_EQ(format(Bytes(2.5e9)), "2.5 GB");
  EXPECT_EQ(format(Bytes(5e15)), "5000 TB");
  EXPECT_EQ(format(BytesPerSecond(2.5e6)), "20 Mbit/s");
  EXPECT_EQ(format(BytesPerSecond(std::numeric_limits<double>::infinity())), "inf bit/s");
  EXPECT_EQ(format(Joules(0.25)), "250 mJ");
  EXPECT_EQ(format(Joules(2500)), "2.5 kJ");
  EXPECT_EQ(format(Joules(0)), "0 J");
  EXPECT_EQ(format(PerSecond(4)), "4/s");
}

TEST(FormatExact, ReadsBackAsTheSameDouble) {
  EXPECT_EQ(format_exact(0.1), "0.1");
  EXPECT_EQ(format_exact(3), "3");
  for (std::uint32_t k = 0; k < 1000; ++k) {
    const double value = std::ldexp(uniform({.seed = 1, .request = k}), static_cast<int>(k % 200) - 100);
    EXPECT_EQ(parse_number(format_exact(value)), value);
  }
}

TEST(Nearest, FindsAMisspeltName) {
  const std::vector<std::string> names{"bandwidth", "rtt", "delay", "efficiency"};
  EXPECT_EQ(nearest("bandwith", names), "bandwidth");
  EXPECT_EQ(nearest("dealy", names), "delay");
  EXPECT_EQ(nearest("rt", names), "rtt");
  EXPECT_EQ(nearest("delay", names), "delay");
}

TEST(Nearest, GivesNothingWhereAllAreFar) {
  const std::vector<std::string> names{"bandwidth", "delay"};
  EXPECT_EQ(nearest("hosts", names), "");
  EXPECT_EQ(nearest("anything", {}), "");
}

TEST(Nearest, PrefersTheFirstOfEquals) {
  const std::vector<std::string> names{"cat", "bat", "rat"};
  EXPECT_EQ(nearest("hat", names), "cat");
}

// One character at a time, straight from the definition.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return matches_by_definition(pattern.substr(1), text) ||
           (!text.empty() && matches_by_definition(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         matches_by_definition(pattern.substr(1), text.substr(1));
}

TEST(MatchesPattern, AgreesWithTheDefinition) {
  const auto word = [](std::uint32_t k, std::uint32_t which, std::string_view letters) {
    std::string text;
    const double length = 7 * uniform({.seed = 2, .device = which, .request = k});
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(length); ++i) {
      const double draw = uniform({.seed = 2, .device = which, .request = k, .purpose = i + 1});
      text += letters[static_cast<std::size_t>(draw * static_cast<double>(letters.size()))];
    }
    return text;
  };
  int matched = 0;
  for (std::uint32_t k = 0; k < 20000; ++k) {
    const std::string pattern = word(k, 0, "ab*?");
    const std::string text = word(k, 1, "ab");
    EXPECT_EQ(matches_pattern(pattern, text), matches_by_definition(pattern, text)) << pattern << " " << text;
    matched += matches_pattern(pattern, text) ? 1 : 0;
  }
  EXPECT_GT(matched, 1000);
}

TEST(MatchesPattern, TakesAllElseLiterally) {
  EXPECT_TRUE(matches_pattern("cam-*", "cam-12"));
  EXPECT_FALSE(matches_pattern("cam-*", "webcam-12"));
  EXPECT_TRUE(matches_pattern("a[b].c", "a[b].c"));
  EXPECT_FALSE(matches_pattern("a[b].c", "ab.c"));
  EXPECT_FALSE(matches_pattern("Cam", "cam"));
}

}  // namespace
}  // namespace kerf::test
