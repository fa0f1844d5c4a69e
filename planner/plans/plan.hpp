#pragma once
// Plans, conditions and outcomes: plain data that planner, simulator, sweep and policy hand to each other.

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

// Blocks first_block..last_block run on host class `host`, an index into the scenario's list of hosts.
struct Stage {
  int host = 0;
  int first_block = 0;
  int last_block = 0;
  auto operator<=>(const Stage&) const = default;
};

// Which slice runs where: stages in order, covering every block once, neighbours on different hosts. A host
// may come again later, where the scenario lets it. The order of plans (that of their stages) breaks ties
// wherever two plans cost the same.
struct Plan {
  std::vector<Stage> stages;
  auto operator<=>(const Plan&) const = default;
};

// "camera:0-12,edge:13-40,cloud:41-60"
[[nodiscard]] std::string to_text(const Plan& plan, std::span<const std::string> hosts);
// The inverse; Error(kUsage) for an unknown host (nearest named), a gap, an overlap, blocks beyond `blocks`
// or two stages in a row on one host. Whether a scenario allows the plan is the planner's to say
// (violation()).
[[nodiscard]] Plan parse_plan(std::string_view text, std::span<const std::string> hosts, int blocks);

// One setting of a swept key: its text as the scenario would hold it, and its value in base units where it is
// a quantity (bytes per second, seconds, plain numbers), NaN where it is a name.
struct Setting {
  std::string key;
  std::string text;
  double number = 0;
};

// One point of the sweep: `index` counts the product of the axes, the last axis fastest.
struct Condition {
  std::size_t index = 0;
  std::vector<Setting> settings;
};

// What a plan yields under a condition. Latency is from a request's arrival at its device to the answer's
// arrival there.
struct Outcome {
  Seconds mean, p50, p95, p99, max;
  double mean_half_width =
      0;  // relative half width of the mean's 95 % interval (batch means); 0 with no randomness
  PerSecond throughput;  // answers a second, all devices together
  Bytes bytes_sent;      // per request, over all links' transfers, way back included
  Joules energy;         // per request
  int requests = 0;      // that count: after warm-up
};

}  // namespace kerf
