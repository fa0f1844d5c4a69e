// switch_plan: what changing plans costs a device whose slices are loaded: observing, looking the table up,
// deciding, and taking the other plan. Aim: under 1 ms. Beside it what the change would cost if the other
// plan's slice had to be loaded first.
//
//   load_ms   making the session of MobileNet's second half, median
//
// request: what a request costs beyond computing, from SplitNetwork's infer() through a SliceServer and back,
// on loopback: a tensor goes there, is computed on (a Relu or two, nearly nothing), and as many bytes come
// back. Beside it, taking turns, bare gRPC calls of as many bytes (bare_grpc.hpp). Aim: at most bare + 0.3 ms
// + 2 %. Medians.
//
//   whole_ms                 infer(), by the clock
//   compute_ms               what the server's report says of it
//   beyond_ms                what is left of each request
//   stub_ms, buffer_ms       bare
//   over_stub, over_buffer   by how much beyond_ms is beyond what is allowed: at most 0

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "models/zoo/zoo.hpp"
#include "policy/writer/policy_writer.hpp"
#include "runtime/executor/inference_server.hpp"
#include "runtime/executor/message_memory.hpp"
#include "runtime/split/observed_axes.hpp"
#include "runtime/split/plan_chooser.hpp"
#include "runtime/split/slice_server.hpp"
#include "runtime/split/slice_store.hpp"
#include "runtime/split/split_network.hpp"
#include "tests/bench/bare_grpc.hpp"
#include "tests/models/onnx_text.hpp"

namespace {

using namespace kerf;

constexpr int kWarmUp = 20;

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
  const ObservedAxes axes(policy, {.given = {}, .path = {}, .main_host = "edge"}, {"edge"}, "table");
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

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double milliseconds(Seconds time) {
  return time.value() * 1e3;
}

void request(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  kerf::test::TempFolder folder;
  const std::string shape = "1," + std::to_string(bytes / 4);
  const Graph graph = kerf::test::import_text(folder, "input x " + shape + "\n y = Relu(x)\n output y\n");
  const Chain chain = find_cuts(graph);
  SliceStore store(graph, chain, {});
  const int last = store.last_block();
  const Log no_log = [](std::string_view) {};
  SliceServer slices(store, {{0, last}}, {.name = "edge"}, steady_clock(), no_log);
  ServerOptions listen;
  listen.listen = "127.0.0.1:0";
  const InferenceServer server(slices.models(), listen);
  SplitNetworkOptions options;
  options.name = "camera";
  options.hosts = {{"edge", server.address()}};
  SplitNetwork network(store, options, steady_clock(), no_log);
  network.use_plan("edge:0-" + std::to_string(last));
  const LiveTensors input = owned(random_inputs(graph, 1));
  kerf_bench::BareGrpc stub("stub", bytes);
  kerf_bench::BareGrpc buffer("buffer", bytes);

  const Clock clock = steady_clock();
  std::vector<double> whole, compute, beyond, of_stub, of_buffer;
  int warm_up = kWarmUp;
  for (auto unused : state) {
    (void)unused;
    const double stub_ms = stub();
    const double buffer_ms = buffer();
    const Seconds begun = clock();
    const Answer answer = network.infer(input);
    const Seconds took = clock() - begun;
    if (!answer.reason.empty() || answer.received != Bytes(static_cast<double>(bytes))) std::abort();
    state.SetIterationTime(took.value());
    if (warm_up-- > 0) continue;
    const Seconds computing =
        std::accumulate(answer.stages.begin(), answer.stages.end(), Seconds(),
                        [](Seconds sum, const StageReport& stage) { return sum + stage.compute; });
    whole.push_back(milliseconds(took));
    compute.push_back(milliseconds(computing));
    beyond.push_back(milliseconds(took - computing));
    of_stub.push_back(stub_ms);
    of_buffer.push_back(buffer_ms);
  }
  state.counters["whole_ms"] = median(whole);
  state.counters["compute_ms"] = median(compute);
  state.counters["beyond_ms"] = median(beyond);
  state.counters["stub_ms"] = median(of_stub);
  state.counters["buffer_ms"] = median(of_buffer);
  state.counters["over_stub"] = median(beyond) - (median(of_stub) * 1.02 + 0.3);
  state.counters["over_buffer"] = median(beyond) - (median(of_buffer) * 1.02 + 0.3);
}

BENCHMARK(request)
    ->ArgName("bytes")
    ->Arg(1'000)
    ->Arg(150'000)
    ->Arg(1'200'000)
    ->Arg(3'200'000)
    ->Arg(12'800'000)
    ->UseManualTime()
    ->Iterations(200 + kWarmUp)
    ->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = kerf_bench::BareGrpc::main_of_peer(argc, argv)) return *code;
  keep_message_memory();  // as kerf serve and kerf run do
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
