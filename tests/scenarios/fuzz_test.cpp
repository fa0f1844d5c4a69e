// Damaged texts: whatever stands there, it binds or is refused with an Error. Nothing else comes out.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/random.hpp"
#include "scenarios/scenario.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

class Draws {
 public:
  explicit Draws(std::uint32_t seed) : key_{.seed = seed} {}
  std::size_t below(std::size_t limit) {
    ++key_.request;
    return static_cast<std::size_t>(uniform(key_) * static_cast<double>(limit));
  }

 private:
  DrawKey key_;
};

std::string mutated(std::string text, Draws& draw) {
  constexpr std::string_view kPieces[] = {"\"",     "[",          "]",         "{",
                                          "}",      "=",          ".",         ",",
                                          "\n",     "#",          "-1",        "nan",
                                          "inf",    "1e999",      "0",         "99999999999999999999",
                                          "true",   "\"0\"",      "\\u0000",   "\xff",
                                          "[[",     "]]",         "hosts",     "sweep",
                                          "'''",    "\"\"\"",     "points",    "log",
                                          "linear", "1979-05-27", "0x10",      "\r",
                                          "\t",     "\"5ms\"",    "[sweep]\n", "[hosts.camera]\n"};
  const std::size_t edits = 1 + draw.below(6);
  for (std::size_t i = 0; i < edits && !text.empty(); ++i) {
    const std::size_t at = draw.below(text.size());
    const std::size_t length = draw.below(std::min<std::size_t>(40, text.size() - at)) + 1;
    const std::size_t to = draw.below(text.size());
    switch (draw.below(6)) {
      case 0:
        text[at] = static_cast<char>(draw.below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(to, text.substr(at, length));
        break;
      case 3:
        text.insert(at, kPieces[draw.below(std::size(kPieces))]);
        break;
      case 4:
        text.replace(at, length, kPieces[draw.below(std::size(kPieces))]);
        break;
      default:
        text.resize(at + 1);
        break;
    }
  }
  return text;
}

TEST(Fuzz, DamagedFilesBindOrAreRefused) {
  const char* asked = std::getenv("KERF_FUZZ_ROUNDS");
  const auto rounds = static_cast<std::uint32_t>(asked == nullptr ? 4000 : std::atoi(asked));
  int bound = 0;
  for (std::uint32_t seed = 0; seed < rounds; ++seed) {
    Draws draw(seed);
    const std::string text = mutated(std::string(kExample), draw);
    try {
      const Scenario scenario = file_of(text).bind();
      static_cast<void>(condition_at(scenario, condition_count(scenario) - 1));
      ++bound;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput) << seed;
      EXPECT_FALSE(error.where().empty()) << seed;
      EXPECT_FALSE(error.found().empty()) << seed;
    }
  }
  EXPECT_GT(bound, 0);
}

TEST(Fuzz, DamagedOverridesBindOrAreRefused) {
  constexpr std::string_view kAssignments[] = {
      "network.uplink.bandwidth.up=20Mbps", "hosts.camera.count=4",
      "sweep.\"network.uplink.rtt\"=[\"5ms\", \"20ms\"]",
      "hosts.attic={ profile = \"a.json\", power = { busy = \"5W\" } }"};
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Draws draw(seed);
    const std::string assignment = mutated(std::string(kAssignments[seed % std::size(kAssignments)]), draw);
    ScenarioFile file = file_of(kExample);
    try {
      file.set(assignment);
      static_cast<void>(file.bind());
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kBug) << assignment;
    }
  }
}

}  // namespace
}  // namespace kerf
