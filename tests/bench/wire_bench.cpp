// The executor's client and server beside bare gRPC, on loopback: a message goes there and as many bytes come
// back. All take turns, so that a slow moment falls on all. Aim: at most bare + 0.3 ms + 2 %.
//
//   stub_ms      bare, the usual way: generated stubs, one field of `bytes` (bare_grpc.hpp)
//   buffer_ms    bare, the least that gRPC can do: buffers passed along, never brought into one place
//   buffer+_ms   the same with memory kept as our programs keep it
//   ours_ms      a request to our echo, the tensor left in the pieces in which it came
//   gathered_ms  the same with the tensor brought into one aligned place at both ends, as a model needs it
//   A-B          by how much A is beyond what is allowed over B, in ms: at most 0
//
// Medians.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_client.hpp"
#include "runtime/executor/inference_server.hpp"
#include "runtime/executor/message_memory.hpp"
#include "tests/bench/bare_grpc.hpp"

namespace {

using namespace kerf;
using kerf_bench::BareGrpc;

constexpr Seconds kLong{60};
constexpr int kWarmUp = 20;

// The echo, with what came brought into one place first.
ServedModel gathering_echo() {
  ServedModel model = echo_model(Bytes(256e6));
  model.name = "gathering";
  model.infer = [echo = model.infer](const InferRequest& request, const StopRequested& stop) {
    InferRequest gathered = request;
    benchmark::DoNotOptimize(gathered.inputs.front().bytes.contiguous().data());
    return echo(gathered, stop);
  };
  return model;
}

class OurEcho {
 public:
  OurEcho(std::size_t bytes, bool gather) : gather_(gather) {
    Payload payload = noise_payload(bytes);
    static_cast<void>(payload.contiguous());
    request_ = echo_request(payload, Bytes(static_cast<double>(bytes)));
    if (gather) request_.model = "gathering";
  }
  double operator()() {  // milliseconds
    const auto start = std::chrono::steady_clock::now();
    InferReply reply = client_.infer(request_, kLong);
    Payload& bytes = reply.outputs.front().bytes;
    if (gather_) benchmark::DoNotOptimize(bytes.contiguous().data());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (bytes.size() != request_.inputs.front().bytes.size()) std::abort();
    return took.count();
  }

 private:
  static ServerOptions any_port() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    return options;
  }
  const bool gather_;
  const InferenceServer server_{{echo_model(Bytes(256e6)), gathering_echo()}, any_port()};
  const InferenceClient client_{server_.address()};
  InferRequest request_;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void echo(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  BareGrpc stub("stub", bytes);
  BareGrpc buffer("buffer", bytes);
  BareGrpc kept("buffer+", bytes);
  OurEcho ours(bytes, false);
  OurEcho gathered(bytes, true);
  struct Series {
    std::string name;
    std::function<double()> call;
    std::vector<double> times = {};
  };
  std::vector<Series> all{{"stub", std::ref(stub)},
                          {"buffer", std::ref(buffer)},
                          {"buffer+", std::ref(kept)},
                          {"ours", std::ref(ours)},
                          {"gathered", std::ref(gathered)}};
  int turn = 0;
  for (auto unused : state) {
    (void)unused;
    double took = 0;
    for (Series& series : all) {
      took = series.call();
      if (turn >= kWarmUp) series.times.push_back(took);
    }
    state.SetIterationTime(took / 1e3);
    ++turn;
  }
  const auto time_of = [&](const char* name) {
    return median(
        std::find_if(all.begin(), all.end(), [&](const Series& each) { return each.name == name; })->times);
  };
  for (const Series& series : all) state.counters[series.name + "_ms"] = median(series.times);
  for (const char* mine : {"ours", "gathered"}) {
    for (const char* bare : {"stub", "buffer", "buffer+"}) {
      state.counters[std::string(mine) + "-" + bare] = time_of(mine) - (time_of(bare) * 1.02 + 0.3);
    }
  }
}

BENCHMARK(echo)
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
  if (const auto code = BareGrpc::main_of_peer(argc, argv)) return *code;
  keep_message_memory();  // as kerf serve and kerf run do
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
