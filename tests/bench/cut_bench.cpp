// The minimum cut over a network's operators on three tiers, by Boykov-Kolmogorov and, as the baseline, by
// push-relabel on the same network of arcs; and the whole answer of `kerf plan --dag`, from the graph of the
// model: its cuts and operators, the best of all rows of hosts, its bound and the best chain. At an uplink of
// 1, 10 and 100 Mbit/s, as how hard a cut is to find depends on where it lies.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "cli/model_operators.hpp"
#include "models/cuts.hpp"
#include "models/zoo/zoo.hpp"
#include "planner/search/graph_plan.hpp"
#include "planner/search/layered_cut.hpp"
#include "tests/search/problems.hpp"

namespace kerf::testing {
namespace {

struct Network {
  Chain chain;
  OperatorGraph operators;
};

Network network_of(const Graph& graph) {
  Network made{find_cuts(graph), {}};
  made.operators = cli::operators_of(graph, made.chain, 1);
  return made;
}

// Multiply-adds a second of device, edge and cloud; links that make cuts of all kinds worth a thought.
constexpr double kSpeeds[] = {4e9, 30e9, 120e9};
std::array<double, 2> bandwidths(const benchmark::State& state) {
  const double uplink = 125e3 * static_cast<double>(state.range(0));
  return {uplink, 2 * uplink};
}

std::vector<double> block_seconds(const Network& network, double speed) {
  std::vector<double> seconds;
  for (const Block& block : network.chain.blocks)
    seconds.push_back((block.multiply_adds + block.activations.value()) / speed);
  return seconds;
}

TierRow tiers_of(const Network& network, const std::array<double, 2>& rates) {
  TierRow row;
  for (const double speed : kSpeeds) {
    const std::vector<double> blocks = block_seconds(network, speed);
    std::vector<double>& seconds = row.seconds.emplace_back();
    for (const Operator& one : network.operators.operators)
      seconds.push_back(blocks[static_cast<std::size_t>(one.block)] * one.share);
  }
  for (const double bandwidth : rates) row.seconds_per_byte.push_back(1 / bandwidth);
  return row;
}

void cut_three_tiers(benchmark::State& state, const char* name, MaxFlow algorithm) {
  const Network network = network_of(zoo_graph(name));
  const TierRow row = tiers_of(network, bandwidths(state));
  std::optional<Partition> found;
  for ([[maybe_unused]] auto _ : state) {
    found = layered_cut(network.operators, row, algorithm);
    benchmark::DoNotOptimize(found);
  }
  std::vector<int> counts(3);
  for (const int tier : found->tier) ++counts[static_cast<std::size_t>(tier)];
  state.counters["operators"] = static_cast<double>(network.operators.operators.size());
  state.SetLabel(std::to_string(counts[0]) + " + " + std::to_string(counts[1]) + " + " +
                 std::to_string(counts[2]));
}
void at_three_uplinks(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("Mbps")->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(cut_three_tiers, resnet152, "resnet152", MaxFlow::kBoykovKolmogorov)
    ->Apply(at_three_uplinks);
BENCHMARK_CAPTURE(cut_three_tiers, resnet152_push_relabel, "resnet152", MaxFlow::kPushRelabel)
    ->Apply(at_three_uplinks);
BENCHMARK_CAPTURE(cut_three_tiers, nasnetlarge, "nasnetlarge", MaxFlow::kBoykovKolmogorov)
    ->Apply(at_three_uplinks);
BENCHMARK_CAPTURE(cut_three_tiers, nasnetlarge_push_relabel, "nasnetlarge", MaxFlow::kPushRelabel)
    ->Apply(at_three_uplinks);

void plan_dag(benchmark::State& state, const char* name) {
  const Graph graph = zoo_graph(name);
  const Network network = network_of(graph);
  const auto [uplink, backhaul] = bandwidths(state);
  std::vector<double> bytes;
  for (const Cut& cut : network.chain.cuts) bytes.push_back(cut.bytes.value());
  Problem problem = chain(bytes);
  problem.wire_bytes = Bytes(150e3);
  const char* const names[] = {"camera", "edge", "cloud"};
  for (int tier = 0; tier < 3; ++tier)
    add_host(problem, names[tier], tier, block_seconds(network, kSpeeds[tier]));
  connect(problem, "camera", "edge", Seconds(0.005), BytesPerSecond(uplink));
  connect(problem, "edge", "cloud", Seconds(0.02), BytesPerSecond(backhaul));
  connect(problem, "camera", "cloud", Seconds(0.025), BytesPerSecond(uplink));
  std::optional<GraphPlan> found;
  for ([[maybe_unused]] auto _ : state) {
    found = best_graph_plan(problem, network_of(graph).operators);
    benchmark::DoNotOptimize(found);
  }
  std::vector<int> counts(found->hosts.size());
  for (const int place : found->place) ++counts[static_cast<std::size_t>(place)];
  std::string label;
  for (std::size_t i = 0; i < counts.size(); ++i)
    label += (i > 0 ? " + " : "") + std::to_string(counts[i]) + " " +
             names[static_cast<std::size_t>(found->hosts[i])];
  state.SetLabel(label);
  state.counters["chain loses, %"] = 100 * (found->chain_latency / found->latency - 1);
}
BENCHMARK_CAPTURE(plan_dag, resnet152, "resnet152")->Apply(at_three_uplinks);
BENCHMARK_CAPTURE(plan_dag, nasnetlarge, "nasnetlarge")->Apply(at_three_uplinks);

}  // namespace
}  // namespace kerf::testing
