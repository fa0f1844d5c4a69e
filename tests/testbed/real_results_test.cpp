#include "testbed/real_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "testbed/real_runs.hpp"

namespace kerf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// A folder of the running test's own, empty at first.
std::filesystem::path fresh_folder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder =
      std::filesystem::path(KERF_BINARY_DIR) / "tests/testbed" / (std::string("results-") + test->name());
  std::filesystem::remove_all(folder);
  return folder;
}

Question a_question() {
  return {.scenario = "s", .scenario_hash = "h", .model = "m", .model_hash = "x", .axes = {"rtt"}};
}

constexpr const char* kHeader =
    "device,request,arrived_s,started_s,answered_s,latency_s,warmup,plan,outcome,reason,compute_s,queued_s,"
    "transfer_s,bytes_up,bytes_down,difference,stages\n";

std::string request(int number, double arrived, double latency, bool warmup, const char* outcome = "ok") {
  return "0," + std::to_string(number) + "," + std::to_string(arrived) + "," + std::to_string(arrived) + "," +
         std::to_string(arrived + latency) + "," + std::to_string(latency) + "," + (warmup ? "1" : "0") +
         ",\"a:0-1,b:2-3\"," + outcome + ",,0,0,0,100,20,,\n";
}

std::string three_requests() {
  return kHeader + request(0, 0, 9, true) + request(2, 2, 3, false) + request(1, 1, 1, false);
}

template <class Body>
std::string refusal(const Body& body) {
  try {
    static_cast<void>(body());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error.what();
  }
  return "accepted";
}

TEST(Requests, CountInTheOrderOfArrivalWithoutTheWarmUp) {
  const RunRequests requests = read_requests(three_requests(), "r.csv");
  EXPECT_THAT(latencies_of(requests), ElementsAre(1, 3));
  EXPECT_EQ(requests.bytes_sent, Bytes(120));
}

TEST(Requests, ThatAHostFailedAreCounted) {
  const RunRequests requests = read_requests(
      kHeader + request(0, 0, 1, false) + request(1, 1, 5, false, "local") + request(2, 2, 0, false, "error"),
      "r.csv");
  EXPECT_EQ(requests.lost, 1);
  EXPECT_EQ(requests.unanswered, 1);
  EXPECT_THAT(latencies_of(requests), ElementsAre(1, 5));
}

TEST(Requests, ThatMakeNoSenseAreRefused) {
  EXPECT_THAT(refusal([] { return read_requests(kHeader + request(0, 0, 1, false, "maybe"), "r.csv"); }),
              HasSubstr("r.csv:2: outcome: \"maybe\""));
  EXPECT_THAT(refusal([] { return read_requests(kHeader + request(0, 0, -1, false), "r.csv"); }),
              HasSubstr("a latency above 0"));
  EXPECT_THAT(refusal([] { return read_requests("device,request\n0,0\n", "r.csv"); }),
              HasSubstr("no column \"warmup\""));
}

TEST(RealResults, ReadBackAsTheyWereRecorded) {
  const std::filesystem::path folder = fresh_folder();
  RealRecorder recorder(folder, a_question(), {}, {{"machine", "this"}});
  recorder.add({.condition = 2, .plan = "a:0-1,b:2-3", .attempt = 1, .repeat = 0}, {"0.02"},
               three_requests());
  const Measured measured = read_measured(folder);
  EXPECT_EQ(measured.question.scenario_hash, "h");
  ASSERT_EQ(measured.runs.size(), 1U);
  const MeasuredRun& run = measured.runs[0];
  EXPECT_EQ(run.condition, 2U);
  EXPECT_EQ(run.plan, "a:0-1,b:2-3");
  EXPECT_EQ(run.attempt, 1);
  EXPECT_THAT(run.settings, ElementsAre("0.02"));
  EXPECT_THAT(run.latencies, ElementsAre(1, 3));
  EXPECT_EQ(read_measured(folder / "testbed.csv").runs.size(), 1U);
}

TEST(RealResults, HaveTheSimulatorsColumns) {
  const std::filesystem::path folder = fresh_folder();
  RealRecorder recorder(folder, a_question(), {}, {});
  EXPECT_THAT(
      read_file(folder / "testbed.csv"),
      HasSubstr(
          "plan,status,bound_s,mean_s,mean_half_width,p50_s,p95_s,p99_s,max_s,throughput_per_s,bytes_sent,"
          "energy_j,requests\n"));
}

TEST(RealResults, GoOnWhereTheyStood) {
  const std::filesystem::path folder = fresh_folder();
  const RunKey first{.condition = 0, .plan = "a:0-3", .attempt = 0, .repeat = 0};
  const RunKey second{.condition = 0, .plan = "a:0-3", .attempt = 0, .repeat = 1};
  RealRecorder(folder, a_question(), {}, {}).add(first, {"0.02"}, three_requests());
  // A run that was being written when the machine went down.
  write_file(folder / "runs/000001.csv", "half a ");
  RealRecorder again(folder, a_question(), {}, {});
  EXPECT_TRUE(again.has(first));
  EXPECT_FALSE(again.has(second));
  again.add(second, {"0.02"}, three_requests());
  EXPECT_THAT(again.means(0, "a:0-3", 0), ElementsAre(2, 2));
  EXPECT_EQ(read_measured(folder).runs.size(), 2U);
}

TEST(RealResults, OfAnotherScenarioOrModelAreNotMixed) {
  const std::filesystem::path folder = fresh_folder();
  RealRecorder(folder, a_question(), {}, {});
  Question other = a_question();
  other.model_hash = "y";
  EXPECT_THAT(refusal([&] { return RealRecorder(folder, other, {}, {}).runs(); }),
              HasSubstr("holds runs of another scenario or model"));
  other = a_question();
  other.scenario_hash = "i";
  EXPECT_THAT(refusal([&] { return RealRecorder(folder, other, {}, {}).runs(); }),
              HasSubstr("another scenario"));
}

// They once counted as repeats of the same run.
TEST(RealResults, MadeWithOtherFlagsAreNotMixed) {
  const std::filesystem::path folder = fresh_folder();
  const auto with = [&](const std::map<std::string, std::string>& flags) {
    return refusal([&] { return RealRecorder(folder, a_question(), {flags, {}}, {}).runs(); });
  };
  const std::map<std::string, std::string> flags{{"--rest", "0.02s"}, {"--throttle", "edge=4"}};
  EXPECT_EQ(with(flags), "accepted");
  EXPECT_EQ(with(flags), "accepted");
  EXPECT_THAT(
      with({{"--rest", "0.05s"}, {"--throttle", "edge=4"}}),
      HasSubstr("testbed.json: holds runs made with --rest 0.02s; expected with --rest 0.05s, as now"));
  EXPECT_THAT(with({{"--rest", "0.02s"}}),
              HasSubstr("holds runs made with --throttle edge=4; expected without --throttle, as now"));
  EXPECT_THAT(with({{"--pin", "edge=1"}, {"--rest", "0.02s"}, {"--throttle", "edge=4"}}),
              HasSubstr("holds runs made without --pin; expected with --pin edge=1, as now"));
}

TEST(RealResults, OfOneConditionHaveAsManyRequests) {
  const std::filesystem::path folder = fresh_folder();
  const auto with = [&](const std::map<std::size_t, int>& requests) {
    return refusal([&] { return RealRecorder(folder, a_question(), {{}, requests}, {}).runs(); });
  };
  EXPECT_EQ(with({{0, 30}, {1, 30}}), "accepted");
  EXPECT_EQ(with({{0, 20}}), "accepted");  // there are no runs yet
  RealRecorder(folder, a_question(), {{}, {{0, 20}}}, {})
      .add({.condition = 0, .plan = "a:0-3"}, {"0.02"}, three_requests());
  EXPECT_EQ(with({{1, 8}}), "accepted");
  EXPECT_EQ(with({{0, 20}, {1, 9}}), "accepted");
  EXPECT_THAT(with({{0, 30}}), HasSubstr("holds runs of condition 0 with 20 requests of each device; "
                                         "expected 30, as now; try --requests 20"));
}

TEST(RealResults, ThatDoNotSayHowTheyWereMadeAreReadButNotContinued) {
  const std::filesystem::path folder = fresh_folder();
  RealRecorder(folder, a_question(), {}, {})
      .add({.condition = 0, .plan = "a:0-3"}, {"0.02"}, three_requests());
  write_file(
      folder / "testbed.json",
      R"({"testbed_schema": 1, "scenario": "s", "scenario_hash": "h", "model": "m", "model_hash": "x", "axes": ["rtt"]})");
  EXPECT_EQ(read_measured(folder).runs.size(), 1U);
  EXPECT_THAT(refusal([&] { return RealRecorder(folder, a_question(), {}, {}).runs(); }),
              HasSubstr("does not say with which flags its runs were made"));
}

TEST(Flags, ThatRunsDependOn) {
  TestbedOptions options;
  options.repeats = 7;  // runs do not depend on it
  EXPECT_TRUE(flags_of(options).empty());
  options.rest = Seconds(0.02);
  options.addresses = {{"cloud", "10.0.0.9:8470"}, {"edge", "10.0.0.7:8470"}};
  const auto trace = std::make_shared<const DeliveryTrace>("10\n", "t.up");
  options.emulation = {
      .throttle = {{"edge", 4}}, .processors = {{"edge", {0, 1}}}, .traces = {{"uplink_UP", trace}}};
  EXPECT_THAT(flags_of(options),
              ElementsAre(Pair("--host", "cloud=10.0.0.9:8470 edge=10.0.0.7:8470"), Pair("--pin", "edge=0,1"),
                          Pair("--rest", "0.02s"), Pair("--throttle", "edge=4"),
                          Pair("--trace", "uplink_UP=" + trace->hash())));
  EXPECT_NE(trace->hash(), DeliveryTrace("20\n", "t.up").hash());
}

TEST(RealResults, ThatAreDamagedAreRefused) {
  const std::filesystem::path folder = fresh_folder();
  RealRecorder(folder, a_question(), {}, {})
      .add({.condition = 0, .plan = "a:0-3"}, {"0.02"}, three_requests());
  const std::string table = read_file(folder / "testbed.csv");

  write_file(folder / "testbed.csv", table.substr(0, table.size() - 12));
  EXPECT_THAT(refusal([&] { return read_measured(folder); }), HasSubstr("testbed.csv:2: "));
  write_file(folder / "testbed.csv", table);
  write_file(folder / "runs/000000.csv", kHeader + request(0, 0, 7, false));
  EXPECT_THAT(refusal([&] { return read_measured(folder); }), HasSubstr("says otherwise"));
  std::filesystem::remove(folder / "runs/000000.csv");
  EXPECT_THAT(refusal([&] { return read_measured(folder); }), HasSubstr("000000.csv"));
  write_file(folder / "testbed.json", "{\"testbed_schema\": 9}");
  EXPECT_THAT(refusal([&] { return read_measured(folder); }), HasSubstr("testbed_schema is 9; expected 1"));
  EXPECT_THAT(refusal([&] { return read_measured(folder / "nowhere"); }), HasSubstr("testbed.json"));
}

}  // namespace
}  // namespace kerf
