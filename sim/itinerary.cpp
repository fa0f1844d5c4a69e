#include "sim/itinerary.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>

#include "base/error.hpp"
#include "planner/plans/draws.hpp"

namespace kerf {
namespace {

const ProblemHost& host_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)];
}

[[noreturn]] void refuse(const Problem& problem, const Plan& plan, const std::string& found,
                         const std::string& expected) {
  throw Error(ErrorCode::kInfeasible, "plan \"" + to_text(plan, problem.host_names()) + "\"", found,
              expected + " in " + problem.platform->source());
}

Hop hop_between(const Problem& problem, const Plan& plan, int from, int to, int device, Bytes bytes) {
  Hop hop{.sender = from,
          .from = problem.instance(from, device),
          .to = problem.instance(to, device),
          .bytes = bytes,
          .pause = {},
          .wire = {},
          .connection = 0};
  if (hop.from == hop.to) return hop;
  const Platform& platform = *problem.platform;
  if (!platform.has_route(hop.from, hop.to)) {
    const auto name = [&](HostId host) { return platform.hosts()[static_cast<std::size_t>(host)].name; };
    refuse(problem, plan, "no route from " + name(hop.from) + " to " + name(hop.to), "a route");
  }
  Seconds delay;
  Seconds overhead;
  BytesPerSecond bandwidth(std::numeric_limits<double>::infinity());
  for (const LinkId id : platform.route(hop.from, hop.to)) {
    const ProblemLink& link = problem.links[static_cast<std::size_t>(id)];
    delay += link.delay;
    overhead += link.overhead;
    bandwidth = std::min(bandwidth, link.bandwidth);
  }
  hop.pause = delay + overhead;
  hop.wire = bytes / bandwidth;
  return hop;
}

std::vector<double> slowdown_of(const ProblemHost& host, const Stage& stage) {
  std::vector<double> slowdown;
  if (host.contended.empty()) return slowdown;
  for (int running = 1; running <= host.workers; ++running) {
    slowdown.push_back(host.contention(stage.first_block, stage.last_block, running));
  }
  return slowdown;
}

}  // namespace

Bytes Itinerary::bytes_sent() const {
  Bytes sum;
  for (const Visit& visit : visits) {
    if (visit.hop) sum += visit.hop->bytes;
  }
  if (way_back) sum += way_back->bytes;
  return sum;
}

Itinerary itinerary_of(const Problem& problem, const Plan& plan, int device) {
  assert(!plan.stages.empty());
  Itinerary itinerary;
  int at = problem.source;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const Stage& stage = plan.stages[i];
    const std::size_t instances = host_of(problem, stage.host).instances.size();
    if (instances == 0) {
      const std::string& name = host_of(problem, stage.host).name;
      refuse(problem, plan, "no host of class " + name, "such a host");
    }
    Visit visit{.hop = {},
                .stage = stage,
                .instance = static_cast<int>(static_cast<std::size_t>(device) % instances),
                .earlier = 0,
                .decode = {},
                .slowdown = slowdown_of(host_of(problem, stage.host), stage)};
    for (std::size_t j = 0; j < i; ++j) visit.earlier += plan.stages[j].host == stage.host ? 1 : 0;
    if (stage.host != at) {
      visit.hop = hop_between(problem, plan, at, stage.host, device, problem.bytes_into(stage.first_block));
      if (i == 0) visit.decode = problem.decode;
    }
    itinerary.visits.push_back(visit);
    at = stage.host;
  }
  if (problem.workload.return_result && at != problem.source) {
    itinerary.way_back = hop_between(problem, plan, at, problem.source, device, problem.cut_bytes.back());
  }
  return itinerary;
}

Seconds service_time(const Problem& problem, const Visit& visit, int device, int request) {
  const ProblemHost& host = host_of(problem, visit.stage.host);
  const auto [index, first, last] = visit.stage;
  if (!problem.workload.jitter) return host.compute(first, last) + visit.decode;
  const double luck =
      uniform(draw_key(problem.workload.seed, Chance::kService, device, request, index, visit.earlier));
  return host.costs->drawn(first, last, luck) * host.slowdown + visit.decode;
}

Joules computing_energy(const Problem& problem, const Visit& visit, Seconds time) {
  return host_of(problem, visit.stage.host).power.busy * time;
}

Joules sending_energy(const Problem& problem, const Hop& hop, Seconds time) {
  return host_of(problem, hop.sender).power.send * time;
}

}  // namespace kerf
