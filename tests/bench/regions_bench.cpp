// An unloaded policy over bandwidth and round trip of one link, 100 blocks and three tiers: cells a second,
// each with its plan, latency, margin and runner-up. From profiles and paths every time; beside what one
// would write without Kerf, for one condition after the other: every pair of cuts tried, and the same with
// the best first cut kept while the second goes through the chain.
//
// Before anything is timed, the grid is held against the point-by-point answers, cell by cell.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "planner/search/regions.hpp"
#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace kerf::testing {
namespace {

constexpr int kBlocks = 100;
constexpr std::size_t kSide = 256;
constexpr double kNever = std::numeric_limits<double>::infinity();

double draw(std::uint32_t purpose, std::size_t index) {
  return uniform({.seed = 5, .device = purpose, .request = static_cast<std::uint32_t>(index)});
}

// Bytes fall along the chain, with ups and downs; the device is slow, the cloud fast.
Problem make_problem() {
  std::vector<double> bytes;
  for (std::size_t cut = 0; cut <= kBlocks; ++cut)
    bytes.push_back(
        std::round(1.2e6 * std::exp(-0.05 * static_cast<double>(cut)) * (0.3 + 1.4 * draw(0, cut))));
  bytes.back() = 4e3;
  Problem problem = chain(bytes);
  problem.wire_bytes = Bytes(150e3);
  problem.decode = Seconds(0.004);
  const std::array<const char*, 3> names{"camera", "edge", "cloud"};
  const std::array<double, 3> slowness{8, 1.2, 0.4};
  for (int tier = 0; tier < 3; ++tier) {
    std::vector<double> seconds;
    for (std::size_t block = 0; block < kBlocks; ++block)
      seconds.push_back(1e-3 * slowness[static_cast<std::size_t>(tier)] * (0.2 + draw(1, block)));
    add_host(problem, names[static_cast<std::size_t>(tier)], tier, seconds);
  }
  return problem;
}

// The uplink is swept; edge and cloud are joined by a link of 100 Mbit/s and 15 ms.
void set_paths(double bandwidth, double delay, std::vector<std::optional<Path>>& paths) {
  const auto set = [&](std::size_t a, std::size_t b, double d, double rate) {
    paths[a * 3 + b] = paths[b * 3 + a] = Path{Seconds(d), Seconds(3e-4), BytesPerSecond(rate)};
  };
  set(0, 1, delay, bandwidth);
  set(1, 2, 0.015, 12.5e6);
  set(0, 2, delay + 0.015, std::min(bandwidth, 12.5e6));
}

double bandwidth_at(double share) {
  return 62500 * std::pow(400, share);  // 0.5 to 200 Mbit/s
}

Paths paths_at(const Problem& problem, double bandwidth, double delay) {
  Paths paths = problem.paths;
  set_paths(bandwidth, delay, paths);
  return paths;
}

struct Policy {
  RegionGrid grid;
  std::vector<float> margins;
};

// From profiles and paths to the whole table.
Policy compute(const Problem& given, const std::vector<double>& bandwidths,
               const std::vector<double>& delays) {
  Problem problem = given;
  for (ProblemHost& host : problem.hosts) host.costs = std::make_shared<SliceCosts>(host.costs->profile());
  std::vector<Paths> columns;
  std::vector<Paths> rows;
  for (const double bandwidth : bandwidths) columns.push_back(paths_at(problem, bandwidth, 0.01));
  for (const double delay : delays) rows.push_back(paths_at(problem, 1e6, delay));
  problem.paths = columns.front();
  Policy policy{best_regions(problem, columns, rows), {}};
  policy.margins.reserve(policy.grid.cells.size());
  for (const PointAnswer& cell : policy.grid.cells)
    policy.margins.push_back(static_cast<float>((cell.runner_up_latency - cell.latency) / cell.latency));
  return policy;
}

struct Axes {
  std::vector<double> bandwidths, delays;
};

Axes axes() {
  Axes made;
  for (std::size_t i = 0; i < kSide; ++i) {
    made.bandwidths.push_back(bandwidth_at(static_cast<double>(i) / (kSide - 1)));
    made.delays.push_back(0.001 + 0.1 * static_cast<double>(i) / kSide);
  }
  return made;
}

// Every 37th cell against the search, all of them against best_at().
void check(const Problem& problem, const Axes& grid_axes, const RegionGrid& grid) {
  Problem here = problem;
  here.paths = paths_at(problem, bandwidth_at(0), 0.01);
  std::size_t number = 0;
  for (std::size_t column = 0; column < kSide; ++column) {
    // 100 Mbit/s and above, the second link limits the path to the cloud.
    const bool below = grid_axes.bandwidths[column] <= 12.5e6;
    const Paths from = paths_at(problem, below ? bandwidth_at(0) : 12.5e6, 0);
    const Paths to = paths_at(problem, below ? 12.5e6 : bandwidth_at(1), 0);
    static const SegmentPlans low(here, paths_at(problem, bandwidth_at(0), 0), paths_at(problem, 12.5e6, 0));
    static const SegmentPlans high(here, paths_at(problem, 12.5e6, 0), paths_at(problem, bandwidth_at(1), 0));
    const SegmentPlans& plans = below ? low : high;
    for (std::size_t row = 0; row < kSide; ++row, ++number) {
      const PointAnswer& cell = grid.at(column, row);
      here.paths = paths_at(problem, grid_axes.bandwidths[column], grid_axes.delays[row]);
      const PointAnswer point = plans.best_at(here.paths);
      bool same = cell.latency == point.latency && cell.runner_up_latency == point.runner_up_latency &&
                  grid.plans[static_cast<std::size_t>(cell.plan)] ==
                      plans.plans()[static_cast<std::size_t>(point.plan)] &&
                  grid.plans[static_cast<std::size_t>(cell.runner_up)] ==
                      plans.plans()[static_cast<std::size_t>(point.runner_up)];
      if (number % 997 == 0) {
        const SearchResult found = best_plans(here, {.top = 2, .one_per_host_sequence = true});
        same = same && found.plans[0].latency.value() == cell.latency &&
               found.plans[1].latency.value() == cell.runner_up_latency &&
               found.plans[0].plan == grid.plans[static_cast<std::size_t>(cell.plan)] &&
               found.plans[1].plan == grid.plans[static_cast<std::size_t>(cell.runner_up)];
      }
      if (!same) std::abort();
    }
  }
}

void regions(benchmark::State& state) {
  const Problem problem = make_problem();
  const Axes grid = axes();
  check(problem, grid, compute(problem, grid.bandwidths, grid.delays).grid);
  std::size_t plans = 0;
  for ([[maybe_unused]] auto _ : state) {
    const Policy policy = compute(problem, grid.bandwidths, grid.delays);
    benchmark::DoNotOptimize(policy.margins.data());
    plans = policy.grid.plans.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kSide * kSide));
  state.counters["plans"] = static_cast<double>(plans);
}
BENCHMARK(regions)->Unit(benchmark::kMillisecond);

struct Point {
  double bandwidth, delay;
};

std::vector<Point> points() {
  std::vector<Point> made;
  for (std::size_t i = 0; i < 4096; ++i) made.push_back({bandwidth_at(draw(2, i)), 0.001 + 0.1 * draw(3, i)});
  return made;
}

void point_by_point(benchmark::State& state) {
  Problem problem = make_problem();
  problem.paths = paths_at(problem, 1e6, 0);
  const SegmentPlans low(problem, paths_at(problem, bandwidth_at(0), 0), paths_at(problem, 12.5e6, 0));
  const SegmentPlans high(problem, paths_at(problem, 12.5e6, 0), paths_at(problem, bandwidth_at(1), 0));
  Paths paths = problem.paths;
  const std::vector<Point> all = points();
  for ([[maybe_unused]] auto _ : state) {
    for (const Point& point : all) {
      set_paths(point.bandwidth, point.delay, paths);
      const PointAnswer answer = (point.bandwidth <= 12.5e6 ? low : high).best_at(paths);
      benchmark::DoNotOptimize((answer.runner_up_latency - answer.latency) / answer.latency);
      benchmark::DoNotOptimize(answer);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * all.size()));
}
BENCHMARK(point_by_point);

// What the plain closed forms need: sums of blocks and bytes.
struct Plain {
  std::array<std::array<double, kBlocks + 1>, 3> before{};  // seconds of blocks 0..k-1
  std::array<double, kBlocks + 1> bytes{};

  explicit Plain(const Problem& problem) {
    for (std::size_t host = 0; host < 3; ++host) {
      for (int block = 0; block < kBlocks; ++block) {
        const auto k = static_cast<std::size_t>(block);
        before[host][k + 1] = before[host][k] + problem.hosts[host].compute(block, block).value();
      }
    }
    for (std::size_t cut = 0; cut <= kBlocks; ++cut) bytes[cut] = problem.cut_bytes[cut].value();
    bytes[0] = problem.wire_bytes.value();
  }
};

struct Best {
  double least = kNever;
  double second = kNever;
  std::size_t first_cut = 0;
  std::size_t second_cut = 0;
  void offer(double latency, std::size_t i, std::size_t j) {
    if (latency < least) {
      second = least;
      least = latency;
      first_cut = i;
      second_cut = j;
    } else if (latency < second) {
      second = latency;
    }
  }
};

struct Link {
  double fixed, per_byte;
};

struct Links {
  Link edge, between, cloud;
  explicit Links(const Point& point)
      : edge{point.delay + 3e-4, 1 / point.bandwidth},
        between{0.015 + 3e-4, 1 / 12.5e6},
        cloud{point.delay + 0.0153, std::max(1 / point.bandwidth, 1 / 12.5e6)} {}
};

double sent(const Link& link, double bytes) {
  return link.fixed + bytes * link.per_byte;
}

// Blocks 0..i-1 on the camera, i..j-1 at the edge, the rest in the cloud; every (i, j).
void exhaustive(benchmark::State& state) {
  const Plain plain(make_problem());
  const std::vector<Point> all = points();
  std::size_t at = 0;
  for ([[maybe_unused]] auto _ : state) {
    const Links links(all[at++ % all.size()]);
    const double result = plain.bytes[kBlocks];
    Best best;
    for (std::size_t i = 0; i <= kBlocks; ++i) {
      for (std::size_t j = i; j <= kBlocks; ++j) {
        double latency = plain.before[0][i] + (plain.before[1][j] - plain.before[1][i]) +
                         (plain.before[2][kBlocks] - plain.before[2][j]);
        if (i == 0 && i < kBlocks) latency += 0.004;
        if (j > i) latency += sent(links.edge, plain.bytes[i]);
        if (j < kBlocks) latency += sent(j > i ? links.between : links.cloud, plain.bytes[j]);
        if (j < kBlocks) {
          latency += sent(links.cloud, result);
        } else if (i < kBlocks) {
          latency += sent(links.edge, result);
        }
        best.offer(latency, i, j);
      }
    }
    benchmark::DoNotOptimize(best);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(exhaustive);

// The best way to be at the edge after j blocks is kept while j grows.
void inner_minimum_kept(benchmark::State& state) {
  const Plain plain(make_problem());
  const std::vector<Point> all = points();
  std::size_t at = 0;
  for ([[maybe_unused]] auto _ : state) {
    const Links links(all[at++ % all.size()]);
    const double result = plain.bytes[kBlocks];
    const double back_edge = sent(links.edge, result);
    const double back_cloud = sent(links.cloud, result);
    Best best;
    double edge = kNever;  // of the start at the edge after i blocks, its blocks before i taken off
    std::size_t edge_from = 0;
    for (std::size_t j = 0; j < kBlocks; ++j) {
      const double cloud = plain.before[2][kBlocks] - plain.before[2][j] + back_cloud;
      const double decode = j == 0 ? 0.004 : 0;
      if (j > 0) {
        best.offer(edge + plain.before[1][j] + sent(links.between, plain.bytes[j]) + cloud, edge_from, j);
      }
      best.offer(plain.before[0][j] + decode + sent(links.cloud, plain.bytes[j]) + cloud, j, j);
      const double from = plain.before[0][j] + decode + sent(links.edge, plain.bytes[j]) - plain.before[1][j];
      edge_from = from < edge ? j : edge_from;
      edge = std::min(edge, from);
    }
    best.offer(edge + plain.before[1][kBlocks] + back_edge, edge_from, kBlocks);
    best.offer(plain.before[0][kBlocks], kBlocks, kBlocks);
    benchmark::DoNotOptimize(best);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(inner_minimum_kept);

}  // namespace
}  // namespace kerf::testing
