#include "planner/search/load.hpp"

#include <algorithm>
#include <limits>

namespace kerf {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// The bytes that each device may send from one class to another with every request: the busiest shared link
// decides.
Bytes transfer_limit(const Problem& problem, int from, int to, double fill) {
  double limit = kUnlimited;
  for (const auto& [link, devices] : crossings(problem, from, to)) {
    const ProblemLink& crossed = problem.links[static_cast<std::size_t>(link)];
    if (!crossed.shared) continue;
    limit = std::min(limit, fill * crossed.bandwidth.value() / (problem.workload.rate.value() * devices));
  }
  return Bytes(limit);
}

}  // namespace

double busiest_share(const Problem& problem, const ProblemHost& host) {
  const auto instances = static_cast<int>(std::max<std::size_t>(1, host.instances.size()));
  return (problem.devices() + instances - 1) / instances;
}

std::map<LinkId, int> crossings(const Problem& problem, int from, int to) {
  std::map<LinkId, int> devices;
  for (int device = 0; device < problem.devices(); ++device) {
    const HostId sender = problem.instance(from, device);
    const HostId receiver = problem.instance(to, device);
    if (!problem.platform->has_route(sender, receiver)) continue;
    for (const LinkId link : problem.platform->route(sender, receiver)) ++devices[link];
  }
  return devices;
}

bool has_rate(const Workload& workload) {
  return (workload.arrivals == Arrivals::kPeriodic || workload.arrivals == Arrivals::kPoisson) &&
         workload.rate.value() > 0;
}

LoadLimits load_limits(const Problem& problem, double fill) {
  const auto hosts = static_cast<int>(problem.hosts.size());
  LoadLimits limits{std::vector<Seconds>(problem.hosts.size(), Seconds(kUnlimited)),
                    std::vector<Bytes>(problem.hosts.size() * problem.hosts.size(), Bytes(kUnlimited))};
  if (!has_rate(problem.workload)) return limits;
  for (int from = 0; from < hosts; ++from) {
    const ProblemHost& host = problem.hosts[static_cast<std::size_t>(from)];
    const double requests = problem.workload.rate.value() * busiest_share(problem, host);
    limits.slice[static_cast<std::size_t>(from)] =
        Seconds(fill * (1 - host.utilization) * host.workers / requests);
    for (int to = 0; to < hosts; ++to) {
      if (to == from || !problem.path(from, to)) continue;
      limits.transfer[static_cast<std::size_t>(from * hosts + to)] = transfer_limit(problem, from, to, fill);
    }
  }
  return limits;
}

}  // namespace kerf
