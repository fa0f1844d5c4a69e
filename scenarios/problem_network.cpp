// What a transfer between two classes costs, and whether every class can be reached.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "scenarios/problem_parts.hpp"

namespace kerf::scenarios {
namespace {

// From a host to itself.
constexpr Path kNoTransfer{Seconds(0), Seconds(0), BytesPerSecond(std::numeric_limits<double>::infinity())};

std::optional<Path> path_between(const Problem& problem, HostId from, HostId to) {
  if (!problem.platform->has_route(from, to)) return std::nullopt;
  Path path = kNoTransfer;
  for (const LinkId id : problem.platform->route(from, to)) {
    const ProblemLink& link = problem.links[static_cast<std::size_t>(id)];
    path.delay += link.delay;
    path.overhead += link.overhead;
    path.price += link.price;
    path.bandwidth = std::min(path.bandwidth, link.bandwidth);
  }
  return path;
}

// The sums of two routes with links of the same cost may differ in their last bits.
bool is_close(double a, double b) {
  return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

bool costs_the_same(const std::optional<Path>& a, const std::optional<Path>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return is_close(a->delay.value(), b->delay.value()) && is_close(a->overhead.value(), b->overhead.value()) &&
         is_close(a->bandwidth.value(), b->bandwidth.value()) && is_close(a->price, b->price);
}

std::string describe(const std::optional<Path>& path) {
  if (!path) return "no route";
  return fmt::format("{} and {}", format(path->delay + path->overhead), format(path->bandwidth));
}

const std::string& name_of(const Problem& problem, HostId host) {
  return problem.platform->hosts()[static_cast<std::size_t>(host)].name;
}

// What a transfer from one class to another costs: for every device the same, or an error.
std::optional<Path> path_of_classes(const Scenario& scenario, const Problem& problem, int from, int to) {
  if (problem.hosts[static_cast<std::size_t>(from)].instances.empty()) return std::nullopt;
  if (problem.hosts[static_cast<std::size_t>(to)].instances.empty()) return std::nullopt;
  if (from == to) return kNoTransfer;
  const HostId first_from = problem.instance(from, 0);
  const HostId first_to = problem.instance(to, 0);
  const std::optional<Path> path = path_between(problem, first_from, first_to);
  for (int device = 1; device < problem.devices(); ++device) {
    const HostId other_from = problem.instance(from, device);
    const HostId other_to = problem.instance(to, device);
    if (other_from == first_from && other_to == first_to) continue;
    const std::optional<Path> other = path_between(problem, other_from, other_to);
    if (costs_the_same(path, other)) continue;
    const std::size_t split = static_cast<std::size_t>(other_from != first_from ? from : to);
    throw Error(ErrorCode::kBadInput, scenario.hosts[split].where,
                fmt::format("the hosts of hosts.{} are not alike: {} to {} takes {}, {} to {} takes {}",
                            problem.hosts[split].name, name_of(problem, first_from),
                            name_of(problem, first_to), describe(path), name_of(problem, other_from),
                            name_of(problem, other_to), describe(other)),
                "routes of equal cost within a class", "split it into classes of hosts that are alike");
  }
  return path;
}

// Whether a plan can go on from one class to another: ranks rise along a plan.
bool can_follow(const Problem& problem, std::size_t from, std::size_t to) {
  return problem.may_follow(static_cast<int>(from), static_cast<int>(to)) &&
         problem.path(static_cast<int>(from), static_cast<int>(to)).has_value();
}

// The classes that a plan can come to, straight from the source or by way of others.
std::vector<bool> reached(const Problem& problem) {
  const std::size_t count = problem.hosts.size();
  std::vector<bool> reached(count);
  for (std::size_t i = 0; i < count; ++i)
    reached[i] = problem.path(problem.source, static_cast<int>(i)).has_value();
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t from = 0; from < count; ++from) {
      for (std::size_t to = 0; to < count; ++to) {
        if (!reached[from] || reached[to] || !can_follow(problem, from, to)) continue;
        reached[to] = grown = true;
      }
    }
  }
  return reached;
}

// The classes from where the answer finds its way back, straight to the source or by way of later slices.
std::vector<bool> returning(const Problem& problem) {
  const std::size_t count = problem.hosts.size();
  std::vector<bool> returning(count);
  for (std::size_t i = 0; i < count; ++i)
    returning[i] = problem.path(static_cast<int>(i), problem.source).has_value();
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t from = 0; from < count; ++from) {
      for (std::size_t to = 0; to < count; ++to) {
        if (returning[from] || !returning[to] || !can_follow(problem, from, to)) continue;
        returning[from] = grown = true;
      }
    }
  }
  return returning;
}

[[noreturn]] void refuse_route(const Scenario& scenario, const Problem& problem, std::size_t host, int from,
                               int to, std::string_view why) {
  throw Error(
      ErrorCode::kBadInput, scenario.hosts[host].where,
      fmt::format(
          "{} has no route from {} ({}) to {} ({}): {}", problem.platform->source(),
          name_of(problem, problem.instance(from, 0)), problem.hosts[static_cast<std::size_t>(from)].name,
          name_of(problem, problem.instance(to, 0)), problem.hosts[static_cast<std::size_t>(to)].name, why),
      "a route in the platform", "add it there, or optional = true to leave the class out of such platforms");
}

}  // namespace

void find_paths(const Scenario& scenario, Problem& problem) {
  const auto count = static_cast<int>(problem.hosts.size());
  problem.paths.reserve(problem.hosts.size() * problem.hosts.size());
  for (int from = 0; from < count; ++from) {
    for (int to = 0; to < count; ++to) problem.paths.push_back(path_of_classes(scenario, problem, from, to));
  }
}

void check_routes(const Scenario& scenario, const Problem& problem) {
  const std::vector<bool> can_reach = reached(problem);
  const std::vector<bool> can_return = returning(problem);
  for (std::size_t i = 0; i < problem.hosts.size(); ++i) {
    const auto host = static_cast<int>(i);
    if (scenario.hosts[i].optional || host == problem.source) continue;
    if (!can_reach[i]) {
      refuse_route(scenario, problem, i, problem.source, host, "no plan can use the class");
    }
    if (problem.workload.return_result && !can_return[i]) {
      refuse_route(scenario, problem, i, host, problem.source, "no answer can return from the class");
    }
  }
}

}  // namespace kerf::scenarios
