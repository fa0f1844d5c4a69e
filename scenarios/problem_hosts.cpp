// Which of the platform's hosts a class stands for, and in which order of tiers plans may use the classes.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "scenarios/problem_parts.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

std::vector<HostId> matched(std::string_view pattern, const Platform& platform) {
  if (pattern.find_first_of("*?") == std::string_view::npos) {
    const HostId host = platform.find_host(pattern);
    return host < 0 ? std::vector<HostId>{} : std::vector<HostId>{host};
  }
  std::vector<HostId> hosts;
  for (std::size_t i = 0; i < platform.hosts().size(); ++i) {
    if (matches_pattern(pattern, platform.hosts()[i].name)) hosts.push_back(static_cast<HostId>(i));
  }
  return hosts;
}

[[noreturn]] void refuse_match(const HostClass& host, const Platform& platform) {
  std::vector<std::string> names;
  for (const PlatformHost& known : platform.hosts()) names.push_back(known.name);
  const std::string near = did_you_mean(host.match, names);
  throw Error(ErrorCode::kBadInput, host.where,
              fmt::format("hosts.{}: no host of {} matches \"{}\"", host.name, platform.source(), host.match),
              "a pattern over its hosts' names",
              near.empty() ? "optional = true where a platform may be without the class" : near);
}

std::vector<HostId> instances_of(const HostClass& host, const Platform& platform) {
  std::vector<HostId> instances = matched(host.match, platform);
  if (instances.empty()) {
    if (host.optional) return instances;
    refuse_match(host, platform);
  }
  if (!host.count) return instances;
  const auto count = static_cast<std::size_t>(*host.count);
  if (count > instances.size()) {
    throw Error(ErrorCode::kBadInput, host.where,
                fmt::format("hosts.{}.count is {}, and {} of {}'s hosts match \"{}\"", host.name, count,
                            instances.size(), platform.source(), host.match),
                fmt::format("a count of at most {}", instances.size()));
  }
  instances.resize(count);
  return instances;
}

// Known tiers have their known order. Any other name makes the order of appearance count, for all of them.
std::vector<int> ranks_of(const std::vector<ProblemHost>& hosts) {
  constexpr std::array<std::string_view, 3> kKnown{"device", "edge", "cloud"};
  const auto is_known = [&](const ProblemHost& host) {
    return std::find(kKnown.begin(), kKnown.end(), host.tier) != kKnown.end();
  };
  std::vector<std::string_view> order(kKnown.begin(), kKnown.end());
  if (!std::all_of(hosts.begin(), hosts.end(), is_known)) {
    order.clear();
    for (const ProblemHost& host : hosts) {
      if (std::find(order.begin(), order.end(), host.tier) == order.end()) order.push_back(host.tier);
    }
  }
  std::vector<int> ranks;
  for (const ProblemHost& host : hosts) {
    ranks.push_back(static_cast<int>(std::find(order.begin(), order.end(), host.tier) - order.begin()));
  }
  return ranks;
}

void check_one_class_a_host(const Scenario& scenario, const Problem& problem) {
  std::vector<int> owner(problem.platform->hosts().size(), -1);
  for (std::size_t i = 0; i < problem.hosts.size(); ++i) {
    for (const HostId instance : problem.hosts[i].instances) {
      int& known = owner[static_cast<std::size_t>(instance)];
      if (known >= 0) {
        throw Error(ErrorCode::kBadInput, scenario.hosts[i].where,
                    fmt::format("host {} is in hosts.{} and in hosts.{}",
                                problem.platform->hosts()[static_cast<std::size_t>(instance)].name,
                                problem.hosts[static_cast<std::size_t>(known)].name, problem.hosts[i].name),
                    "each host in one class", "make the patterns narrower");
      }
      known = static_cast<int>(i);
    }
  }
}

}  // namespace

void place_hosts(const Scenario& scenario, Problem& problem) {
  const std::vector<int> ranks = ranks_of(problem.hosts);
  for (std::size_t i = 0; i < problem.hosts.size(); ++i) {
    ProblemHost& host = problem.hosts[i];
    host.instances = instances_of(scenario.hosts[i], *problem.platform);
    host.rank = ranks[i];
    if (host.instances.empty()) host.used = false;
    if (host.name == scenario.workload.source) problem.source = static_cast<int>(i);
  }
  const auto source = static_cast<std::size_t>(problem.source);
  if (problem.hosts[source].instances.empty()) refuse_match(scenario.hosts[source], *problem.platform);
  check_one_class_a_host(scenario, problem);
}

}  // namespace kerf::scenarios
