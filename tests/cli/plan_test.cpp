// `kerf plan` as a user runs it: what it prints, and how bad input ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Json = nlohmann::json;

class PlanCommand : public SweepFixture {
 protected:
  // `plan scenario.toml` with these arguments; what starts with a key goes behind --set.
  [[nodiscard]] Ran plan(const std::vector<std::string>& settings,
                         const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> arguments{"plan", "scenario.toml"};
    for (const std::string& setting : settings) {
      arguments.emplace_back("--set");
      arguments.push_back(setting);
    }
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return run_kerf(arguments, {.folder = folder()});
  }
};

TEST_F(PlanCommand, JsonHasTheDocumentedKeys) {
  const Json all = Json::parse(plan({}, {"--json"}).out);
  EXPECT_TRUE(all["feasible"].get<bool>());
  EXPECT_TRUE(all["infeasible_because"].empty());
  ASSERT_EQ(all["plans"].size(), 5U);
  const Json& best = all["plans"][0];
  EXPECT_EQ(best["rank"], 1);
  double sum = 0;
  for (const Json& slice : best["slices"]) sum += slice["seconds"].get<double>();
  EXPECT_DOUBLE_EQ(best["compute_s"].get<double>(), sum);
  for (const Json& sent : best["transfers"]) {
    sum += sent["seconds"].get<double>();
    EXPECT_EQ(sent["codec"], "raw");
  }
  EXPECT_NEAR(best["latency_s"].get<double>(), sum, 1e-12);
  EXPECT_GT(best["period_s"].get<double>(), 0);
  EXPECT_EQ(all["one_host"].size(), 3U);
}

TEST_F(PlanCommand, TheTableSaysWhereTheTimeGoes) {
  const Ran ran = plan({"constraints.camera.must_run=[0]", "constraints.edge.used=true"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("Where the time of the best goes:"), HasSubstr("camera -> edge"),
                    HasSubstr("return"), HasSubstr("The runner-up loses"), HasSubstr("All on one host")));
}

TEST_F(PlanCommand, AnotherObjectiveIsSaidAndShown) {
  const Ran ran = plan(
      {"objective.minimize=[\"price\", \"latency\"]", "hosts.edge.price=0.5/h", "hosts.cloud.price=2/h"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("Ranked by price, then latency."), HasSubstr("price")));
}

TEST_F(PlanCommand, FrontsOfTwoAndThreeCriteria) {
  const std::vector<std::string> prices{"hosts.edge.price=0.5/h", "hosts.cloud.price=2/h",
                                        "hosts.camera.power.busy=4W"};
  const Ran two = plan(prices, {"--pareto", "latency,price"});
  EXPECT_EQ(two.exit_code, 0) << two.err;
  EXPECT_THAT(two.out, HasSubstr("that no other betters in latency, price without losing elsewhere"));
  const Json three = Json::parse(plan(prices, {"--pareto", "latency,energy,throughput", "--json"}).out);
  EXPECT_EQ(three["pareto"], (std::vector<std::string>{"latency", "energy", "period"}));
  for (std::size_t i = 1; i < three["plans"].size(); ++i) {
    EXPECT_GE(three["plans"][i]["latency_s"].get<double>(), three["plans"][i - 1]["latency_s"].get<double>());
  }
}

TEST_F(PlanCommand, AWrongFrontIsAUsageError) {
  EXPECT_EQ(plan({}, {"--pareto", "latency"}).exit_code, 2);
  EXPECT_EQ(plan({}, {"--pareto", "latency,latency"}).exit_code, 2);
  const Ran ran = plan({}, {"--pareto", "latency,enrgy"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("energy"));
}

TEST_F(PlanCommand, ContradictoryConstraintsAreBothNamed) {
  const Ran ran = plan({"constraints.camera.must_run=[0]", "constraints.camera.must_not_run=[0]"});
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("camera must run 0"), HasSubstr("camera must not run 0")));
}

TEST_F(PlanCommand, ADeadlineTooShortNamesOneThatWouldDo) {
  const Ran ran = plan({"constraints.deadline=1ms"}, {"--json"});
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("the deadline is 1 ms"), HasSubstr("would do")));
  const Json all = Json::parse(ran.out);
  EXPECT_FALSE(all["feasible"].get<bool>());
  EXPECT_EQ(all["infeasible_because"].size(), 1U);
}

TEST_F(PlanCommand, AnUnknownCutSaysWhatIsKnown) {
  const Ran ran = plan({"constraints.private_until=7"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("which is no cut of"), HasSubstr("a cut's index from 0 to 6")));
}

TEST_F(PlanCommand, TheNearestCutIsNamed) {
  Profile profile = read_profile(folder() / "profile.json");
  profile.cuts[2].tensors = {"backbone.relu"};
  write_profile(profile, folder() / "profile.json");
  const Ran ran = plan({"constraints.private_until=backbone.rleu"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("did you mean \"backbone.relu\"?"));
  EXPECT_EQ(plan({"constraints.private_until=backbone.relu"}).exit_code, 0);
}

TEST_F(PlanCommand, ZeroAndNegativeBandwidthsAreRefused) {
  EXPECT_EQ(plan({"network.uplink.bandwidth=0"}).exit_code, 30);
  EXPECT_EQ(plan({"network.uplink.bandwidth=-1Mbps"}).exit_code, 30);
}

TEST_F(PlanCommand, NumbersThatOverflowAreRefused) {
  EXPECT_EQ(plan({"hosts.camera.slowdown=1e400"}).exit_code, 30);
  EXPECT_EQ(plan({"constraints.deadline=1e308h"}).exit_code, 30);
  EXPECT_EQ(plan({"constraints.energy=nanJ"}).exit_code, 30);
}

TEST_F(PlanCommand, TimesThatOverflowAreNoPlans) {
  write_profile(import_blocks_csv("block,seconds,output_bytes\n0,400000,10\n1,400000,1\n", "b.csv", "slow",
                                  "host", Bytes(100)),
                folder() / "profile.json");
  for (const char* top : {"1", "5"}) {
    const Ran ran =
        plan({"hosts.camera.slowdown=1e308", "hosts.edge.slowdown=1e308", "hosts.cloud.slowdown=1e308"},
             {"--top", top});
    EXPECT_EQ(ran.exit_code, 10);
    EXPECT_THAT(ran.err, HasSubstr("no plan takes a finite time"));
  }
}

TEST_F(PlanCommand, ALongChainIsPlanned) {
  std::string csv = "block,seconds,output_bytes\n";
  for (int block = 0; block < 20'000; ++block) csv += std::to_string(block) + ",0.001,1000\n";
  write_file(folder() / "long.csv", csv);
  const Ran imported = run_kerf({"import-profile", "long.csv", "--model", "long", "--as", "host",
                                 "--input-bytes", "150kB", "--out", "profile.json"},
                                {.folder = folder()});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(plan({}, {"--top", "1", "--json"}).exit_code, 0);
  EXPECT_EQ(plan({}, {"--top", "5", "--json"}).exit_code, 0);
  EXPECT_EQ(plan({"constraints.camera.compute=20%"}, {"--top", "5", "--json"}).exit_code, 0);
}

TEST_F(PlanCommand, AMillionBlocksAreALimitAndNamedAsOne) {
  std::string csv = "block,seconds,output_bytes\n";
  for (int block = 0; block < 1'000'000; ++block) csv += std::to_string(block) + ",0.001,1000\n";
  write_file(folder() / "long.csv", csv);
  const Ran imported = run_kerf({"import-profile", "long.csv", "--model", "long", "--as", "host",
                                 "--input-bytes", "150kB", "--out", "profile.json"},
                                {.folder = folder()});
  EXPECT_EQ(imported.exit_code, 20);
  EXPECT_THAT(imported.err, HasSubstr("at most 65536 blocks"));
}

TEST_F(PlanCommand, ASweepRefusesAnotherObjective) {
  const Ran ran =
      run_kerf({"sweep", "scenario.toml", "--set", "objective.minimize=energy"}, {.folder = folder()});
  EXPECT_EQ(ran.exit_code, 31);
  EXPECT_THAT(ran.err, HasSubstr("kerf plan ranks by every objective"));
}

}  // namespace
}  // namespace kerf
