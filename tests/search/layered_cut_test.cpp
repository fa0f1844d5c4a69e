#include "planner/search/layered_cut.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "tests/search/operator_graphs.hpp"

namespace kerf::testing {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Every partition in which no operator comes before its producers, depth first. Keeps the least cost and, of
// all partitions that have it, the earliest tier of each operator.
class Exhaustive {
 public:
  Exhaustive(const OperatorGraph& graph, const TierRow& row)
      : graph_(graph), row_(row), producers_(graph.operators.size()), tier_(graph.operators.size()) {
    for (const OperatorTensor& tensor : graph.tensors) {
      for (const int consumer : tensor.consumers) {
        if (tensor.producer >= 0) producers_[static_cast<std::size_t>(consumer)].push_back(tensor.producer);
      }
    }
    place(0, 0);
  }
  double least = kNever;
  std::vector<int> earliest;

 private:
  void place(std::size_t v, double seconds) {
    if (seconds > least || seconds == kNever) return;
    if (v == tier_.size()) return finish();
    int first = 0;
    for (const int producer : producers_[v])
      first = std::max(first, tier_[static_cast<std::size_t>(producer)]);
    for (int tier = first; tier < static_cast<int>(row_.seconds.size()); ++tier) {
      tier_[v] = tier;
      place(v + 1, seconds + row_.seconds[static_cast<std::size_t>(tier)][v]);
    }
  }

  void finish() {
    const double seconds = partition_seconds(graph_, row_, tier_);
    if (seconds > least) return;
    if (seconds < least) earliest = tier_;
    least = seconds;
    for (std::size_t v = 0; v < tier_.size(); ++v) earliest[v] = std::min(earliest[v], tier_[v]);
  }

  const OperatorGraph& graph_;
  const TierRow& row_;
  std::vector<std::vector<int>> producers_;
  std::vector<int> tier_;
};

TierRow random_tiers(std::mt19937& random, std::size_t operators, int tiers, bool forbids) {
  TierRow row;
  for (int tier = 0; tier < tiers; ++tier) {
    std::vector<double>& seconds = row.seconds.emplace_back(operators);
    for (double& time : seconds) {
      time = static_cast<double>(random() % static_cast<unsigned>(20 / (tier + 1)));
      if (forbids && random() % 8 == 0) time = kNever;
    }
    if (tier > 0) row.seconds_per_byte.push_back(static_cast<double>(random() % 5) / 4);
  }
  return row;
}

// Whole numbers and quarters: every sum is exact, and costs must be equal to the last bit.
void compare(int operators_most, int tiers_most, int instances, unsigned seed) {
  std::mt19937 random(seed);
  int shared = 0;
  int split = 0;
  for (int i = 0; i < instances; ++i) {
    const int operators = 1 + static_cast<int>(random() % static_cast<unsigned>(operators_most));
    const int tiers = 2 + static_cast<int>(random() % static_cast<unsigned>(tiers_most - 1));
    const OperatorGraph graph = random_operators(random, operators, 1);
    const TierRow row = random_tiers(random, graph.operators.size(), tiers, i % 4 == 0);
    const Exhaustive expected(graph, row);
    for (const MaxFlow algorithm : {MaxFlow::kBoykovKolmogorov, MaxFlow::kPushRelabel}) {
      const auto found = layered_cut(graph, row, algorithm);
      ASSERT_EQ(found.has_value(), expected.least < kNever) << "instance " << i;
      if (!found) continue;
      ASSERT_EQ(found->seconds, expected.least) << "instance " << i;
      ASSERT_EQ(found->tier, expected.earliest) << "instance " << i;
      split += found->tier.front() != found->tier.back() ? 1 : 0;
    }
    for (const OperatorTensor& tensor : graph.tensors) shared += tensor.consumers.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(shared, instances);
  EXPECT_GT(split, instances / 4);
}

TEST(LayeredCut, EqualsEveryPartitionTriedOnSmallGraphs) {
  compare(8, 4, 10000, 1);
}

TEST(LayeredCut, EqualsEveryPartitionTriedOnTwelveOperators) {
  compare(12, 3, 7000, 2);
  compare(12, 4, 3000, 3);
}

OperatorGraph diamond() {
  // input -> 0 -> 1 -> 3 -> output, 0 -> 2 -> 3
  OperatorGraph graph;
  graph.operators = {{0, 1}, {0, 0}, {0, 0}, {0, 0}};
  graph.tensors = {{-1, {0}, false, Bytes(100)},
                   {0, {1, 2}, false, Bytes(10)},
                   {1, {3}, false, Bytes(1)},
                   {2, {3}, false, Bytes(1)},
                   {3, {}, true, Bytes(1)}};
  return graph;
}

TEST(LayeredCut, TensorWithTwoConsumersBeyondIsPaidOnce) {
  // All but the first on the fast tier: 1 + 10 bytes once + 3 x 1. Paid twice, staying would be better.
  const TierRow row{{{1, 6, 6, 6}, {9, 1, 1, 1}}, {1}};
  const auto found = layered_cut(diamond(), row);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tier, (std::vector<int>{0, 1, 1, 1}));
  EXPECT_EQ(found->seconds, 14);
}

TEST(LayeredCut, BranchesPart) {
  // Operator 1 is slow on the first tier, operator 2 on the second: no prefix of the order does as well.
  const TierRow row{{{1, 50, 1, 1}, {9, 1, 50, 1}}, {1}};
  const auto found = layered_cut(diamond(), row);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tier, (std::vector<int>{0, 1, 0, 1}));
  EXPECT_EQ(found->seconds, 1 + 10 + 1 + 1 + 1 + 1);
}

TEST(LayeredCut, NoPartitionWhereAnOperatorMayRunNowhere) {
  const TierRow row{{{1, kNever, 1, 1}, {1, kNever, 1, 1}}, {1}};
  EXPECT_FALSE(layered_cut(diamond(), row));
}

TEST(LayeredCut, NoPartitionWhereOrderForbidsIt) {
  const TierRow row{{{kNever, 1, 1, 1}, {1, 1, 1, kNever}}, {1}};
  EXPECT_FALSE(layered_cut(diamond(), row));
}

TEST(LayeredCut, OneTierTakesAll) {
  const TierRow row{{{1, 2, 3, 4}}, {}};
  const auto found = layered_cut(diamond(), row);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->seconds, 10);
}

TEST(LayeredCut, TimesOfAnyMagnitude) {
  for (const double scale : {0x1p-200, 1.0, 0x1p200}) {
    TierRow row{{{1, 50, 1, 1}, {9, 1, 50, 1}}, {1}};
    for (auto& tier : row.seconds) {
      for (double& seconds : tier) seconds *= scale;
    }
    row.seconds_per_byte[0] *= scale;
    const auto found = layered_cut(diamond(), row);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->seconds, 15 * scale);
  }
}

TEST(LayeredCut, NothingCostsAnything) {
  const TierRow row{{{0, 0, 0, 0}, {0, 0, 0, 0}}, {0}};
  const auto found = layered_cut(diamond(), row);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tier, (std::vector<int>{0, 0, 0, 0}));
}

}  // namespace
}  // namespace kerf::testing
