// The search beside a plain exhaustive enumeration of the same plans, both from the problem to the best plan.
// BestPlan and Exhaustive each report their own time; Speedup runs both in turn and reports the ratio as
// `times_faster`.

#include <benchmark/benchmark.h>

#include <chrono>
#include <limits>

#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace kerf {
namespace {

// Three tiers, each five times faster than the one before; bytes fall along the chain with some ups and
// downs.
Problem three_tiers(int blocks) {
  std::vector<double> cuts{150e3};
  std::vector<double> seconds;
  for (int b = 0; b < blocks; ++b) {
    cuts.push_back((2e6 - 1.9e6 * b / blocks) * (1 + 0.3 * (b * 7 % 5)));
    seconds.push_back(0.001 * (1 + b * 11 % 7));
  }
  Problem p = testing::chain(cuts);
  double slowness = 25;
  for (const char* name : {"camera", "edge", "cloud"}) {
    testing::add_host(p, name, static_cast<int>(p.hosts.size()), seconds).slowdown = slowness;
    slowness /= 5;
  }
  testing::connect(p, "camera", "edge", Seconds(0.01), BytesPerSecond(2.5e6));
  testing::connect(p, "camera", "cloud", Seconds(0.04), BytesPerSecond(2.5e6));
  testing::connect(p, "edge", "cloud", Seconds(0.02), BytesPerSecond(12.5e6));
  return p;
}

// Every host sequence and every pair of cuts, each summed from the problem's own tables.
double exhaustive(const Problem& p) {
  double best = std::numeric_limits<double>::infinity();
  const int end = p.blocks;
  for (int a = 0; a <= end; ++a) {
    for (int b = a; b <= end; ++b) {
      const int bounds[] = {0, a, b, end};
      double sum = 0;
      int at = p.source;
      for (int h = 0; h < 3; ++h) {
        if (bounds[h] == bounds[h + 1]) continue;
        if (h != at) sum += p.path(at, h)->transfer(p.bytes_into(bounds[h])).value();
        sum += stage_time(p, {h, bounds[h], bounds[h + 1] - 1}).value();
        at = h;
      }
      if (at != p.source) sum += p.path(at, p.source)->transfer(p.cut_bytes.back()).value();
      best = std::min(best, sum);
    }
  }
  return best;
}

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void BestPlan(benchmark::State& state) {
  const Problem p = three_tiers(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 1}).plans.front().latency);
}
BENCHMARK(BestPlan)->Arg(25)->Arg(100)->Arg(150)->Arg(600)->Unit(benchmark::kMicrosecond);

void BestFive(benchmark::State& state) {
  const Problem p = three_tiers(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 5}).plans.front().latency);
}
BENCHMARK(BestFive)->Arg(100)->Unit(benchmark::kMicrosecond);

void Candidates(benchmark::State& state) {
  const Problem p = three_tiers(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(candidates(p, 5).front().latency);
}
BENCHMARK(Candidates)->Arg(100)->Unit(benchmark::kMicrosecond);

void Exhaustive(benchmark::State& state) {
  const Problem p = three_tiers(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(exhaustive(p));
}
BENCHMARK(Exhaustive)->Arg(25)->Arg(100)->Arg(150)->Arg(600)->Unit(benchmark::kMicrosecond);

void Speedup(benchmark::State& state) {
  const Problem p = three_tiers(static_cast<int>(state.range(0)));
  double search = 0;
  double enumeration = 0;
  for (auto _ : state) {
    search += seconds_of([&] { benchmark::DoNotOptimize(best_plans(p, {.top = 1}).plans.front().latency); });
    enumeration += seconds_of([&] { benchmark::DoNotOptimize(exhaustive(p)); });
  }
  state.counters["times_faster"] = enumeration / search;
}
BENCHMARK(Speedup)->Arg(25)->Arg(100)->Arg(150)->Arg(600)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kerf
