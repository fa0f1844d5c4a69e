// The minimum cut over a network's operators on three tiers, by Boykov-Kolmogorov and, as the baseline, by
// push-relabel on the same network of arcs; and the whole answer of `kerf plan --dag`: the best of all rows
// of hosts, with its bound and the best chain.

#include <benchmark/benchmark.h>

#include <algorithm>
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

Network network_of(const char* name) {
  const Graph graph = zoo_graph(name);
  Network made{find_cuts(graph), {}};
  made.operators = cli::operators_of(graph, made.chain, 1);
  return made;
}

// Multiply-adds a second of device, edge and cloud; links that make cuts of all kinds worth a thought.
constexpr double kSpeeds[] = {4e9, 30e9, 120e9};
constexpr double kBandwidths[] = {12.5e6, 25e6};

std::vector<double> block_seconds(const Network& network, double speed) {
  std::vector<double> seconds;
  for (const Block& block : network.chain.blocks)
    seconds.push_back((block.multiply_adds + block.activations.value()) / speed);
  return seconds;
}

TierRow tiers_of(const Network& network) {
  TierRow row;
  for (const double speed : kSpeeds) {
    const std::vector<double> blocks = block_seconds(network, speed);
    std::vector<double>& seconds = row.seconds.emplace_back();
    for (const Operator& one : network.operators.operators)
      seconds.push_back(blocks[static_cast<std::size_t>(one.block)] * one.share);
  }
  for (const double bandwidth : kBandwidths) row.seconds_per_byte.push_back(1 / bandwidth);
  return row;
}

void cut_three_tiers(benchmark::State& state, const char* name, MaxFlow algorithm) {
  const Network network = network_of(name);
  const TierRow row = tiers_of(network);
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
BENCHMARK_CAPTURE(cut_three_tiers, resnet152, "resnet152", MaxFlow::kBoykovKolmogorov)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(cut_three_tiers, resnet152_push_relabel, "resnet152", MaxFlow::kPushRelabel)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(cut_three_tiers, nasnetlarge, "nasnetlarge", MaxFlow::kBoykovKolmogorov)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(cut_three_tiers, nasnetlarge_push_relabel, "nasnetlarge", MaxFlow::kPushRelabel)
    ->Unit(benchmark::kMillisecond);

void plan_dag(benchmark::State& state, const char* name) {
  const Network network = network_of(name);
  std::vector<double> bytes;
  for (const Cut& cut : network.chain.cuts) bytes.push_back(cut.bytes.value());
  Problem problem = chain(bytes);
  problem.wire_bytes = Bytes(150e3);
  const char* const names[] = {"camera", "edge", "cloud"};
  for (int tier = 0; tier < 3; ++tier)
    add_host(problem, names[tier], tier, block_seconds(network, kSpeeds[tier]));
  connect(problem, "camera", "edge", Seconds(0.005), BytesPerSecond(kBandwidths[0]));
  connect(problem, "edge", "cloud", Seconds(0.02), BytesPerSecond(kBandwidths[1]));
  connect(problem, "camera", "cloud", Seconds(0.025), BytesPerSecond(kBandwidths[0]));
  std::optional<GraphPlan> found;
  for ([[maybe_unused]] auto _ : state) {
    found = best_graph_plan(problem, network.operators);
    benchmark::DoNotOptimize(found);
  }
  state.counters["chain loses, %"] = 100 * (found->chain_latency / found->latency - 1);
}
BENCHMARK_CAPTURE(plan_dag, resnet152, "resnet152")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan_dag, nasnetlarge, "nasnetlarge")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kerf::testing
