// What changing plans costs a device whose slices are loaded: observing, looking the table up, deciding, and
// taking the other plan. Aim: under 1 ms. Beside it what the change would cost if the other plan's slice had
// to be loaded first.
//
//   load_ms   making the session of MobileNet's second half, median

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "models/zoo/zoo.hpp"
#include "policy/writer/policy_writer.hpp"
#include "runtime/split/observed_axes.hpp"
#include "runtime/split/plan_chooser.hpp"
#include "runtime/split/slice_store.hpp"

namespace {

using namespace kerf;

// goodput x rtt x load, 64 x 64 x 8 cells, whose plans alternate.
Policy table() {
  PolicyContent content;
  content.objective = "latency.mean";
  content.hosts = {"camera", "edge"};
  content.plans = {{{{0, 0, 9}}}, {{{0, 0, 4}, {1, 5, 9}}}};
  const auto axis = [](const char* name, const char* key, int points, double first) {
    PolicyAxisContent made{name, key, "", true, false, {}, {}};
    for (int i = 0; i < points; ++i) {
      made.points.push_back(first * (i + 1));
      made.labels.push_back(std::to_string(first * (i + 1)));
    }
    return made;
  };
  content.axes = {axis("goodput", "network.uplink.bandwidth", 64, 1e5),
                  axis("rtt", "network.uplink.rtt", 64, 1e-3),
                  axis("load", "hosts.edge.utilization", 8, 0.1)};
  for (int cell = 0; cell < 64 * 64 * 8; ++cell) content.cells.push_back({cell % 2, Seconds(0.1), 1.0});
  const std::string bytes = encode_policy(content);
  Policy policy;
  if (policy.open(bytes.data(), bytes.size()) != PolicyStatus::kOk) std::abort();
  return policy;
}

double median_load_ms() {
  const Graph graph = zoo_graph("mobilenet");
  const Chain chain = find_cuts(graph);
  const int last = static_cast<int>(chain.blocks.size()) - 1;
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    SliceStore store(graph, chain, {});
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(store.load({last / 2, last}));
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void switch_plan(benchmark::State& state) {
  const Policy policy = table();
  const ObservedAxes axes(policy, {.given = {}, .path = {}, .main_host = "edge"}, "table");
  PlanChooser chooser({});
  Observations seen;
  seen.paths["edge"] = {Seconds(0.02), BytesPerSecond(2e6), BytesPerSecond(2e6)};
  std::array<double, 3> values{};
  double load = 0.1;
  double now = 0;
  std::int32_t switches = 0;
  std::int32_t before = 0;
  for (auto unused : state) {
    (void)unused;
    load = load > 0.15 ? 0.1 : 0.2;  // the neighbouring cell, whose plan is the other one
    seen.loads["edge"] = load;
    axes.fill(seen, values.data());
    const std::int32_t plan =
        chooser.choose(policy.query(values.data(), values.size()), Seconds(now += 0.01));
    switches += plan != before ? 1 : 0;
    before = plan;
  }
  if (switches + 1 < static_cast<std::int32_t>(state.iterations())) std::abort();
  state.counters["load_ms"] = median_load_ms();
}

BENCHMARK(switch_plan)->Unit(benchmark::kMicrosecond);

}  // namespace
