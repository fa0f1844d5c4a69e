// The file of a link's costs, and the fit against ladders whose answer is known.

#include "calibrate/profile/link_costs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/random.hpp"

namespace kerf::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

struct Truth {
  double delay;     // seconds, one way
  double overhead;  // seconds, a message
  double up, down;  // bytes a second
};

// A ladder as `kerf calibrate-link` visits it. `noise`: half the width of a uniform relative error.
LinkCosts ladder_of(const Truth& truth, double noise = 0, std::uint64_t seed = 1) {
  LinkCosts costs;
  costs.link = "test";
  costs.round_trip = Seconds(2 * truth.delay);
  const auto add = [&](double up, double down) {
    const double u = uniform({.seed = seed, .request = static_cast<std::uint32_t>(costs.ladder.size())});
    const double exact = 2 * (truth.delay + truth.overhead) + up / truth.up + down / truth.down;
    const Seconds time(exact * (1 + noise * (2 * u - 1)));
    costs.ladder.push_back({Bytes(up), Bytes(down), time, time * 0.99, time * 1.01, 20});
  };
  const double sizes[] = {1e3, 4e3, 16e3, 63e3, 250e3, 1e6, 4e6};
  add(0, 0);
  for (const double size : sizes) add(0, size);
  for (const double size : sizes) add(size, 0);
  return costs;
}

LinkCosts sample() {
  LinkCosts costs = ladder_of({.delay = 0.02, .overhead = 3e-4, .up = 1.2e6, .down = 4.8e6}, 0.02);
  costs.nominal_up = BytesPerSecond(1.25e6);
  costs.nominal_down = BytesPerSecond(5e6);
  costs.provenance = {"kerf calibrate-link",
                      "0.1.0",
                      "2026-11-22T10:00:00Z",
                      "a machine",
                      "a system",
                      "a transport",
                      "a peer",
                      "a note"};
  fit(costs);
  return costs;
}

void expect_close(double found, double truth, double relative) {
  EXPECT_LT(std::abs(found / truth - 1), relative) << found << " instead of " << truth;
}

TEST(LinkFit, FindsTheTruthWithoutNoise) {
  for (const Truth& truth : {Truth{0.02, 3e-4, 1.2e6, 4.8e6}, Truth{5e-6, 1e-4, 1.2e9, 1.6e9},
                             Truth{0.3, 1e-3, 1e4, 1e6}, Truth{1e-4, 0.01, 1.2e8, 1.2e8}}) {
    LinkCosts costs = ladder_of(truth);
    fit(costs);
    for (const LinkDirection& way : {costs.up, costs.down}) {
      expect_close(way.delay.value(), truth.delay, 1e-9);
      expect_close(way.overhead.value(), truth.overhead, 1e-6);
    }
    expect_close(costs.up.goodput.value(), truth.up, 1e-9);
    expect_close(costs.down.goodput.value(), truth.down, 1e-9);
    EXPECT_LT(costs.worst_error, 1e-9);
  }
}

// Each time is wrong by up to 3 %. The goodput rests on the largest message most of all, whose error counts
// once for all of its time and again for the part that is delay: a little more than 3 % at worst, and none on
// average.
TEST(LinkFit, FindsItWithNoise) {
  const Truth truth{0.02, 1e-3, 1.2e6, 1.2e7};
  constexpr int kSeeds = 200;
  double up = 0, down = 0, one_way = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    LinkCosts costs = ladder_of(truth, 0.03, seed);
    fit(costs);
    expect_close((costs.up.delay + costs.up.overhead).value(), truth.delay + truth.overhead, 0.03);
    expect_close(costs.up.goodput.value(), truth.up, 0.045);
    expect_close(costs.down.goodput.value(), truth.down, 0.045);
    EXPECT_LT(costs.worst_error, 0.06);
    EXPECT_LT(costs.median_error, 0.03);
    EXPECT_LE(costs.median_error, costs.worst_error);
    up += costs.up.goodput.value() / kSeeds;
    down += costs.down.goodput.value() / kSeeds;
    one_way += (costs.up.delay + costs.up.overhead).value() / kSeeds;
  }
  expect_close(up, truth.up, 0.003);
  expect_close(down, truth.down, 0.003);
  expect_close(one_way, truth.delay + truth.overhead, 0.003);
}

TEST(LinkFit, SmallMessagesWeighAsMuchAsLargeOnes) {
  // Errors are relative: a second wrong at 4 MB must not bend what 1 kB costs.
  LinkCosts costs = ladder_of({0.02, 0, 1e6, 1e6});
  costs.ladder.back().median = costs.ladder.back().median * 1.25;
  fit(costs);
  expect_close(exchange_time(costs, Bytes(0), Bytes(0)).value(), 0.04, 0.02);
}

TEST(LinkFit, DelayIsNeverMoreThanThereIs) {
  LinkCosts costs = ladder_of({0.02, 0, 1e6, 1e6});
  costs.round_trip = Seconds(0.1);
  fit(costs);
  expect_close(costs.up.delay.value(), 0.02, 1e-9);
  EXPECT_GE(costs.up.overhead, Seconds(0));
}

TEST(LinkFit, TimesThatDoNotGrowAreRefused) {
  LinkCosts costs = ladder_of({0.02, 0, 1e6, 1e6});
  for (LadderPoint& point : costs.ladder) {
    if (point.up > Bytes(0)) point.median = Seconds(0.04 - point.up.value() * 1e-10);
  }
  try {
    fit(costs);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
    EXPECT_THAT(error.what(), HasSubstr("--budget"));
  }
}

// ---- The file

std::string complaint(const std::string& json) {
  try {
    static_cast<void>(link_costs_from_json(json, "l.json"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << json.substr(0, 200);
  return "";
}

TEST(LinkJson, IsTheSameTextAfterARoundTrip) {
  const std::string text = to_json(sample());
  const LinkCosts read = link_costs_from_json(text, "l.json");
  EXPECT_EQ(to_json(read), text);
  EXPECT_EQ(read.up.goodput, sample().up.goodput);
  EXPECT_EQ(read.nominal_down, BytesPerSecond(5e6));
  EXPECT_EQ(read.ladder.size(), 15U);
  EXPECT_EQ(read.ladder[3].median, sample().ladder[3].median);
  EXPECT_EQ(read.provenance.peer, "a peer");
}

TEST(LinkJson, IsWrittenAndReadAsAFile) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "kerf-link-test.json";
  write_link_costs(sample(), file);
  EXPECT_EQ(to_json(read_link_costs(file)), to_json(sample()));
  std::filesystem::remove(file);
}

TEST(LinkJson, WritesNoFileThatCouldNotBeRead) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "kerf-link-nan.json";
  LinkCosts costs = sample();
  costs.up.delay = Seconds(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(write_link_costs(costs, file), Error);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(LinkJson, RefusesOlderAndNewerSchemasAndOtherFiles) {
  Json document = Json::parse(to_json(sample()));
  document["link_schema"] = 0;
  EXPECT_EQ(
      complaint(document.dump()),
      "l.json: link schema 0; expected 1; an older Kerf wrote it: measure the link again with this one");
  EXPECT_THAT(complaint(R"({"link_schema": 2})"), HasSubstr("a newer Kerf"));
  EXPECT_THAT(complaint(R"({"schema": 1, "model": "resnet50"})"), HasSubstr("no key \"link_schema\""));
  EXPECT_THAT(complaint(""), HasSubstr("the file is empty"));
}

struct Bad {
  std::string pointer, value, message;
};

TEST(LinkJson, RefusesEveryWrongValueAndSaysWhere) {
  const std::vector<Bad> all = {
      {"/link", "", "no key \"link\""},
      {"/link", "\"\"", "/link: \"\"; expected a text that is not empty"},
      {"/colour", "1", "unknown key \"colour\""},
      {"/rtt_s", "1", "unknown key \"rtt_s\""},
      {"/round_trip_s", "-1", "/round_trip_s: -1; expected a number from 0"},
      {"/round_trip_s", "null", "/round_trip_s: null; expected a number"},
      {"/up", "[]", "/up: an array of 0; expected an object"},
      {"/up/delay_s", "", "/up: no key \"delay_s\""},
      {"/up/delay_s", "-0.1", "/up/delay_s: -0.1; expected a number from 0 to 1000000"},
      {"/up/overhead_s", "\"1ms\"", "/up/overhead_s: \"1ms\"; expected a number"},
      {"/down/goodput_bytes_per_s", "0", "/down/goodput_bytes_per_s: 0; expected a rate above 0"},
      {"/down/goodput_bytes_per_s", "-5", "/down/goodput_bytes_per_s: -5; expected a number from 0"},
      {"/down/goodput_bytes_per_s", "1e300", "/down/goodput_bytes_per_s: 1e+300; expected a number"},
      {"/down/jitter_s", "0", "/down: unknown key \"jitter_s\""},
      {"/nominal_up_bytes_per_s", "-1", "/nominal_up_bytes_per_s: -1; expected a number from 0"},
      {"/median_error", "-1", "/median_error: -1; expected a number from 0"},
      {"/worst_error", "0", "/worst_error: 0; expected a number from"},
      {"/provenance/tool", "7", "/provenance/tool: 7; expected a text"},
      {"/provenance/peer", "", "/provenance: no key \"peer\""},
      {"/ladder_columns/2", "\"p20_s\"", "/ladder_columns: other columns; expected up_bytes, down_bytes"},
      {"/ladder_columns/-", "\"more\"", "/ladder_columns: other columns"},
      {"/ladder", "[]", "/ladder: an array of 0; expected at least 3 points"},
      {"/ladder/4", "7", "/ladder/4: 7; expected an array"},
      {"/ladder/4/5", "", "/ladder/4: an array of 5; expected 6 numbers"},
      {"/ladder/4/0", "-1", "/ladder/4/0: -1; expected a number from 0"},
      {"/ladder/4/2", "0", "/ladder/4/2: 0; expected a time above 0"},
      {"/ladder/4/2", "-1", "/ladder/4/2: -1; expected a number from 0"},
      {"/ladder/4/3", "1", "/ladder/4/3: 1; expected a number from 0 to 0."},
      {"/ladder/4/4", "0", "/ladder/4/4: 0; expected a number from 0."},
      {"/ladder/4/5", "0", "/ladder/4/5: 0; expected a whole number from 1"},
      {"/ladder/4/5", "1.5", "/ladder/4/5: 1.5; expected a whole number from 1"},
      {"/ladder/4/1", "16000",
       "/ladder/4: 0 bytes up and 16000 down after 0 and 16000; expected points ordered"},
      {"/ladder/9/0", "0", "/ladder/9: 0 bytes up and 0 down after 1000 and 0"},
  };
  const std::string text = to_json(sample());
  for (const Bad& bad : all) {
    Json document = Json::parse(text);
    if (bad.value.empty()) {
      document = document.patch(Json::array({{{"op", "remove"}, {"path", bad.pointer}}}));
    } else {
      document = document.patch(
          Json::array({{{"op", "add"}, {"path", bad.pointer}, {"value", Json::parse(bad.value)}}}));
      // A patch inserts into arrays where it replaces in objects.
      const bool element = bad.pointer.find_last_of('/') != std::string::npos &&
                           std::isdigit(static_cast<unsigned char>(bad.pointer.back())) != 0;
      if (element) {
        document = Json::parse(text);
        document[Json::json_pointer(bad.pointer)] = Json::parse(bad.value);
      }
    }
    EXPECT_THAT(complaint(document.dump()), HasSubstr(bad.message)) << bad.pointer << " = " << bad.value;
  }
}

TEST(LinkJson, DamagedFilesAreRefusedOrRead) {
  const std::string text = to_json(sample());
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
    static_cast<void>(complaint(text.substr(0, length)));
  }
  for (std::uint32_t i = 0; i < 3000; ++i) {
    std::string damaged = text;
    const auto draw = [&](std::uint32_t purpose, std::size_t below) {
      return static_cast<std::size_t>(uniform({.seed = 1, .request = i, .purpose = purpose}) *
                                      static_cast<double>(below));
    };
    damaged[draw(0, text.size())] = static_cast<char>(draw(1, 256));
    try {
      const LinkCosts read = link_costs_from_json(damaged, "l.json");
      EXPECT_GT(read.up.goodput, BytesPerSecond(0));
      EXPECT_TRUE(std::isfinite(read.down.delay.value()));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    }
  }
}

}  // namespace
}  // namespace kerf::test
