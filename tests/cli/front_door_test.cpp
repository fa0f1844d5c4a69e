// The commands as a user types them, from a block-wise profile to an answer of the policy table.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class FrontDoor : public SweepFixture {
 protected:
  [[nodiscard]] Ran kerf(const std::vector<std::string>& arguments) const {
    return run_kerf(arguments, {.folder = folder()});
  }
};

TEST_F(FrontDoor, HelpListsEveryCommand) {
  const Ran ran = kerf({"--help"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const char* command :
       {"model", "calibrate", "import-profile", "plan", "simulate", "sweep", "policy"}) {
    EXPECT_THAT(ran.out, HasSubstr(command));
  }
}

TEST_F(FrontDoor, AnUnknownCommandIsAUsageError) {
  EXPECT_EQ(kerf({"plann", "scenario.toml"}).exit_code, 2);
  EXPECT_EQ(kerf({}).exit_code, 2);
  EXPECT_EQ(kerf({"plan"}).exit_code, 2);
  EXPECT_EQ(kerf({"sweep"}).exit_code, 2);
}

TEST_F(FrontDoor, AProfileOfOthersCanBePlannedWith) {
  write_file(folder() / "blocks.csv", "block,seconds,output_bytes\n0,0.01,400000\n1,0.02,1000\n");
  const Ran imported = kerf({"import-profile", "blocks.csv", "--model", "two", "--as", "here",
                             "--input-bytes", "600kB", "--out", "profile.json"});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const Ran planned = kerf({"plan", "scenario.toml", "--json"});
  ASSERT_EQ(planned.exit_code, 0) << planned.err;
  const json result = json::parse(planned.out);
  EXPECT_TRUE(result.at("feasible").get<bool>());
  const json& best = result.at("plans").at(0);
  for (const char* key :
       {"rank", "plan", "latency_s", "compute_s", "transfer_s", "energy_j", "slices", "transfers"}) {
    EXPECT_TRUE(best.contains(key)) << key;
  }
}

TEST_F(FrontDoor, SettingsOverrideTheScenario) {
  const auto latency = [&](const std::string& setting) {
    const Ran ran = kerf({"plan", "--set", "constraints.camera = { used = false }", "--set", setting,
                          "scenario.toml", "--json"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return json::parse(ran.out).at("plans").at(0).at("latency_s").get<double>();
  };
  EXPECT_LT(latency("network.uplink.bandwidth=80Mbps"), latency("network.uplink.bandwidth=1Mbps"));
}

TEST_F(FrontDoor, NoFeasiblePlanIsExitTenWithTheReason) {
  const std::vector<std::string> arguments{"plan",  "scenario.toml",
                                           "--set", "constraints.camera = { used = false }",
                                           "--set", "constraints.edge = { used = false }",
                                           "--set", "constraints.cloud = { used = false }"};
  const Ran text = kerf(arguments);
  EXPECT_EQ(text.exit_code, 10);
  EXPECT_THAT(text.err, HasSubstr("camera"));
  std::vector<std::string> as_json = arguments;
  as_json.push_back("--json");
  const Ran machine = kerf(as_json);
  EXPECT_EQ(machine.exit_code, 10);
  EXPECT_FALSE(json::parse(machine.out).at("feasible").get<bool>());
}

TEST_F(FrontDoor, SweepThenAskTheTable) {
  const Ran swept = kerf({"sweep", "scenario.toml", "--jobs", "2", "--out", "out"});
  ASSERT_EQ(swept.exit_code, 0) << swept.err;
  EXPECT_THAT(swept.out, HasSubstr("Which plan wins where"));

  const Ran info = kerf({"policy", "info", "out/policy.kerf"});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("goodput"));
  EXPECT_EQ(kerf({"policy", "verify", "out/policy.kerf"}).exit_code, 0);

  // On the grid, between its points, and outside.
  const Ran on = kerf(
      {"policy", "query", "out/policy.kerf", "goodput=100Mbps", "rtt=4ms", "workload.rate=1/s", "--json"});
  ASSERT_EQ(on.exit_code, 0) << on.err;
  const json answer = json::parse(on.out);
  EXPECT_FALSE(answer.at("fallback").get<bool>());
  EXPECT_GT(answer.at("latency_s").get<double>(), 0);
  const Ran between = kerf(
      {"policy", "query", "out/policy.kerf", "goodput=95Mbps", "rtt=5ms", "workload.rate=1.2/s", "--json"});
  EXPECT_EQ(json::parse(between.out), answer);
  const Ran outside =
      kerf({"policy", "query", "out/policy.kerf", "goodput=1kbps", "rtt=4ms", "workload.rate=1/s", "--json"});
  ASSERT_EQ(outside.exit_code, 0) << outside.err;
  EXPECT_TRUE(json::parse(outside.out).at("fallback").get<bool>());
  EXPECT_THAT(json::parse(outside.out).at("plan").get<std::string>(), HasSubstr("camera:0-5"));
}

TEST_F(FrontDoor, SimulateTellsPercentiles) {
  const Ran ran = kerf({"simulate", "scenario.toml", "--plan", "camera:0-2,edge:3-5", "--json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(json::parse(ran.out).is_object());
  const Ran best = kerf({"simulate", "scenario.toml"});
  EXPECT_EQ(best.exit_code, 0) << best.err;
  EXPECT_THAT(best.out, HasSubstr("p95"));
}

TEST_F(FrontDoor, APlanThatComesBackToAHostIsSimulatedWhereTheRulesAllowIt) {
  const std::vector<std::string> forward{"simulate", "scenario.toml", "--plan",
                                         "camera:0-2,edge:3-4,camera:5-5"};
  std::vector<std::string> any = forward;
  any.insert(any.end(), {"--set", "plans.order=any"});
  std::vector<std::string> revisit = any;
  revisit.insert(revisit.end(), {"--set", "plans.revisit=true"});
  EXPECT_EQ(kerf(forward).exit_code, 2);
  EXPECT_THAT(kerf(forward).err, HasSubstr("edge (edge) cannot hand on to camera (device)"));
  EXPECT_EQ(kerf(any).exit_code, 2);
  EXPECT_THAT(kerf(any).err, HasSubstr("camera runs two slices; expected a plan that [plans] allows"));
  const Ran ran = kerf(revisit);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("plan camera:0-2,edge:3-4,camera:5-5"));
}

}  // namespace
}  // namespace kerf
