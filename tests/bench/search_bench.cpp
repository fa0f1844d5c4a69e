// The search beside two plain enumerations of the same plans: `Resummed`, Scission's method in C++ (every
// configuration summed block by block), and `Exhaustive`, every configuration with prefix sums. Arguments are
// blocks and tiers, or blocks and hosts a tier. Block times add up here, as in an imported profile, except in
// `Measured`.
//
//   Prepared   sums and windows are made beforehand, as for many what-ifs about links: timed are setting the
//              links, finding the plan, and its cost with all its slices and transfers
//   BestPlan   everything from the problem on; BestFive the same for five plans
//   Speedup    both in turn, as `times_faster`

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <new>

#include "planner/search/fastest.hpp"
#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace {

// What is allocated, and the most there ever was since reset.
std::size_t allocated = 0;
std::size_t peak = 0;

constexpr std::size_t kHeader = alignof(std::max_align_t);

}  // namespace

// Not inlined, or g++ 12 takes the free() of one for a mismatch with the other.
[[gnu::noinline]] void* operator new(std::size_t size) {
  auto* const block = static_cast<std::size_t*>(std::malloc(size + kHeader));
  if (block == nullptr) throw std::bad_alloc();
  *block = size;
  allocated += size;
  peak = std::max(peak, allocated);
  return reinterpret_cast<char*>(block) + kHeader;
}

[[gnu::noinline]] void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  auto* const block = reinterpret_cast<std::size_t*>(static_cast<char*>(pointer) - kHeader);
  allocated -= *block;
  std::free(block);
}
void operator delete(void* pointer, std::size_t) noexcept {
  operator delete(pointer);
}

namespace kerf {
namespace {

enum class Times { kAddUp, kMeasured };

// Each tier is three times faster than the one before; bytes fall along the chain with some ups and downs.
// `width` hosts on every tier but the first.
Problem tiers(int blocks, int count, int width, Times times = Times::kAddUp) {
  std::vector<double> cuts{150e3};
  std::vector<double> seconds;
  for (int b = 0; b < blocks; ++b) {
    cuts.push_back((2e6 - 1.9e6 * b / blocks) * (1 + 0.3 * (b * 7 % 5)));
    seconds.push_back(0.001 * (1 + b * 11 % 7));
  }
  Problem p = testing::chain(cuts);
  double slowness = 25;
  for (int tier = 0; tier < count; ++tier, slowness /= 3) {
    for (int host = 0; host < (tier == 0 ? 1 : width); ++host) {
      const std::string name = testing::numbered("host", p.hosts.size());
      ProblemHost& added =
          times == Times::kAddUp
              ? testing::add_host(p, name, tier, seconds)
              : testing::add_host(
                    p, name, tier,
                    [&](int first, int last) { return 0.0001 * first + 0.001 * (last - first + 1); },
                    std::vector<ProfileBlock>(static_cast<std::size_t>(blocks)));
      added.slowdown = slowness * (1 + 0.07 * host);
    }
  }
  for (const ProblemHost& from : p.hosts) {
    for (const ProblemHost& to : p.hosts) {
      if (from.rank >= to.rank) continue;
      testing::connect(p, from.name, to.name, Seconds(0.01 * (to.rank - from.rank)),
                       BytesPerSecond(from.rank == 0 ? 2.5e6 : 12.5e6));
    }
  }
  return p;
}
Problem tiers(const benchmark::State& state, Times times = Times::kAddUp) {
  return tiers(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)), 1, times);
}

double resummed_slice(const Problem& p, const std::vector<std::vector<double>>& seconds, int host, int first,
                      int last) {
  double sum = host != p.source && first == 0 ? p.decode.value() : 0;
  for (int block = first; block <= last; ++block) {
    sum += seconds[static_cast<std::size_t>(host)][static_cast<std::size_t>(block)];
  }
  return sum;
}

double prefix_slice(const Problem& p, int host, int first, int last) {
  return stage_time(p, {host, first, last}).value();
}

// The least latency of running blocks `first` and later on hosts `host` and later, where the data is at `at`.
template <class Slice>
double exhaustive(const Problem& p, const Slice& slice, int host, int first, int at, double spent) {
  if (first == p.blocks) {
    return at == p.source ? spent : spent + p.path(at, p.source)->transfer(p.cut_bytes.back()).value();
  }
  if (host == static_cast<int>(p.hosts.size())) return std::numeric_limits<double>::infinity();
  double best = exhaustive(p, slice, host + 1, first, at, spent);
  const double here = host == at ? spent : spent + p.path(at, host)->transfer(p.bytes_into(first)).value();
  const bool last_host = host + 1 == static_cast<int>(p.hosts.size());
  for (int last = last_host ? p.blocks - 1 : first; last < p.blocks; ++last) {
    best = std::min(best, exhaustive(p, slice, host + 1, last + 1, host, here + slice(host, first, last)));
  }
  return best;
}

double exhaustive(const Problem& p) {
  return exhaustive(
      p, [&](int host, int first, int last) { return prefix_slice(p, host, first, last); }, 0, 0, p.source,
      0);
}

double resummed(const Problem& p, const std::vector<std::vector<double>>& seconds) {
  return exhaustive(
      p, [&](int host, int first, int last) { return resummed_slice(p, seconds, host, first, last); }, 0, 0,
      p.source, 0);
}

std::vector<std::vector<double>> block_seconds(const Problem& p) {
  std::vector<std::vector<double>> seconds;
  for (const ProblemHost& host : p.hosts) {
    seconds.emplace_back();
    for (int block = 0; block < p.blocks; ++block)
      seconds.back().push_back(host.compute(block, block).value());
  }
  return seconds;
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

void Prepared(benchmark::State& state) {
  const Problem p = tiers(state);
  const Lattice lattice(p, std::nullopt);
  const Measure latency = latency_of(p);
  Fastest fastest(lattice, latency);
  for (auto _ : state) {
    fastest.set_links(latency);
    benchmark::DoNotOptimize(cost_of(p, *fastest.run()).latency);
  }
}
BENCHMARK(Prepared)->Apply(many_tiers);

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

void Measured(benchmark::State& state) {
  const Problem p = tiers(state, Times::kMeasured);
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 1}).plans.front().latency);
}
BENCHMARK(Measured)->Apply(few_tiers);

// Constraints that each concern one step: blocks, uploads, computing.
void BestFiveUnderConstraints(benchmark::State& state) {
  Problem p = tiers(state);
  p.hosts[0].must_run = testing::blocks(p, {0});
  p.hosts[1].upload = Bytes(2e6);
  p.hosts[2].compute_cap.seconds = Seconds(0.5);
  p.deadline = Seconds(100);
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 5}).plans.front().latency);
}
BENCHMARK(BestFiveUnderConstraints)->Args({150, 3})->Unit(benchmark::kMicrosecond);

// Constraints that couple steps: a share of all computing, energy.
void BestFiveUnderBudgets(benchmark::State& state) {
  Problem p = tiers(state);
  for (ProblemHost& host : p.hosts) {
    host.power.busy = Watts(5);
    host.power.send = Watts(1);
  }
  testing::add_tier(p, "tier0", 0).compute_cap.share = 0.3;
  p.hosts[0].used = true;
  p.energy = Joules(30);
  for (auto _ : state) benchmark::DoNotOptimize(best_plans(p, {.top = 5}).plans.size());
}
BENCHMARK(BestFiveUnderBudgets)->Args({150, 3})->Unit(benchmark::kMicrosecond);

void Front(benchmark::State& state) {
  Problem p = tiers(state);
  for (ProblemHost& host : p.hosts) host.power = {Watts(0), Watts(5.0 + 40 * host.rank), Watts(1)};
  std::size_t plans = 0;
  for (auto _ : state) plans = pareto_front(p, {Criterion::kLatency, Criterion::kEnergy}).plans.size();
  state.counters["plans"] = static_cast<double>(plans);
}
BENCHMARK(Front)->Args({150, 3})->Unit(benchmark::kMicrosecond);

// Blocks, and hosts on the edge and in the cloud. `peak_bytes`: of the search alone, at its most.
void ManyHosts(benchmark::State& state) {
  const Problem p = tiers(static_cast<int>(state.range(0)), 3, static_cast<int>(state.range(1)));
  const std::size_t before = allocated;
  peak = allocated;
  for (auto _ : state) {
    benchmark::DoNotOptimize(best_plans(p, {.top = static_cast<int>(state.range(2))}).plans.front().latency);
  }
  state.counters["peak_bytes"] = static_cast<double>(peak - before);
}
BENCHMARK(ManyHosts)->Args({600, 4, 1})->Args({600, 4, 5})->Unit(benchmark::kMicrosecond);

void Exhaustive(benchmark::State& state) {
  const Problem p = tiers(state);
  for (auto _ : state) benchmark::DoNotOptimize(exhaustive(p));
}
BENCHMARK(Exhaustive)->Apply(few_tiers);

void Resummed(benchmark::State& state) {
  const Problem p = tiers(state);
  const auto seconds = block_seconds(p);
  for (auto _ : state) benchmark::DoNotOptimize(resummed(p, seconds));
}
BENCHMARK(Resummed)->Apply(few_tiers);

void Speedup(benchmark::State& state) {
  const Problem p = tiers(state);
  const auto block_times = block_seconds(p);
  double search = 0;
  double enumeration = 0;
  for (auto _ : state) {
    search += seconds_of([&] { benchmark::DoNotOptimize(best_plans(p, {.top = 1}).plans.front().latency); });
    enumeration += seconds_of([&] { benchmark::DoNotOptimize(resummed(p, block_times)); });
  }
  state.counters["times_faster"] = enumeration / search;
}
BENCHMARK(Speedup)->Apply(few_tiers);

}  // namespace
}  // namespace kerf
