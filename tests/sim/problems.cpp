#include "tests/sim/problems.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace kerf::test {
namespace {

std::shared_ptr<const SliceCosts> costs_of(const HostText& host, const std::vector<double>& cut_bytes) {
  Profile profile;
  profile.host = host.name;
  profile.model = "test";
  profile.rows.emplace_back().ratios = host.ratios;
  for (const double bytes : cut_bytes) profile.cuts.push_back({.tensors = {"t"}, .bytes = Bytes(bytes)});
  const int blocks = static_cast<int>(host.blocks.size());
  profile.blocks.resize(host.blocks.size());
  for (int first = 0; first < blocks; ++first) {
    double sum = 0;
    for (int last = first; last < blocks; ++last) {
      sum += host.blocks[static_cast<std::size_t>(last)];
      profile.rows[0].measurements.push_back({.first_block = first,
                                              .last_block = last,
                                              .p20 = Seconds(sum),
                                              .low = Seconds(sum),
                                              .high = Seconds(sum),
                                              .samples = 1,
                                              .load = Seconds(0),
                                              .memory = Bytes(0)});
    }
  }
  profile.rows[0].entry.resize(host.blocks.size());
  profile.rows[0].exit.resize(host.blocks.size());
  return std::make_shared<SliceCosts>(std::move(profile));
}

template <class Named>
std::size_t index_of(const std::vector<Named>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& each) { return each.name == name; });
  if (found == all.end()) throw std::runtime_error("no " + name);
  return static_cast<std::size_t>(found - all.begin());
}

std::shared_ptr<const Platform> platform_of(const ProblemText& text) {
  std::vector<PlatformHost> hosts;
  for (const HostText& host : text.hosts) {
    for (int i = 0; i < host.count; ++i)
      hosts.push_back({.name = host.name + "-" + std::to_string(i), .speed = 1e9});
  }
  std::vector<Link> links;
  for (const LinkText& link : text.links) {
    links.push_back({.name = link.name,
                     .base_name = link.name,
                     .bandwidth = BytesPerSecond(link.bandwidth),
                     .latency = Seconds(link.delay),
                     .shared = link.shared});
  }
  std::vector<std::optional<std::vector<LinkId>>> routes(hosts.size() * hosts.size());
  for (std::size_t i = 0; i < hosts.size(); ++i) routes[i * hosts.size() + i].emplace();
  for (const RouteText& route : text.routes) {
    std::vector<LinkId> ids;
    for (const std::string& link : route.links)
      ids.push_back(static_cast<LinkId>(index_of(text.links, link)));
    routes[index_of(hosts, route.from) * hosts.size() + index_of(hosts, route.to)] = ids;
  }
  return std::make_shared<Platform>("test.xml", "hash", hosts, links, routes);
}

std::optional<Path> path_between(const Problem& problem, int a, int b) {
  const HostId from = problem.instance(a, 0);
  const HostId to = problem.instance(b, 0);
  if (!problem.platform->has_route(from, to)) return std::nullopt;
  Path path{
      .delay = {}, .overhead = {}, .bandwidth = BytesPerSecond(std::numeric_limits<double>::infinity())};
  for (const LinkId id : problem.platform->route(from, to)) {
    const ProblemLink& link = problem.links[static_cast<std::size_t>(id)];
    path.delay += link.delay;
    path.overhead += link.overhead;
    path.bandwidth = std::min(path.bandwidth, link.bandwidth);
  }
  return path;
}

}  // namespace

Problem make_problem(const ProblemText& text) {
  Problem problem;
  problem.name = "test";
  problem.blocks = static_cast<int>(text.hosts.front().blocks.size());
  std::vector<double> bytes = text.cut_bytes;
  if (bytes.empty()) bytes.assign(static_cast<std::size_t>(problem.blocks) + 1, 1000);
  for (const double each : bytes) problem.cut_bytes.push_back(Bytes(each));
  problem.block_names.resize(static_cast<std::size_t>(problem.blocks));
  problem.wire_bytes = Bytes(text.wire_bytes);
  problem.decode = Seconds(text.decode);
  problem.platform = platform_of(text);
  HostId next = 0;
  int rank = 0;
  for (const HostText& host : text.hosts) {
    ProblemHost made;
    made.name = host.name;
    made.tier = host.name;
    made.rank = rank++;
    for (int i = 0; i < host.count; ++i) made.instances.push_back(next++);
    made.workers = host.workers;
    made.slowdown = host.slowdown;
    made.utilization = host.utilization;
    made.power = {.idle = Watts(0), .busy = Watts(host.busy_watts), .send = Watts(host.send_watts)};
    made.costs = costs_of(host, bytes);
    for (const double times : host.contention) {
      HostText slowed = host;
      for (double& seconds : slowed.blocks) seconds *= times;
      made.contended.push_back(costs_of(slowed, bytes));
    }
    made.must_run.resize(static_cast<std::size_t>(problem.blocks));
    made.must_not_run.resize(static_cast<std::size_t>(problem.blocks));
    problem.hosts.push_back(std::move(made));
  }
  for (const LinkText& link : text.links) {
    problem.links.push_back({.name = link.name,
                             .bandwidth = BytesPerSecond(link.bandwidth),
                             .delay = Seconds(link.delay),
                             .overhead = Seconds(link.overhead),
                             .shared = link.shared});
  }
  const int classes = static_cast<int>(problem.hosts.size());
  for (int a = 0; a < classes; ++a) {
    for (int b = 0; b < classes; ++b) problem.paths.push_back(path_between(problem, a, b));
  }
  problem.workload = text.workload;
  return problem;
}

Workload one_by_one(int requests) {
  Workload workload;
  workload.arrivals = Arrivals::kSingle;
  workload.requests = requests;
  workload.jitter = false;
  return workload;
}

double unloaded_seconds(const Problem& problem, const Plan& plan) {
  double sum = 0;
  int at = problem.source;
  const auto move = [&](int to, double bytes) {
    if (to == at) return;
    const Path& path = problem.path(at, to).value();
    sum += path.delay.value() + path.overhead.value() + bytes / path.bandwidth.value();
    at = to;
  };
  for (const Stage& stage : plan.stages) {
    if (stage.first_block == 0 && stage.host != at) sum += problem.decode.value();
    move(stage.host, problem.bytes_into(stage.first_block).value());
    const ProblemHost& host = problem.hosts[static_cast<std::size_t>(stage.host)];
    sum += host.costs->mean(stage.first_block, stage.last_block).value() * host.slowdown;
  }
  if (problem.workload.return_result) move(problem.source, problem.cut_bytes.back().value());
  return sum;
}

std::vector<double> exponential_ratios(int n) {
  std::vector<double> ratios;
  for (int i = 0; i < n; ++i) ratios.push_back(-std::log1p(-(i + 0.5) / n));
  return ratios;
}

}  // namespace kerf::test
