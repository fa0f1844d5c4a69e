#include "testbed/emulation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>

#include "base/error.hpp"
#include "base/file.hpp"

namespace kerf {
namespace {

// The hosts of each class that the problem's devices use, classes in order.
std::vector<std::vector<HostId>> used_hosts(const Problem& problem) {
  std::vector<std::vector<HostId>> used;
  for (std::size_t c = 0; c < problem.hosts.size(); ++c) {
    std::vector<HostId>& hosts = used.emplace_back();
    if (problem.hosts[c].instances.empty()) continue;
    for (int device = 0; device < problem.devices(); ++device) {
      const HostId host = problem.instance(static_cast<int>(c), device);
      if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
    }
  }
  return used;
}

double slowdown_of(const ProblemHost& host, const EmulationOptions& options) {
  const auto given = options.throttle.find(host.name);
  const double slowdown = given == options.throttle.end() ? host.slowdown : given->second;
  if (slowdown < 1) {
    throw Error(ErrorCode::kUnsupported, fmt::format("hosts.{}", host.name),
                fmt::format("a slowdown of {}: faster than this machine", slowdown), "at least 1",
                "calibrate the slowest host as it is, or let the others be slower");
  }
  if (host.utilization > 0) {
    throw Error(ErrorCode::kUnsupported, fmt::format("hosts.{}", host.name),
                fmt::format("other tenants (utilization {})", host.utilization), "none in a real run");
  }
  return slowdown;
}

std::vector<int> processors_of(std::size_t host_class, const std::string& name,
                               const EmulationOptions& options) {
  const auto given = options.processors.find(name);
  if (given != options.processors.end()) return given->second;
  const auto count = static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  return {static_cast<int>(host_class % count)};
}

PacketNetwork::Routes routes_between(const Problem& problem, const std::vector<HostId>& hosts) {
  PacketNetwork::Routes routes;
  for (const HostId from : hosts) {
    for (const HostId to : hosts) {
      std::vector<std::size_t>& route = routes.emplace_back();
      if (from == to || !problem.platform->has_route(from, to)) continue;
      for (const LinkId link : problem.platform->route(from, to))
        route.push_back(static_cast<std::size_t>(link));
    }
  }
  return routes;
}

[[noreturn]] void refuse(const std::string& where, const std::string& found, const std::string& key) {
  throw Error(ErrorCode::kUnsupported, where, found, "the same hosts under all conditions of a testbed",
              fmt::format("run each with --set {}=... and an --out of its own", key));
}

}  // namespace

void refuse_other_hosts(const Problem& first, const Problem& other, const EmulationOptions& options) {
  if (other.platform->hash() != first.platform->hash()) {
    refuse(other.platform->source(),
           fmt::format("another platform than {}, the first condition's", first.platform->source()),
           "platform.file");
  }
  for (std::size_t c = 0; c < first.hosts.size(); ++c) {
    const ProblemHost& before = first.hosts[c];
    const ProblemHost& after = other.hosts[c];
    const std::string where = "hosts." + before.name;
    const auto differ = [&](const char* what, const auto& one, const auto& another) {
      refuse(where, fmt::format("a {} of {} under one condition, of {} under another", what, one, another),
             fmt::format("{}.{}", where, what));
    };
    if (after.instances.size() != before.instances.size())
      differ("count", before.instances.size(), after.instances.size());
    if (after.instances != before.instances)
      refuse(where, "other hosts of the platform under another condition", where + ".match");
    if (after.slowdown != before.slowdown && !options.throttle.contains(before.name))
      differ("slowdown", before.slowdown, after.slowdown);
    if (after.utilization != before.utilization) differ("utilization", before.utilization, after.utilization);
  }
}

std::vector<WireLink> wires_of(const Problem& problem) {
  std::vector<WireLink> wires;
  for (const ProblemLink& link : problem.links) {
    if (!(link.nominal > BytesPerSecond(0))) {
      throw Error(ErrorCode::kUnsupported, link.name, "nobody says what bandwidth it is sold as",
                  "its nominal bandwidth", "give bandwidth in [network], or measure it with --bandwidth");
    }
    wires.push_back({.rate = link.nominal, .delay = link.delay, .shared = link.shared});
  }
  return wires;
}

Emulation::Emulation(const Problem& problem, const EmulationOptions& options)
    : platform_hash_(problem.platform->hash()) {
  const std::vector<std::vector<HostId>> used = used_hosts(problem);
  std::vector<HostId> all;
  std::vector<std::string> names;
  for (std::size_t c = 0; c < used.size(); ++c) {
    const ProblemHost& host_class = problem.hosts[c];
    if (used[c].empty()) continue;
    const double slowdown = slowdown_of(host_class, options);
    const std::vector<int> processors = processors_of(c, host_class.name, options);
    description_.push_back(fmt::format("{}: {} {}, processor {}{}", host_class.name, used[c].size(),
                                       used[c].size() == 1 ? "host" : "hosts", fmt::join(processors, ","),
                                       slowdown > 1 ? fmt::format(", {} times slower", slowdown) : ""));
    for (const HostId host : used[c]) {
      Place place{.index = all.size(), .processors = processors, .group = {}};
      all.push_back(host);
      names.push_back(problem.platform->hosts()[static_cast<std::size_t>(host)].name);
      if (slowdown > 1) {
        const CpuController controller = find_cpu_controller(read_file("/proc/mounts"));
        remove_leftovers(controller);
        groups_.emplace_back(controller, names.back(), slowdown, static_cast<int>(processors.size()));
        place.group = groups_.back().members();
      }
      places_.emplace(host, std::move(place));
    }
  }
  for (const auto& [name, trace] : options.traces) {
    const auto found = std::ranges::find(problem.links, name, &ProblemLink::name);
    if (found == problem.links.end()) {
      throw Error(ErrorCode::kUsage, "--trace", fmt::format("\"{}\" is no link of the platform", name),
                  "a link and its direction, such as uplink_UP");
    }
    traces_.push_back({static_cast<std::size_t>(found - problem.links.begin()), trace});
  }
  hosts_ = make_namespaces(names);
  network_ =
      std::make_unique<NetworkProcess>(hosts_, wires_of(problem), routes_between(problem, all), traces_);
}

void Emulation::apply(const Problem& problem) {
  assert(problem.platform->hash() == platform_hash_);
  network_->set(wires_of(problem));
}

void Emulation::throttle(bool slow) const {
  for (const ControlGroup& group : groups_) group.throttle(slow);
}

const std::string& Emulation::address(HostId host) const {
  return hosts_[places_.at(host).index].address;
}

Command Emulation::on(HostId host, Command command) const {
  const Place& place = places_.at(host);
  command.network = &hosts_[place.index].network;
  command.processors = place.processors;
  command.group = place.group;
  return command;
}

}  // namespace kerf
