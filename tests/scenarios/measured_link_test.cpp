// A network group that names a measured link, and what keys beside it change.

#include <cmath>
#include <filesystem>

#include "base/file.hpp"
#include "calibrate/profile/link_costs.hpp"
#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "scenarios/problem.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

constexpr std::string_view kPlatformText = R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="net" routing="Full">
    <host id="camera" speed="1Gf"/>
    <host id="edge" speed="1Gf"/>
    <host id="cloud" speed="1Gf"/>
    <link id="uplink" bandwidth="10MBps" latency="10ms" sharing_policy="SPLITDUPLEX"/>
    <link id="air" bandwidth="20MBps" latency="1ms" sharing_policy="SHARED"/>
    <route src="camera" dst="edge"><link_ctn id="air"/></route>
    <route src="camera" dst="cloud"><link_ctn id="uplink" direction="UP"/></route>
    <route src="edge" dst="cloud"><link_ctn id="uplink" direction="UP"/></route>
  </zone>
</platform>
)";

constexpr std::string_view kScenarioText = R"(
[platform]
file = "site.xml"
[hosts.camera]
tier = "device"
profile = "net.json"
[hosts.edge]
profile = "net.json"
[hosts.cloud]
profile = "net.json"
[network.uplink]
measured = "links/wan.json"
)";

LinkCosts wan() {
  LinkCosts costs;
  costs.link = "wan";
  costs.up = {Seconds(0.02), Seconds(1e-3), BytesPerSecond(1.2e6)};
  costs.down = {Seconds(0.03), Seconds(2e-3), BytesPerSecond(4.8e6)};
  costs.round_trip = Seconds(0.05);
  for (const double bytes : {0.0, 1e3, 1e6}) {
    costs.ladder.push_back({Bytes(0), Bytes(bytes), Seconds(0.1), Seconds(0.1), Seconds(0.1), 9});
  }
  return costs;
}

class MeasuredLink : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "kerf-measured-link" /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_ / "links");
    write_file(folder_ / "site.xml", kPlatformText);
    write_profile(import_blocks_csv("block,seconds,output_bytes\n0,0.01,4000\n1,0.02,3000\n", "test", "net",
                                    "any", Bytes(5000)),
                  folder_ / "net.json");
    write_link_costs(wan(), folder_ / "links" / "wan.json");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The path from the camera to the cloud and back, with keys beside `measured`.
  struct Ways {
    Path up, down;
  };
  [[nodiscard]] Ways ways(const std::vector<std::string>& keys = {}) const {
    ScenarioFile file(std::string(kScenarioText), folder_ / "s.toml");
    for (const std::string& key : keys) file.set("network.uplink." + key);
    const auto problem = ProblemBuilder().build(file.bind());
    return {problem->path(0, 2).value(), problem->path(2, 0).value()};
  }
  [[nodiscard]] Error refused(const std::vector<std::string>& keys) const {
    return error_of([&] { static_cast<void>(ways(keys)); });
  }

  std::filesystem::path folder_;
};

TEST_F(MeasuredLink, GivesEachDirectionItsOwn) {
  const auto [up, down] = ways();
  EXPECT_EQ(up.delay, Seconds(0.02));
  EXPECT_EQ(up.overhead, Seconds(1e-3));
  EXPECT_EQ(up.bandwidth, BytesPerSecond(1.2e6));
  EXPECT_EQ(down.delay, Seconds(0.03));
  EXPECT_EQ(down.overhead, Seconds(2e-3));
  EXPECT_EQ(down.bandwidth, BytesPerSecond(4.8e6));
  EXPECT_DOUBLE_EQ(up.transfer(Bytes(1.2e6)).value(), 1.021);
}

TEST_F(MeasuredLink, ADelayOrAnOverheadBesideItCountsInBothDirections) {
  const auto [up, down] = ways({"rtt=10ms", "overhead=0.5ms"});
  EXPECT_EQ(up.delay, Seconds(0.005));
  EXPECT_EQ(down.delay, Seconds(0.005));
  EXPECT_EQ(up.overhead, Seconds(0.0005));
  EXPECT_EQ(down.overhead, Seconds(0.0005));
  EXPECT_EQ(up.bandwidth, BytesPerSecond(1.2e6));
}

TEST_F(MeasuredLink, ABandwidthBesideItKeepsTheMeasuredEfficiencyWhereThatIsKnown) {
  EXPECT_EQ(ways({"bandwidth=8Mbps"}).up.bandwidth, BytesPerSecond(1e6));
  EXPECT_EQ(ways({"bandwidth=8Mbps", "efficiency=0.5"}).up.bandwidth, BytesPerSecond(0.5e6));
  LinkCosts costs = wan();
  costs.nominal_up = BytesPerSecond(1.5e6);
  costs.nominal_down = BytesPerSecond(6e6);
  write_link_costs(costs, folder_ / "links" / "wan.json");
  EXPECT_DOUBLE_EQ(ways({"bandwidth=8Mbps"}).up.bandwidth.value(), 0.8e6);
  EXPECT_DOUBLE_EQ(ways({"bandwidth=8Mbps"}).down.bandwidth.value(), 0.8e6);
  EXPECT_DOUBLE_EQ(ways({"bandwidth={ up = \"8Mbps\" }"}).down.bandwidth.value(), 4.8e6);
  EXPECT_EQ(ways({"bandwidth=8Mbps", "efficiency=0.5"}).up.bandwidth, BytesPerSecond(0.5e6));
  EXPECT_EQ(ways({"efficiency=0.5"}).up.bandwidth, BytesPerSecond(0.75e6));
}

TEST_F(MeasuredLink, AnEfficiencyOfNoKnownBandwidthIsRefused) {
  const Error error = refused({"efficiency=0.5"});
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_THAT(error.what(), testing::HasSubstr("nothing says of which bandwidth"));
}

TEST_F(MeasuredLink, AMissingFileIsNamedWithItsPlace) {
  const Error error = refused({"measured=links/lan.json"});
  EXPECT_EQ(error.where(), "--set network.uplink.measured=links/lan.json");
  EXPECT_THAT(error.what(), testing::HasSubstr("kerf calibrate-link ADDRESS --as uplink"));
}

TEST_F(MeasuredLink, AnotherFileIsRefused) {
  EXPECT_THAT(refused({"measured=net.json"}).what(), testing::HasSubstr("net.json: no key \"link_schema\""));
}

TEST_F(MeasuredLink, ALinkWithOneBandwidthTakesTheMean) {
  LinkCosts costs = wan();
  costs.down.goodput = BytesPerSecond(1.1e6);
  write_link_costs(costs, folder_ / "links" / "wan.json");
  ScenarioFile file(std::string(kScenarioText), folder_ / "s.toml");
  file.set("network.air.measured=links/wan.json");
  const auto problem = ProblemBuilder().build(file.bind());
  const Path path = problem->path(0, 1).value();
  EXPECT_DOUBLE_EQ(path.delay.value(), 0.025);
  EXPECT_DOUBLE_EQ(1 / path.bandwidth.value(), (1 / 1.2e6 + 1 / 1.1e6) / 2);
}

TEST_F(MeasuredLink, ALinkWithOneBandwidthRefusesTwo) {
  ScenarioFile file(std::string(kScenarioText), folder_ / "s.toml");
  file.set("network.air.measured=links/wan.json");
  const Error error = error_of([&] { static_cast<void>(ProblemBuilder().build(file.bind())); });
  EXPECT_EQ(error.found(), "network.air: up and down differ, and link air is shared by both directions");
  file.set("network.air.bandwidth=8Mbps");
  EXPECT_EQ(ProblemBuilder().build(file.bind())->path(0, 1)->bandwidth, BytesPerSecond(1e6));
}

TEST_F(MeasuredLink, CanBeSwept) {
  LinkCosts costs = wan();
  costs.up.goodput = BytesPerSecond(5e6);
  write_link_costs(costs, folder_ / "links" / "lan.json");
  ScenarioFile file(std::string(kScenarioText) +
                        "[sweep]\n\"network.uplink.measured\" = [\"links/wan.json\", \"links/lan.json\"]\n",
                    folder_ / "s.toml");
  const Scenario scenario = file.bind();
  ASSERT_EQ(condition_count(scenario), 2U);
  ProblemBuilder builder;
  EXPECT_EQ(builder.build(file.bind(condition_at(scenario, 0)))->path(0, 2)->bandwidth,
            BytesPerSecond(1.2e6));
  EXPECT_EQ(builder.build(file.bind(condition_at(scenario, 1)))->path(0, 2)->bandwidth, BytesPerSecond(5e6));
}

}  // namespace
}  // namespace kerf
