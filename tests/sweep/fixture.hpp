#pragma once
// A small scenario on disk: a six-block chain with a narrow middle on three hosts, over the shipped chain
// platform.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.hpp"
#include "calibrate/profile/slice_costs.hpp"

namespace kerf {

// A folder that lives as long as the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "kerf-sweep-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline constexpr const char* kPlatform = R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="world" routing="Full">
    <host id="cam-0" speed="1Gf"/>
    <host id="cam-1" speed="1Gf"/>
    <host id="edge" speed="1Gf"/>
    <host id="cloud" speed="1Gf"/>
    <link id="uplink" bandwidth="1MBps" latency="5ms" sharing_policy="SPLITDUPLEX"/>
    <link id="backhaul" bandwidth="50MBps" latency="10ms" sharing_policy="SPLITDUPLEX"/>
    <route src="cam-0" dst="edge"><link_ctn id="uplink" direction="UP"/></route>
    <route src="cam-1" dst="edge"><link_ctn id="uplink" direction="UP"/></route>
    <route src="cam-0" dst="cloud"><link_ctn id="uplink" direction="UP"/><link_ctn id="backhaul" direction="UP"/></route>
    <route src="cam-1" dst="cloud"><link_ctn id="uplink" direction="UP"/><link_ctn id="backhaul" direction="UP"/></route>
    <route src="edge" dst="cloud"><link_ctn id="backhaul" direction="UP"/></route>
  </zone>
</platform>
)";

inline constexpr const char* kScenario = R"(
[scenario]
name = "two cameras"
[model]
input_wire = { bytes = "90kB", decode = "1ms" }
[platform]
file = "platform.xml"
[hosts.camera]
match = "cam-*"
tier = "device"
profile = "profile.json"
slowdown = 6.0
[hosts.edge]
tier = "edge"
profile = "profile.json"
[hosts.cloud]
tier = "cloud"
profile = "profile.json"
slowdown = 0.5
workers = 4
[network.uplink]
links = ["uplink"]
bandwidth = "8Mbps"
rtt = "10ms"
[workload]
arrivals = "poisson"
rate = "5/s"
requests = 100
seed = 3
[objective]
minimize = "latency"
[sweep]
"network.uplink.bandwidth" = { log = ["0.5Mbps", "100Mbps"], points = 8 }
"network.uplink.rtt" = ["4ms", "20ms", "80ms"]
"workload.rate" = ["1/s", "10/s"]
[policy]
goodput = { observes = "network.uplink.bandwidth" }
rtt = { observes = "network.uplink.rtt" }
)";

class SweepFixture : public testing::Test {
 protected:
  SweepFixture() {
    const Profile profile = import_blocks_csv(
        "block,seconds,output_bytes\n"
        "0,0.004,400000\n1,0.006,200000\n2,0.005,20000\n3,0.006,60000\n4,0.009,50000\n5,0.010,1000\n",
        "blocks.csv", "six", "here", Bytes(600000));
    write_profile(profile, folder() / "profile.json");
    write_file(folder() / "platform.xml", kPlatform);
    write_file(folder() / "scenario.toml", kScenario);
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path scenario() const { return folder() / "scenario.toml"; }

 private:
  TemporaryFolder folder_;
};

}  // namespace kerf
