// kerf compare through the program: a sweep beside runs that were made up from it, and each kind of bad
// input.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.hpp"
#include "base/text.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Compare : public SweepFixture {
 protected:
  // Two conditions, two plans, swept; and real runs that each take 10 % longer than the simulated mean.
  void SetUp() override {
    ran_ = kerf({"sweep", "scenario.toml", "--set", "sweep.network.uplink.bandwidth=[\"8Mbps\"]", "--set",
                 "sweep.network.uplink.rtt=[\"4ms\", \"20ms\"]", "--set", "sweep.workload.rate=[\"1/s\"]",
                 "--set", R"(sweep.plans=["camera:0-2,edge:3-5", "edge:0-5"])", "--out", "sim"});
    ASSERT_EQ(ran_.exit_code, 0) << ran_.err;
    const nlohmann::json simulated = simulate();
    hash_ = simulated.at("scenario_hash").get<std::string>();
    model_hash_ = simulated.at("model_hash").get<std::string>();
    write_real(hash_, model_hash_);
  }

  [[nodiscard]] Ran kerf(const std::vector<std::string>& arguments) const {
    return run_kerf(arguments, {.folder = folder(), .most_file_bytes = -1});
  }

  // Its hashes are those of the sweep: the same scenario with the same overrides.
  [[nodiscard]] nlohmann::json simulate() const {
    const Ran ran =
        kerf({"simulate", "scenario.toml", "--json", "--plan", "edge:0-5", "--set",
              "sweep.network.uplink.bandwidth=[\"8Mbps\"]", "--set",
              "sweep.network.uplink.rtt=[\"4ms\", \"20ms\"]", "--set", "sweep.workload.rate=[\"1/s\"]",
              "--set", R"(sweep.plans=["camera:0-2,edge:3-5", "edge:0-5"])"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return nlohmann::json::parse(ran.out);
  }

  // From every row of the sweep one run of one request.
  void write_real(const std::string& hash, const std::string& model_hash) const {
    const nlohmann::json description{
        {"testbed_schema", 1},
        {"scenario", "two cameras"},
        {"scenario_hash", hash},
        {"model", "six"},
        {"model_hash", model_hash},
        {"axes", {"network.uplink.bandwidth", "network.uplink.rtt", "workload.rate"}}};
    std::filesystem::create_directories(folder() / "real/runs");
    write_file(folder() / "real/testbed.json", description.dump());
    std::string table =
        "condition,network.uplink.bandwidth,network.uplink.rtt,workload.rate,run,attempt,repeat,lost,plan,"
        "status,bound_s,"
        "mean_s\n";
    const char* rtt[] = {"0.004", "0.02"};
    for (int run = 0; run < 4; ++run) {
      const char* plan = run % 2 == 0 ? "\"camera:0-2,edge:3-5\"" : "edge:0-5";
      table += fmt::format("{},{},{},1,{},0,0,0,{},measured,,{}\n", run / 2, format_exact(1e6), rtt[run / 2],
                           run, plan, 0.5 + run);
      write_file(
          folder() / fmt::format("real/runs/{:06}.csv", run),
          fmt::format("device,request,arrived_s,answered_s,latency_s,warmup,outcome,bytes_up,bytes_down\n"
                      "0,0,0,{0},{0},0,ok,1,1\n",
                      0.5 + run));
    }
    write_file(folder() / "real/testbed.csv", table);
  }

  Ran ran_;
  std::string hash_, model_hash_;
};

TEST_F(Compare, PutsPredictedBesideMeasured) {
  const Ran ran = kerf({"compare", "sim", "real", "--json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const nlohmann::json all = nlohmann::json::parse(ran.out);
  ASSERT_EQ(all.at("plans").size(), 4U);
  const nlohmann::json& mean = all.at("plans")[3].at("mean");
  EXPECT_EQ(mean.at("measured_s").get<double>(), 3.5);
  EXPECT_NEAR(mean.at("error").get<double>(), mean.at("predicted_s").get<double>() / 3.5 - 1, 1e-12);
  EXPECT_EQ(all.at("choices").size(), 2U);

  const Ran text = kerf({"compare", "sim/sweep.sqlite", "real"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("two cameras: 4 rows, 0 void"), HasSubstr("network.uplink.rtt 20 ms")));
}

TEST_F(Compare, ReadsASweepsCsvAsItsDatabase) {
  EXPECT_EQ(kerf({"compare", "sim/sweep.csv", "real"}).out, kerf({"compare", "sim", "real"}).out);
}

TEST_F(Compare, RefusesResultsOfAnotherScenario) {
  write_real("0123456789abcdef", model_hash_);
  Ran ran = kerf({"compare", "sim", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("sweep.sqlite"), HasSubstr("the scenario's hash")));
}

// The fixture's model has no hash, as block times from elsewhere have none: here it gets one.
TEST_F(Compare, RefusesResultsOfAnotherModel) {
  nlohmann::json simulated = simulate();
  simulated["model_hash"] = "fedcba9876543210";
  write_file(folder() / "one.json", simulated.dump());
  write_real(hash_, "0123456789abcdef");
  const Ran ran = kerf({"compare", "one.json", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("the model's hash"));
}

TEST_F(Compare, RefusesWhatIsMissingOrMalformed) {
  Ran ran = kerf({"compare", "nowhere.csv", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("nowhere.csv"));
  ran = kerf({"compare", "sim", "nowhere"});
  EXPECT_EQ(ran.exit_code, 30);
  write_file(folder() / "x.sqlite", "no database");
  ran = kerf({"compare", "x.sqlite", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("is no sweep"));
  const std::string table = read_file(folder() / "real/testbed.csv");
  write_file(folder() / "real/testbed.csv", table + "7,1,0.5\n");
  ran = kerf({"compare", "sim", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("testbed.csv:6: the row has 3 fields"));
}

TEST_F(Compare, SaysThatASweepIsUnfinished) {
  std::filesystem::rename(folder() / "sim/sweep.sqlite", folder() / "sim/sweep.sqlite.partial");
  const Ran ran = kerf({"compare", "sim", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr("sweep.sqlite.partial: the sweep is unfinished"), HasSubstr("--resume")));
}

TEST_F(Compare, RefusesAnAnswerForAnotherCondition) {
  write_file(folder() / "one.json", simulate().dump());
  const Ran ran = kerf({"compare", "one.json", "real"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("the axes are"));
}

}  // namespace
}  // namespace kerf
