#pragma once
// The scenario that the tests start from, and what they ask of errors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

inline constexpr std::string_view kExample = R"([scenario]
name = "cameras on a shared uplink"
[model]
file = "ppocr-det.onnx"
shape = { x = [1, 3, 640, 640] }
input_wire = { bytes = "150kB", decode = "4ms" }
[platform]
file = "../platforms/shared-uplink.xml"
[hosts.camera]
match = "cam-*"
count = 12
tier = "device"
profile = "/profiles/camera.json"
slowdown = 8.0
memory = "512MB"
power = { idle = "2W", busy = "6W", send = "1.5W" }
[hosts.edge]
profile = "edge.json"
workers = 2
utilization = 0.25
[hosts.cloud]
profile = "cloud.json"
slowdown = 0.5
optional = true
[network.uplink]
links = ["uplink", "wan-*"]
bandwidth = { up = "20Mbps", down = "80Mbps" }
rtt = "40ms"
efficiency = 0.95
overhead = "0.3ms"
[network.backhaul]
bandwidth = "1Gbps"
delay = "2ms"
[workload]
arrivals = "poisson"
rate = "4/s"
requests = 500
warmup = 20
seed = 7
return_result = true
[objective]
minimize = "latency.p95"
[constraints]
camera = { must_run = [0, "backbone.0", "3-5"], upload = "1MB" }
edge = { used = true, must_not_run = ["head"] }
[sweep]
candidates = 4
"network.uplink.bandwidth" = { log = ["0.5Mbps", "200Mbps"], points = 4 }
"network.uplink.rtt" = ["5ms", "20ms", "80ms"]
"hosts.camera.count" = [1, 4]
"platform.file" = ["../platforms/shared-uplink.xml", "/elsewhere/two-edges.xml"]
[policy]
goodput = { observes = "network.uplink.bandwidth" }
round_trip = { observes = "network.uplink.rtt" }
)";

inline ScenarioFile file_of(std::string_view text) {
  return {std::string(text), "scenarios/cameras.toml"};
}

// The example with one piece of text in place of another, which must be there.
inline std::string example_with(std::string_view before, std::string_view after) {
  std::string text(kExample);
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return text.replace(at, before.size(), after);
}

// The example without sections from [constraints] on: for tests that write their own.
inline std::string example_until(std::string_view section) {
  return std::string(kExample.substr(0, kExample.find(section)));
}

template <class Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was refused";
  return {ErrorCode::kBug, "", ""};
}

inline Error error_of_text(const std::string& text) {
  return error_of([&] { static_cast<void>(file_of(text).bind()); });
}

inline Error error_of_change(std::string_view before, std::string_view after) {
  return error_of_text(example_with(before, after));
}

}  // namespace kerf
