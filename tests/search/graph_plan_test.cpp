#include "planner/search/graph_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "planner/search/search.hpp"
#include "tests/search/operator_graphs.hpp"
#include "tests/search/problems.hpp"

namespace kerf::testing {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

double fixed(const Problem& problem, int from, int to) {
  const auto& path = problem.path(from, to);
  return path ? (path->delay + path->overhead).value() : kNever;
}

double per_byte(const Problem& problem, int from, int to) {
  const auto& path = problem.path(from, to);
  return path ? 1 / path->bandwidth.value() : kNever;
}

// The cheapest way from host 0 of `hosts` to all others of it, each reached by one path from an earlier one,
// where the hosts that are not `wanted` may be left out.
double spread(const Problem& problem, const std::vector<int>& hosts, int from, unsigned wanted,
              double (*cost)(const Problem&, int, int)) {
  double best = kNever;
  const auto last = static_cast<int>(hosts.size());
  for (unsigned reached = wanted; reached < 1u << last; ++reached) {
    if ((reached & wanted) != wanted) continue;
    double sum = 0;
    for (int to = from + 1; to < last; ++to) {
      if ((reached >> to & 1) == 0) continue;
      double least = kNever;
      for (int via = from; via < to; ++via) {
        if (via == from || (reached >> via & 1) != 0)
          least = std::min(least, cost(problem, hosts[at(via)], hosts[at(to)]));
      }
      sum += least;
    }
    best = std::min(best, sum);
  }
  return best;
}

// Tries every row of hosts and every partition on it.
class Exhaustive {
 public:
  Exhaustive(const Problem& problem, const OperatorGraph& graph) : problem_(problem), graph_(graph) {
    std::vector<int> hosts;
    rows(hosts);
  }
  double handed_on = kNever;  // the least where tensors are handed on from host to host
  double direct = kNever;     // the least where every tensor and message takes its cheapest paths
  double chain = kNever;      // the least where blocks stay whole and every host has one

 private:
  void rows(std::vector<int>& hosts) {
    if (!hosts.empty()) row(hosts);
    for (int host = 0; host < static_cast<int>(problem_.hosts.size()); ++host) {
      if (!hosts.empty() && problem_.hosts[at(host)].rank <= problem_.hosts[at(hosts.back())].rank) continue;
      if (!hosts.empty() && !problem_.path(hosts.back(), host)) continue;
      hosts.push_back(host);
      rows(hosts);
      hosts.pop_back();
    }
  }

  void row(const std::vector<int>& hosts) {
    for (std::size_t h = 0; h < problem_.hosts.size(); ++h) {
      const bool in = std::find(hosts.begin(), hosts.end(), static_cast<int>(h)) != hosts.end();
      if (problem_.hosts[h].used && *problem_.hosts[h].used != in) {
        if (in || *problem_.hosts[h].used) return;
      }
    }
    double ends = 0;
    const int first = hosts.front();
    const int last = hosts.back();
    if (first != problem_.source)
      ends += fixed(problem_, problem_.source, first) +
              problem_.wire_bytes.value() * per_byte(problem_, problem_.source, first) +
              problem_.decode.value();
    if (last != problem_.source && problem_.workload.return_result)
      ends += fixed(problem_, last, problem_.source) +
              problem_.cut_bytes.back().value() * per_byte(problem_, last, problem_.source);
    if (!(ends < kNever)) return;
    std::vector<int> place(graph_.operators.size());
    partitions(hosts, ends, place, 0);
  }

  void partitions(const std::vector<int>& hosts, double ends, std::vector<int>& place, std::size_t v) {
    if (v == place.size()) return cost(hosts, ends, place);
    int earliest = 0;
    for (const OperatorTensor& tensor : graph_.tensors) {
      const bool used = std::find(tensor.consumers.begin(), tensor.consumers.end(), static_cast<int>(v)) !=
                        tensor.consumers.end();
      if (used && tensor.producer >= 0) earliest = std::max(earliest, place[at(tensor.producer)]);
    }
    for (int i = earliest; i < static_cast<int>(hosts.size()); ++i) {
      place[v] = i;
      if (allowed(hosts[at(i)], graph_.operators[v].block)) partitions(hosts, ends, place, v + 1);
    }
  }

  [[nodiscard]] bool allowed(int host, int block) const {
    for (std::size_t h = 0; h < problem_.hosts.size(); ++h) {
      const bool here = static_cast<int>(h) == host;
      const ProblemHost& other = problem_.hosts[h];
      if (!here && !other.must_run.empty() && other.must_run[at(block)]) return false;
      if (here && !other.must_not_run.empty() && other.must_not_run[at(block)]) return false;
    }
    return true;
  }

  void cost(const std::vector<int>& hosts, double ends, const std::vector<int>& place) {
    if (std::find(place.begin(), place.end(), 0) == place.end()) return;
    double compute = 0;
    for (std::size_t v = 0; v < place.size(); ++v) {
      const ProblemHost& host = problem_.hosts[at(hosts[at(place[v])])];
      double blocks = 0;
      for (int b = 0; b < problem_.blocks; ++b) blocks += host.compute(b, b).value();
      const double scale = blocks > 0 ? host.compute(0, problem_.blocks - 1).value() / blocks : 1;
      const Operator& one = graph_.operators[v];
      compute += host.compute(one.block, one.block).value() * scale * one.share;
    }
    double hops = 0;
    for (std::size_t i = 1; i < hosts.size(); ++i) hops += fixed(problem_, hosts[i - 1], hosts[i]);
    const unsigned all = (1u << hosts.size()) - 2;
    double sent = 0;
    double sent_direct = 0;
    for (const OperatorTensor& tensor : graph_.tensors) {
      const int from = tensor.producer < 0 ? 0 : place[at(tensor.producer)];
      unsigned wanted = tensor.is_output ? 1u << (hosts.size() - 1) : 0;
      for (const int consumer : tensor.consumers) wanted |= 1u << place[at(consumer)];
      wanted &= ~0u << (from + 1);
      for (int i = from; (wanted >> (i + 1)) != 0; ++i)
        sent += tensor.bytes.value() * per_byte(problem_, hosts[at(i)], hosts[at(i) + 1]);
      if (wanted != 0) sent_direct += tensor.bytes.value() * spread(problem_, hosts, from, wanted, per_byte);
    }
    const double total = ends + compute + hops + sent;
    handed_on = std::min(handed_on, total);
    direct = std::min(direct, ends + compute + spread(problem_, hosts, 0, all, fixed) + sent_direct);
    if (is_chain(hosts, place)) chain = std::min(chain, total);
  }

  [[nodiscard]] bool is_chain(const std::vector<int>& hosts, const std::vector<int>& place) const {
    std::vector<int> of_block(at(problem_.blocks), -1);
    std::vector<bool> used(hosts.size());
    for (std::size_t v = 0; v < place.size(); ++v) {
      int& here = of_block[at(graph_.operators[v].block)];
      if (here >= 0 && here != place[v]) return false;
      here = place[v];
      used[at(place[v])] = true;
    }
    return std::is_sorted(of_block.begin(), of_block.end()) &&
           std::find(used.begin(), used.end(), false) == used.end();
  }

  const Problem& problem_;
  const OperatorGraph& graph_;
};

// Hosts on three ranks, sometimes two on one; paths that may be cheaper than their hops, dearer or missing.
Problem random_problem(std::mt19937& random, const OperatorGraph& graph, int blocks) {
  const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
  std::vector<double> bytes(at(blocks) + 1, 1);
  bytes.front() = 0;
  bytes.back() = 0;
  for (const OperatorTensor& tensor : graph.tensors) {
    if (tensor.producer < 0) bytes.front() += tensor.bytes.value();
    if (tensor.is_output) bytes.back() += tensor.bytes.value();
  }
  Problem problem = chain(bytes);
  problem.decode = Seconds(below(2));
  if (below(3) == 0) problem.wire_bytes = problem.wire_bytes / 2;
  problem.workload.return_result = below(4) > 0;
  const int hosts = 2 + below(3);
  for (int h = 0; h < hosts; ++h) {
    std::vector<double> seconds(at(blocks));
    for (double& time : seconds) time = static_cast<double>(below(16 >> h) + (h == 0 ? 2 : 0));
    const int rank = h < 2 ? h : h - below(2);
    add_host(problem, numbered("h", at(h)), rank, seconds);
  }
  for (int from = 0; from < hosts; ++from) {
    for (int to = 0; to < hosts; ++to) {
      if (from == to || (below(10) == 0 && from + to > 1)) continue;
      connect_one_way(problem, numbered("h", at(from)), numbered("h", at(to)),
                      Seconds(static_cast<double>(below(3)) / 2), BytesPerSecond(1 << below(4)));
    }
  }
  for (ProblemHost& host : problem.hosts) {
    if (below(12) == 0) host.used = below(2) == 0;
    if (below(10) == 0) {
      host.must_not_run.assign(at(blocks), false);
      host.must_not_run[at(below(blocks))] = true;
    }
    if (below(16) == 0) {
      host.must_run.assign(at(blocks), false);
      host.must_run[at(below(blocks))] = true;
    }
  }
  return problem;
}

TEST(GraphPlan, EqualsEveryRowAndPartitionTried) {
  std::mt19937 random(7);
  int feasible = 0;
  int bounds = 0;
  int losses = 0;
  for (int i = 0; i < 10000; ++i) {
    const int operators = 2 + static_cast<int>(random() % 5);
    const int blocks = 1 + static_cast<int>(random() % static_cast<unsigned>(std::min(operators, 4)));
    const OperatorGraph graph = random_operators(random, operators, blocks);
    const Problem problem = random_problem(random, graph, blocks);
    const Exhaustive expected(problem, graph);
    const auto found = best_graph_plan(problem, graph);
    ASSERT_EQ(found.has_value(), expected.handed_on < kNever) << "instance " << i;
    if (!found) continue;
    ++feasible;
    ASSERT_NEAR(found->latency.value(), expected.handed_on, 1e-9) << "instance " << i;
    ASSERT_LE(found->lower_bound.value(), expected.direct + 1e-9) << "instance " << i;
    ASSERT_LE(found->lower_bound, found->latency);
    ASSERT_EQ(found->chain.has_value(), expected.chain < kNever) << "instance " << i;
    if (found->chain) {
      ASSERT_NEAR(found->chain_latency.value(), expected.chain, 1e-9) << "instance " << i;
      ASSERT_LE(found->latency, found->chain_latency);
      losses += found->chain_latency > found->latency * (1 + 1e-9) ? 1 : 0;
    }
    bounds += found->exact ? 0 : 1;
  }
  EXPECT_GT(feasible, 6000);
  EXPECT_GT(bounds, 150);
  EXPECT_GT(losses, 400);
}

// Where every operator is a block and blocks follow one another, the graph is the chain.
TEST(GraphPlan, AgreesWithTheSearchOnAPlainChain) {
  std::mt19937 random(11);
  for (int i = 0; i < 300; ++i) {
    const int blocks = 2 + static_cast<int>(random() % 6);
    OperatorGraph graph;
    std::vector<double> bytes;
    for (int v = 0; v <= blocks; ++v) {
      bytes.push_back(static_cast<double>(random() % 50));
      OperatorTensor tensor{v - 1, {}, v == blocks, Bytes(bytes.back())};
      if (v < blocks) {
        tensor.consumers = {v};
        graph.operators.push_back({v, 1});
      }
      graph.tensors.push_back(tensor);
    }
    Problem problem = chain(bytes);
    for (int h = 0; h < 3; ++h) {
      std::vector<double> seconds(at(blocks));
      for (double& time : seconds) time = static_cast<double>(random() % static_cast<unsigned>(40 >> h));
      add_host(problem, numbered("h", at(h)), h, seconds);
    }
    connect(problem, "h0", "h1", Seconds(1), BytesPerSecond(4));
    connect(problem, "h1", "h2", Seconds(1), BytesPerSecond(8));
    connect(problem, "h0", "h2", Seconds(2), BytesPerSecond(8.0 / 3));
    const auto found = best_graph_plan(problem, graph);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->exact);
    ASSERT_NEAR(found->latency.value(), best_plans(problem).plans.front().latency.value(), 1e-9);
    ASSERT_NEAR(found->chain_latency.value(), found->latency.value(), 1e-9);
  }
}

TEST(GraphPlan, BlocksAreScaledToTheWholeModel) {
  // Two blocks that take 3 s each alone and 4 s together: one host takes 4 s.
  OperatorGraph graph;
  graph.operators = {{0, 1}, {1, 0.25}, {1, 0.75}};
  graph.tensors = {{-1, {0}, false, Bytes(1)},
                   {0, {1}, false, Bytes(1)},
                   {1, {2}, false, Bytes(1)},
                   {2, {}, true, Bytes(1)}};
  Problem problem = chain({1, 1, 1});
  add_host(
      problem, "a", 0, [](int first, int last) { return first == last ? 3.0 : 4.0; },
      std::vector<ProfileBlock>(2));
  const auto found = best_graph_plan(problem, graph);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->latency, Seconds(4));
}

TEST(GraphPlan, TooManyRowsAreALimit) {
  OperatorGraph graph;
  graph.operators = {{0, 1}};
  graph.tensors = {{-1, {0}, false, Bytes(1)}, {0, {}, true, Bytes(1)}};
  Problem problem = chain({1, 1});
  for (std::size_t h = 0; h < 14; ++h) add_host(problem, numbered("h", h), static_cast<int>(h), {1.0});
  for (std::size_t a = 0; a < 14; ++a) {
    for (std::size_t b = a + 1; b < 14; ++b)
      connect(problem, numbered("h", a), numbered("h", b), Seconds(1), BytesPerSecond(1));
  }
  try {
    static_cast<void>(best_graph_plan(problem, graph));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
  }
}

}  // namespace
}  // namespace kerf::testing
