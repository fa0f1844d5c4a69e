// What each link can do under this condition: as the platform says, unless a network group says otherwise,
// from a measured link, from keys of its own, or both.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "scenarios/problem_parts.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

// How much longer a byte may take in one direction than in the other where a link has one bandwidth for both.
constexpr double kAlike = 1.25;

[[noreturn]] void refuse_pattern(const NetworkGroup& group, const std::string& pattern,
                                 const Platform& platform) {
  std::vector<std::string> names;
  for (const Link& link : platform.links()) {
    if (names.empty() || names.back() != link.base_name) names.push_back(link.base_name);
  }
  const std::string near = did_you_mean(pattern, names);
  throw Error(ErrorCode::kBadInput, group.where,
              fmt::format("network.{}: no link of {} matches \"{}\"", group.name, platform.source(), pattern),
              "a pattern over its links' names",
              near.empty() ? "optional = true where a platform may be without the links" : near);
}

[[noreturn]] void refuse_two_bandwidths(const NetworkGroup& group, const Link& link) {
  throw Error(ErrorCode::kBadInput, group.where,
              fmt::format("network.{}: up and down differ, and link {} is shared by both directions",
                          group.name, link.name),
              "one bandwidth", "or a link with sharing_policy=\"SPLITDUPLEX\" in the platform");
}

std::optional<BytesPerSecond> bandwidth_key(const Link& link, const NetworkGroup& group) {
  if (link.direction == Direction::kUp) return group.up;
  if (link.direction == Direction::kDown) return group.down;
  if (group.up != group.down) refuse_two_bandwidths(group, link);
  return group.up;
}

// What was measured of one direction, or of both where a link has but one.
struct Measured {
  LinkDirection way;
  BytesPerSecond nominal;  // 0: unknown
};

Measured measured_of(const Link& link, const NetworkGroup& group, const LinkCosts& costs) {
  if (link.direction == Direction::kUp) return {costs.up, costs.nominal_up};
  if (link.direction == Direction::kDown) return {costs.down, costs.nominal_down};
  const double up = 1 / costs.up.goodput.value();
  const double down = 1 / costs.down.goodput.value();
  const bool alike = up <= down * kAlike && down <= up * kAlike;
  if (!alike && !group.up) refuse_two_bandwidths(group, link);
  return {{(costs.up.delay + costs.down.delay) / 2, (costs.up.overhead + costs.down.overhead) / 2,
           BytesPerSecond(2 / (up + down))},
          costs.nominal_up == costs.nominal_down ? costs.nominal_up : BytesPerSecond(0)};
}

ProblemLink without_measurement(const Link& link, const NetworkGroup& group) {
  const BytesPerSecond bandwidth = bandwidth_key(link, group).value_or(link.bandwidth);
  return {link.name,
          bandwidth * group.efficiency.value_or(1),
          group.delay.value_or(link.latency),
          group.overhead.value_or(Seconds(0)),
          link.shared,
          bandwidth,
          group.price};
}

// A key that is given counts in place of what was measured. `bandwidth` is the nominal one: the measured
// efficiency goes with it where it is known.
ProblemLink with_measurement(const Link& link, const NetworkGroup& group, const LinkCosts& costs) {
  const auto [way, nominal] = measured_of(link, group, costs);
  const std::optional<BytesPerSecond> key = bandwidth_key(link, group);
  const bool knows_nominal = nominal > BytesPerSecond(0);
  BytesPerSecond goodput = way.goodput;
  if (key) {
    goodput = *key * group.efficiency.value_or(knows_nominal ? way.goodput / nominal : 1);
  } else if (group.efficiency) {
    if (!knows_nominal) {
      throw Error(ErrorCode::kBadInput, group.where,
                  fmt::format("network.{}: an efficiency, and nothing says of which bandwidth", group.name),
                  "bandwidth beside it", "or measure again with calibrate-link --bandwidth");
    }
    goodput = nominal * *group.efficiency;
  }
  return {link.name,
          goodput,
          group.delay.value_or(way.delay),
          group.overhead.value_or(way.overhead),
          link.shared,
          key.value_or(nominal),
          group.price};
}

// Gives the group's values to the links of one pattern; returns whether there are any. `owner` is the group
// of each link so far.
bool set_matching(const NetworkGroup& group, const LinkCosts* costs, const std::string& pattern,
                  std::vector<const NetworkGroup*>& owner, Problem& problem) {
  bool found = false;
  for (std::size_t i = 0; i < problem.links.size(); ++i) {
    const Link& link = problem.platform->links()[i];
    if (!matches_pattern(pattern, link.base_name)) continue;
    found = true;
    if (owner[i] == &group) continue;
    if (owner[i] != nullptr) {
      throw Error(ErrorCode::kBadInput, group.where,
                  fmt::format("link {} is in network.{} and in network.{}", link.base_name, owner[i]->name,
                              group.name),
                  "each link in one group", "make the patterns narrower");
    }
    owner[i] = &group;
    problem.links[i] =
        costs == nullptr ? without_measurement(link, group) : with_measurement(link, group, *costs);
  }
  return found;
}

}  // namespace

void set_links(const Scenario& scenario, const std::vector<const LinkCosts*>& measured, Problem& problem) {
  problem.links.reserve(problem.platform->links().size());
  for (const Link& link : problem.platform->links()) {
    problem.links.push_back(
        {link.name, link.bandwidth, link.latency, Seconds(0), link.shared, link.bandwidth, 0});
  }
  std::vector<const NetworkGroup*> owner(problem.links.size(), nullptr);
  for (std::size_t i = 0; i < scenario.networks.size(); ++i) {
    const NetworkGroup& group = scenario.networks[i];
    for (const std::string& pattern : group.links) {
      const bool found = set_matching(group, measured[i], pattern, owner, problem);
      if (!found && !group.optional) refuse_pattern(group, pattern, *problem.platform);
    }
  }
}

}  // namespace kerf::scenarios
