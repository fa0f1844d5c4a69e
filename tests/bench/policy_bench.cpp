// Looking a plan up in a table of 64 x 64 x 8 cells, beside what one would write without the reader: an
// upper_bound for each axis over the same edges and a vector of cells, and a std::map of upper edges.
// More queries than a processor can learn by heart: its guesses at branches are those of real life.
// "dependent" waits for each answer before it asks again (latency); otherwise queries overlap (throughput).

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "policy/reader/policy_reader.hpp"
#include "policy/writer/axis_edges.hpp"
#include "policy/writer/policy_writer.hpp"

namespace {

constexpr std::array<std::size_t, 3> kSizes{64, 64, 8};
constexpr std::size_t kQueries = 32768;
using Values = std::array<double, 3>;

std::vector<double> points_of(std::size_t axis) {
  std::vector<double> points;
  double point = axis == 0 ? 62500 : 0.001;
  for (std::size_t i = 0; i < kSizes[axis]; ++i, point *= 1.1) points.push_back(point);
  return points;
}

kerf::PolicyContent content() {
  kerf::PolicyContent content;
  content.hosts = {"camera", "edge", "cloud"};
  for (int plan = 0; plan < 20; ++plan) content.plans.push_back({{{0, 0, plan}, {1, plan + 1, 60}}});
  for (std::size_t axis = 0; axis < kSizes.size(); ++axis) {
    const std::string name = "axis" + std::to_string(axis);
    content.axes.push_back(
        {name, name, "", true, axis == 0, points_of(axis), std::vector<std::string>(kSizes[axis], "point")});
  }
  for (std::uint32_t cell = 0; cell < 64 * 64 * 8; ++cell) {
    const double u = kerf::uniform({.seed = 1, .request = cell});
    content.cells.push_back({static_cast<int>(u * 20), kerf::Seconds(0.1 + u), u});
  }
  return content;
}

// Inside the range of every axis.
std::vector<Values> queries() {
  std::vector<Values> all(kQueries);
  for (std::uint32_t i = 0; i < kQueries; ++i) {
    for (std::uint32_t axis = 0; axis < kSizes.size(); ++axis) {
      const std::vector<double> points = points_of(axis);
      const double u = kerf::uniform({.seed = 2, .device = axis, .request = i});
      all[i][axis] = points.front() + u * (points.back() - points.front());
    }
  }
  return all;
}

class Reader {
 public:
  Reader() {
    const std::string bytes = kerf::encode_policy(content());
    if (policy_.open(bytes.data(), bytes.size()) != kerf::PolicyStatus::kOk) std::abort();
  }
  int plan(const Values& at) const { return policy_.query(at.data(), at.size()).plan; }

 private:
  kerf::Policy policy_;
};

class UpperBound {
 public:
  UpperBound() : cells_(content().cells) {
    for (std::size_t axis = 0; axis < kSizes.size(); ++axis) {
      edges_.push_back(kerf::axis_edges(points_of(axis), axis == 0).between);
    }
  }
  int plan(const Values& at) const {
    std::size_t cell = 0;
    for (std::size_t axis = 0; axis < kSizes.size(); ++axis) {
      const auto edge = std::ranges::upper_bound(edges_[axis], at[axis]);
      cell = cell * kSizes[axis] + static_cast<std::size_t>(edge - edges_[axis].begin());
    }
    return cells_[cell].plan;
  }

 private:
  std::vector<std::vector<double>> edges_;
  std::vector<kerf::PolicyCell> cells_;
};

class Map {
 public:
  Map() : cells_(content().cells) {
    for (std::size_t axis = 0; axis < kSizes.size(); ++axis) {
      std::map<double, std::size_t>& steps = steps_.emplace_back();
      for (double edge : kerf::axis_edges(points_of(axis), axis == 0).between)
        steps.emplace(edge, steps.size());
      steps.emplace(std::numeric_limits<double>::infinity(), steps.size());
    }
  }
  int plan(const Values& at) const {
    std::size_t cell = 0;
    for (std::size_t axis = 0; axis < kSizes.size(); ++axis) {
      cell = cell * kSizes[axis] + steps_[axis].upper_bound(at[axis])->second;
    }
    return cells_[cell].plan;
  }

 private:
  std::vector<std::map<double, std::size_t>> steps_;
  std::vector<kerf::PolicyCell> cells_;
};

template <class Table>
void overlapping(benchmark::State& state) {
  const Table table;
  const std::vector<Values> all = queries();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.plan(all[i]));
    i = (i + 1) % kQueries;
  }
}

template <class Table>
void dependent(benchmark::State& state) {
  const Table table;
  const std::vector<Values> all = queries();
  std::size_t i = 0;
  std::size_t no_bits = 0;  // the compiler must not see that the answer does not matter
  benchmark::DoNotOptimize(no_bits);
  for (auto _ : state) {
    i = (i + 1 + (static_cast<std::size_t>(table.plan(all[i])) & no_bits)) % kQueries;
  }
  benchmark::DoNotOptimize(i);
}

void open_table(benchmark::State& state) {
  const std::string bytes = kerf::encode_policy(content());
  for (auto _ : state) {
    kerf::Policy policy;
    benchmark::DoNotOptimize(policy.open(bytes.data(), bytes.size()));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

}  // namespace

BENCHMARK(overlapping<Reader>);
BENCHMARK(overlapping<UpperBound>);
BENCHMARK(overlapping<Map>);
BENCHMARK(dependent<Reader>);
BENCHMARK(dependent<UpperBound>);
BENCHMARK(dependent<Map>);
BENCHMARK(open_table);
