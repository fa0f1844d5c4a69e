#pragma once
// Contents for the tests of policy tables: one small table that every test can know by heart, and random
// ones.

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "policy/writer/policy_writer.hpp"

namespace kerf::test {

// goodput 1, 4, 16 Mbit/s (logarithmic) x rtt 20, 80 ms x two platforms: twelve cells.
inline PolicyContent sample() {
  PolicyContent content;
  content.scenario = "cameras on a shared uplink";
  content.model = "resnet50";
  content.model_hash = "0123456789abcdef";
  content.objective = "latency.p95";
  content.made_by = "kerf 0.1.0";
  content.profile_hashes = {"00000000000000aa", "00000000000000bb"};
  content.platform_hashes = {"00000000000000cc"};
  content.hosts = {"camera", "edge", "cloud"};
  content.axes = {
      {"goodput",
       "network.uplink.bandwidth",
       "B/s",
       true,
       true,
       {125e3, 500e3, 2e6},
       {"1Mbps", "4Mbps", "16Mbps"}},
      {"rtt", "network.uplink.rtt", "s", true, false, {0.02, 0.08}, {"20ms", "80ms"}},
      {"site", "platform.file", "", false, false, {}, {"platforms/one-edge.xml", "platforms/two-edges.xml"}}};
  content.plans = {{{{0, 0, 60}}}, {{{0, 0, 12}, {1, 13, 60}}}, {{{2, 0, 60}}}};
  const double infinity = std::numeric_limits<double>::infinity();
  content.cells = {{0, Seconds(0.9), 0.25}, {0, Seconds(0.9), 0.5},      {0, Seconds(0.9), 0.75},
                   {-1, Seconds(), 0},      {1, Seconds(0.5), 0.125},    {1, Seconds(0.5), 0},
                   {1, Seconds(0.5), 200},  {0, Seconds(0.9), infinity}, {2, Seconds(0.25), 1},
                   {2, Seconds(0.25), 2},   {2, Seconds(0.375), 3},      {1, Seconds(0.5), 0.01}};
  content.fallback_plan = 0;
  content.regret = PolicyRegret{200, 0.015625, 0.25};
  return content;
}

// A stream of draws.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}
  double next() { return uniform({.seed = seed_, .request = at_++}); }
  // In 0..below-1.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(next() * static_cast<double>(count));
  }

 private:
  std::uint64_t seed_;
  std::uint32_t at_ = 0;
};

inline PolicyAxisContent random_axis(std::size_t index, Draws& draws) {
  PolicyAxisContent axis;
  axis.name = "axis" + std::to_string(index);
  axis.key = "key." + std::to_string(index);
  axis.numeric = draws.next() < 0.8;
  axis.logarithmic = axis.numeric && draws.next() < 0.5;
  // Mostly few points; the first axis has more.
  const std::size_t size = 1 + draws.below(index > 0 ? 5 : draws.next() < 0.1 ? 700 : 80);
  double point = axis.logarithmic ? std::exp(20 * draws.next() - 10) : 20 * draws.next() - 10;
  for (std::size_t i = 0; i < size; ++i) {
    if (axis.numeric) axis.points.push_back(point);
    axis.labels.push_back("point " + std::to_string(i));
    point = axis.logarithmic ? point * (1.01 + draws.next()) : point + 0.01 + draws.next();
  }
  return axis;
}

inline PolicyContent random_content(std::uint64_t seed) {
  Draws draws(seed);
  PolicyContent content;
  content.scenario = "random " + std::to_string(seed);
  content.hosts = {"a", "b"};
  const std::size_t plans = 1 + draws.below(draws.next() < 0.2 ? 600 : 20);
  for (std::size_t plan = 0; plan < plans; ++plan) {
    const int split = static_cast<int>(plan);
    content.plans.push_back({{{0, 0, split}, {1, split + 1, 1000}}});
  }
  std::size_t cells = 1;
  const std::size_t axes = draws.below(5);
  for (std::size_t i = 0; i < axes; ++i) {
    content.axes.push_back(random_axis(i, draws));
    cells *= content.axes.back().labels.size();
  }
  for (std::size_t i = 0; i < cells; ++i) {
    const bool feasible = draws.next() < 0.9;
    content.cells.push_back({feasible ? static_cast<int>(draws.below(plans)) : -1, Seconds(draws.next()),
                             std::exp(20 * draws.next() - 12)});
  }
  content.fallback_plan = static_cast<int>(draws.below(plans));
  return content;
}

}  // namespace kerf::test
