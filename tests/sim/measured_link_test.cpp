// A scenario with a measured link, from files to both answers: the closed form and the simulation agree on
// what its messages cost, in each direction.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/file.hpp"
#include "calibrate/profile/link_costs.hpp"
#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "planner/search/cost.hpp"
#include "scenarios/problem.hpp"
#include "sim/simulator.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

constexpr const char* kSite = R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="net" routing="Full">
    <host id="camera" speed="1Gf"/>
    <host id="cloud" speed="1Gf"/>
    <link id="uplink" bandwidth="10MBps" latency="10ms" sharing_policy="SPLITDUPLEX"/>
    <link id="backhaul" bandwidth="100MBps" latency="2ms" sharing_policy="SPLITDUPLEX"/>
    <route src="camera" dst="cloud">
      <link_ctn id="uplink" direction="UP"/><link_ctn id="backhaul" direction="UP"/>
    </route>
  </zone>
</platform>
)";

constexpr const char* kScenario = R"(
[platform]
file = "site.xml"
[hosts.camera]
tier = "device"
profile = "net.json"
slowdown = 7.0
[hosts.cloud]
profile = "net.json"
[network.uplink]
measured = "uplink.json"
[workload]
requests = 2
jitter = false
)";

TEST(MeasuredLink, PlannerAndSimulatorAgree) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "kerf-sim-measured-link";
  std::filesystem::create_directories(folder);
  write_file(folder / "site.xml", kSite);
  write_profile(import_blocks_csv("block,seconds,output_bytes\n0,0.01,400000\n1,0.02,30000\n2,0.01,90000\n",
                                  "test", "net", "any", Bytes(600000)),
                folder / "net.json");
  LinkCosts costs;
  costs.link = "uplink";
  costs.up = {Seconds(0.0203), Seconds(1.4e-4), BytesPerSecond(1.1957e6)};
  costs.down = {Seconds(0.0217), Seconds(3.1e-4), BytesPerSecond(4.7713e6)};
  for (const double bytes : {0.0, 1e3, 1e6}) {
    costs.ladder.push_back({Bytes(bytes), Bytes(0), Seconds(1), Seconds(1), Seconds(1), 9});
  }
  write_link_costs(costs, folder / "uplink.json");
  const auto problem = ProblemBuilder().build(ScenarioFile(std::string(kScenario), folder / "s.toml").bind());
  std::filesystem::remove_all(folder);

  // All on the cloud, by hand: the input up, four hundredths of a second, the result down; 2 ms of backhaul
  // each way.
  const double by_hand =
      0.0203 + 1.4e-4 + 0.002 + 600000 / 1.1957e6 + 0.04 + 0.0217 + 3.1e-4 + 0.002 + 90000 / 4.7713e6;
  EXPECT_NEAR(cost_of(*problem, {{{1, 0, 2}}}).latency.value() / by_hand, 1, 1e-12);

  for (const Plan& plan : {Plan{{{1, 0, 2}}}, Plan{{{0, 0, 0}, {1, 1, 2}}}, Plan{{{0, 0, 1}, {1, 2, 2}}}}) {
    const auto simulated =
        in_child([&] { return std::vector{Simulator(*problem).run(*problem, plan).mean.value()}; });
    EXPECT_NEAR(simulated.at(0) / cost_of(*problem, plan).latency.value(), 1, 1e-6);
    EXPECT_NEAR(simulated.at(0) / unloaded_seconds(*problem, plan), 1, 1e-6);
  }
}

}  // namespace
}  // namespace kerf::test
