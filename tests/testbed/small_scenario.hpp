#pragma once
// Two cameras behind one uplink, an edge, a cloud; a model of four blocks.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/file.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

inline constexpr const char* kSmallPlatform = R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="world" routing="Floyd">
    <host id="cam-0" speed="1Gf"/>
    <host id="cam-1" speed="1Gf"/>
    <host id="edge" speed="1Gf"/>
    <host id="cloud" speed="1Gf"/>
    <router id="site"/>
    <link id="local-0" bandwidth="100MBps" latency="0ms" sharing_policy="SPLITDUPLEX"/>
    <link id="local-1" bandwidth="100MBps" latency="0ms" sharing_policy="SPLITDUPLEX"/>
    <link id="uplink" bandwidth="1MBps" latency="5ms" sharing_policy="SPLITDUPLEX"/>
    <link id="backhaul" bandwidth="50MBps" latency="10ms" sharing_policy="SPLITDUPLEX"/>
    <route src="cam-0" dst="site"><link_ctn id="local-0" direction="UP"/></route>
    <route src="cam-1" dst="site"><link_ctn id="local-1" direction="UP"/></route>
    <route src="site" dst="edge"><link_ctn id="uplink" direction="UP"/></route>
    <route src="edge" dst="cloud"><link_ctn id="backhaul" direction="UP"/></route>
  </zone>
</platform>
)";

inline constexpr const char* kSmallScenario = R"(
[scenario]
name = "small"
[model]
zoo = "mobilenet"
shape = { input = [1, 3, 224, 224] }
input_wire = { bytes = "90kB", decode = "1ms" }
[platform]
file = "platform.xml"
[hosts.camera]
match = "cam-*"
tier = "device"
profile = "profile.json"
[hosts.edge]
profile = "profile.json"
workers = 2
[hosts.cloud]
profile = "profile.json"
[network.uplink]
bandwidth = "8Mbps"
rtt = "10ms"
efficiency = 0.95
[workload]
arrivals = "poisson"
rate = "5/s"
requests = 20
warmup = 2
seed = 3
[sweep]
"network.uplink.rtt" = ["10ms", "40ms"]
)";

// A scenario on disk, in a folder of the running test's own.
class SmallScenario {
 public:
  SmallScenario() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(KERF_BINARY_DIR) / "tests/testbed" /
              (std::string("scenario-") + test->test_suite_name() + "-" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    const Profile profile = import_blocks_csv(
        "block,seconds,output_bytes\n0,0.004,400000\n1,0.006,200000\n2,0.005,20000\n3,0.006,1000\n",
        "blocks.csv", "mobilenet", "here", Bytes(600000));
    write_profile(profile, folder_ / "profile.json");
    write_file(folder_ / "platform.xml", kSmallPlatform);
    write_file(folder_ / "scenario.toml", kSmallScenario);
    file_ = std::make_unique<ScenarioFile>(folder_ / "scenario.toml");
  }

  [[nodiscard]] ScenarioFile& file() { return *file_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] Scenario scenario() const { return file_->bind(condition_at(file_->bind(), 0)); }
  [[nodiscard]] std::shared_ptr<const Problem> problem() const { return ProblemBuilder().build(scenario()); }
  [[nodiscard]] Plan plan(const std::string& text) const {
    return parse_plan(text, problem()->host_names(), problem()->blocks);
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<ScenarioFile> file_;
};

}  // namespace kerf
