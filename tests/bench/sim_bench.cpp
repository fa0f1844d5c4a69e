// Simulated requests per second and core, by shape of plan and number of devices, and what a fork costs.
// SimGrid's engine cannot be made twice, so one platform of 64 cameras serves them all.
//
// Beside them: a condition as one would run it on SimGrid without care, in a process with an engine of its
// own; and the least that any simulator of these requests could do, Lindley's recursion over three queues
// (uplink, edge, downlink), which knows no shared links, no other plan and no queue that another feeds.

#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.hpp"
#include "sim/simulator.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

constexpr int kCameras = 64;
constexpr int kEdges = 2;

// Cameras with a link of their own, one uplink and one downlink shared by all, edges and a cloud behind
// another link.
Problem cameras() {
  ProblemText text{
      .hosts = {{.name = "camera",
                 .count = kCameras,
                 .blocks = {0.02, 0.03, 0.05},
                 .ratios = {0.9, 1.0, 1.0, 1.3}},
                {.name = "edge",
                 .count = kEdges,
                 .blocks = {0.002, 0.003, 0.005},
                 .ratios = {0.9, 1.0, 1.2},
                 .workers = 2},
                {.name = "cloud", .blocks = {0.001, 0.001, 0.002}, .ratios = {0.9, 1.0, 1.2}, .workers = 8}},
      .links = {{.name = "up", .bandwidth = 20e6, .delay = 0.005},
                {.name = "down", .bandwidth = 20e6, .delay = 0.005},
                {.name = "wan-up", .bandwidth = 10e6, .delay = 0.02},
                {.name = "wan-down", .bandwidth = 10e6, .delay = 0.02}},
      .cut_bytes = {150e3, 60e3, 20e3, 1e3},
      .wire_bytes = 150e3};
  for (int camera = 0; camera < kCameras; ++camera) {
    const std::string name = "camera-" + std::to_string(camera);
    text.links.push_back({.name = name + "-up", .bandwidth = 12.5e6, .delay = 0.001});
    text.links.push_back({.name = name + "-down", .bandwidth = 12.5e6, .delay = 0.001});
    for (int edge = 0; edge < kEdges; ++edge) {
      const std::string other = "edge-" + std::to_string(edge);
      text.routes.push_back({name, other, {name + "-up", "up"}});
      text.routes.push_back({other, name, {"down", name + "-down"}});
    }
    text.routes.push_back({name, "cloud-0", {name + "-up", "up", "wan-up"}});
    text.routes.push_back({"cloud-0", name, {"wan-down", "down", name + "-down"}});
  }
  for (int edge = 0; edge < kEdges; ++edge) {
    const std::string name = "edge-" + std::to_string(edge);
    text.routes.push_back({name, "cloud-0", {"wan-up"}});
    text.routes.push_back({"cloud-0", name, {"wan-down"}});
  }
  text.workload.arrivals = Arrivals::kPoisson;
  text.workload.requests = 200;
  return make_problem(text);
}

const Problem& all_cameras() {
  static const Problem problem = cameras();
  return problem;
}

Simulator& simulator() {
  static Simulator made(all_cameras());
  return made;
}

// The uplink is kept about `load` busy by inputs, whatever the number of devices.
Problem loaded(int devices, double load) {
  Problem problem = all_cameras();
  problem.hosts[0].instances.resize(static_cast<std::size_t>(devices));
  problem.workload.rate = PerSecond(load * 20e6 / 150e3 / devices);
  return problem;
}

const Plan kPlans[] = {
    {{{0, 0, 2}}}, {{{1, 0, 2}}}, {{{0, 0, 0}, {1, 1, 2}}}, {{{0, 0, 0}, {1, 1, 1}, {2, 2, 2}}}};
const char* const kNames[] = {"camera only", "edge only", "camera, edge", "camera, edge, cloud"};

// First, as long as this process has no engine: its children make one each.
void process_with_an_engine_of_its_own(benchmark::State& state) {
  const Problem problem = loaded(8, 0.4);
  for ([[maybe_unused]] auto _ : state) {
    const pid_t child = fork();
    if (child == 0) {
      Simulator made(problem);
      benchmark::DoNotOptimize(made.run(problem, kPlans[0]));
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}
BENCHMARK(process_with_an_engine_of_its_own)->UseRealTime();

void lindley_recursion(benchmark::State& state) {
  const int devices = static_cast<int>(state.range(0));
  const Problem problem = loaded(devices, 0.4);
  const Seconds gap(1 / problem.workload.rate.value());
  std::int64_t requests = 0;
  for ([[maybe_unused]] auto _ : state) {
    std::vector<double> arrivals;
    for (int device = 0; device < devices; ++device) {
      double at = 0;
      for (int request = 0; request < problem.workload.requests; ++request) {
        at += exponential({.seed = 1,
                           .device = static_cast<std::uint32_t>(device),
                           .request = static_cast<std::uint32_t>(request)},
                          gap)
                  .value();
        arrivals.push_back(at);
      }
    }
    std::sort(arrivals.begin(), arrivals.end());
    double uplink = 0;
    double downlink = 0;
    std::array<double, 2> workers{};
    double sum = 0;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      uplink = std::max(uplink, arrivals[i]) + 150e3 / 20e6;
      double& worker = *std::min_element(workers.begin(), workers.end());
      const double luck = uniform({.seed = 2, .request = static_cast<std::uint32_t>(i)});
      worker = std::max(worker, uplink + 0.006) + 0.01 * (0.9 + 0.3 * luck);
      downlink = std::max(downlink, worker) + 1e3 / 20e6;
      sum += downlink + 0.006 - arrivals[i];
    }
    benchmark::DoNotOptimize(sum);
    requests += static_cast<std::int64_t>(arrivals.size());
  }
  state.SetItemsProcessed(requests);
}
BENCHMARK(lindley_recursion)->ArgName("devices")->Arg(1)->Arg(8)->Arg(64);

void requests_per_second(benchmark::State& state) {
  const Plan& plan = kPlans[state.range(0)];
  const int devices = static_cast<int>(state.range(1));
  const Problem problem = loaded(devices, static_cast<double>(state.range(2)) / 100);
  std::int64_t requests = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(simulator().run(problem, plan));
    requests += devices * problem.workload.requests;
  }
  state.SetItemsProcessed(requests);
  state.SetLabel(kNames[state.range(0)]);
}
BENCHMARK(requests_per_second)
    ->ArgNames({"plan", "devices", "load"})
    ->ArgsProduct({{0, 1, 2, 3}, {1, 8, 64}, {40}})
    ->ArgsProduct({{1, 2}, {8, 64}, {80}});

void bound_per_request(benchmark::State& state) {
  const Problem problem = loaded(8, 0.4);
  std::int64_t requests = 0;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(lower_bound(problem, kPlans[2]));
    requests += 8 * problem.workload.requests;
  }
  state.SetItemsProcessed(requests);
}
BENCHMARK(bound_per_request);

// A child of a warm engine that does nothing, and one that simulates a condition of 5 plans, 8 cameras, 200
// requests.
void fork_and_run(benchmark::State& state) {
  const Problem problem = loaded(8, 0.4);
  static_cast<void>(simulator());
  for ([[maybe_unused]] auto _ : state) {
    const pid_t child = fork();
    if (child == 0) {
      for (int plan = 0; plan < state.range(0); ++plan) {
        benchmark::DoNotOptimize(simulator().run(problem, kPlans[plan % 4]));
      }
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}
BENCHMARK(fork_and_run)->ArgName("plans")->Arg(0)->Arg(1)->Arg(5)->UseRealTime();

}  // namespace
}  // namespace kerf::test
