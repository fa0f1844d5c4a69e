// The search beside a plain exhaustive enumeration of the same plans, both from the problem to the best plan.
// Arguments are blocks and tiers. Speedup runs both in turn and reports the ratio as `times_faster`: on three
// tiers, where a plan has two cuts, there are no more plans than slices and an enumeration that wants one
// plan and knows no constraints is as good.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace kerf {
namespace {

// Each tier is three times faster than the one before; bytes fall along the chain with some ups and downs.
Problem tiers(const benchmark::State& state) {
  const auto blocks = static_cast<int>(state.range(0));
  std::vector<double> cuts{150e3};
  std::vector<double> seconds;
  for (int b = 0; b < blocks; ++b) {
    cuts.push_back((2e6 - 1.9e6 * b / blocks) * (1 + 0.3 * (b * 7 % 5)));
    seconds.push_back(0.001 * (1 + b * 11 % 7));
  }
  Problem p = testing::chain(cuts);
  double slowness = 25;
  for (int tier = 0; tier < state.range(1); ++tier, slowness /= 3) {
    testing::add_host(p, testing::numbered("tier", p.hosts.size()), tier, seconds).slowdown = slowness;
  }
  for (std::size_t to = 1; to < p.hosts.size(); ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      testing::connect(p, p.hosts[from].name, p.hosts[to].name,
                       Seconds(0.01 * static_cast<double>(to - from)),
                       BytesPerSecond(from == 0 ? 2.5e6 : 12.5e6));
    }
  }
  return p;
}

// The least latency of running blocks `first` and later on hosts `host` and later, where the data is at `at`.
double exhaustive(const Problem& p, int host, int first, int at, double spent) {
  if (first == p.blocks) {
    return at == p.source ? spent : spent + p.path(at, p.source)->transfer(p.cut_bytes.back()).value();
  }
  if (host == static_cast<int>(p.hosts.size())) return std::numeric_limits<double>::infinity();
  double best = exhaustive(p, host + 1, first, at, spent);
  const double here = host == at ? spent : spent + p.path(at, host)->transfer(p.bytes_into(first)).value();
  const bool last_host = host + 1 == static_cast<int>(p.hosts.size());
  for (int last = last_host ? p.blocks - 1 : first; last < p.blocks; ++last) {
    const double done = here + stage_time(p, {host, first, last}).value();
    best = std::min(best, exhaustive(p, host + 1, last + 1, host, done));
  }
  return best;
}

double exhaustive(const Problem& p) {
  return exhaustive(p, 0, 0, p.source, 0);
}

void few_tiers(benchmark::internal::Benchmark* bench) {
  for (const int blocks : {25, 100, 150}) bench->Args({blocks, 3});
  bench->Args({100, 4})->Unit(benchmark::kMicrosecond);
}

void many_tiers(benchmark::internal::Benchmark* bench) {
  few_tiers(bench);
  bench->Args({600, 3})->Args({100, 8});
}

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void BestPlan(benchmark::State& state) {
  const Problem p = tiers(state);
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 1}).plans.front().latency);
}
BENCHMARK(BestPlan)->Apply(many_tiers);

void BestFive(benchmark::State& state) {
  const Problem p = tiers(state);
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 5}).plans.front().latency);
}
BENCHMARK(BestFive)->Apply(many_tiers);

void Candidates(benchmark::State& state) {
  const Problem p = tiers(state);
  for (auto _ : state) benchmark::DoNotOptimize(candidates(p, 5).front().latency);
}
BENCHMARK(Candidates)->Apply(many_tiers);

void Exhaustive(benchmark::State& state) {
  const Problem p = tiers(state);
  for (auto _ : state) benchmark::DoNotOptimize(exhaustive(p));
}
BENCHMARK(Exhaustive)->Apply(few_tiers);

void Speedup(benchmark::State& state) {
  const Problem p = tiers(state);
  double search = 0;
  double enumeration = 0;
  for (auto _ : state) {
    search += seconds_of([&] { benchmark::DoNotOptimize(best_plans(p, {.top = 1}).plans.front().latency); });
    enumeration += seconds_of([&] { benchmark::DoNotOptimize(exhaustive(p)); });
  }
  state.counters["times_faster"] = enumeration / search;
}
BENCHMARK(Speedup)->Apply(few_tiers);

}  // namespace
}  // namespace kerf
