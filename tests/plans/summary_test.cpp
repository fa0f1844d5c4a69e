// Statistics of records, by hand.

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "planner/plans/summary.hpp"

namespace kerf::test {
namespace {

std::vector<RequestRecord> one_a_second(const std::vector<double>& latencies) {
  std::vector<RequestRecord> records;
  for (const double latency : latencies) {
    const auto number = static_cast<int>(records.size());
    records.push_back({.device = 0,
                       .request = number,
                       .arrived = Seconds(number),
                       .answered = Seconds(number + latency),
                       .latency = Seconds(latency)});
  }
  return records;
}

TEST(Summary, PercentilesAreNearestRank) {
  std::vector<double> latencies;
  for (int i = 200; i >= 1; --i) latencies.push_back(i);
  const Outcome outcome = summarize(one_a_second(latencies));
  EXPECT_EQ(outcome.p50, Seconds(100));
  EXPECT_EQ(outcome.p95, Seconds(190));
  EXPECT_EQ(outcome.p99, Seconds(198));
  EXPECT_EQ(outcome.max, Seconds(200));
  EXPECT_EQ(outcome.mean, Seconds(100.5));
}

TEST(Summary, PercentilesOfFewRequestsAreRequests) {
  const Outcome three = summarize(one_a_second({3, 1, 2}));
  EXPECT_EQ(three.p50, Seconds(2));
  EXPECT_EQ(three.p95, Seconds(3));
  const Outcome one = summarize(one_a_second({4}));
  EXPECT_EQ(one.p50, Seconds(4));
  EXPECT_EQ(one.p99, Seconds(4));
}

TEST(Summary, OnlyWhatCountsCounts) {
  std::vector<RequestRecord> records = one_a_second({100, 1, 3});
  records[0].counts = false;
  const Outcome outcome = summarize(records);
  EXPECT_EQ(outcome.requests, 2);
  EXPECT_EQ(outcome.mean, Seconds(2));
  EXPECT_DOUBLE_EQ(outcome.throughput.value(), 2 / (5.0 - 1.0));
}

TEST(Summary, NothingIsNothing) {
  const Outcome outcome = summarize({});
  EXPECT_EQ(outcome.requests, 0);
  EXPECT_EQ(outcome.mean, Seconds(0));
  EXPECT_EQ(outcome.throughput, PerSecond(0));
}

TEST(HalfWidth, IsNothingForOneRequestAndForEqualOnes) {
  EXPECT_EQ(summarize(one_a_second({4})).mean_half_width, 0);
  EXPECT_EQ(summarize(one_a_second(std::vector<double>(100, 2.0))).mean_half_width, 0);
}

TEST(HalfWidth, OfTwoRequestsByHand) {
  // Mean 2, standard error 1, t with one degree of freedom.
  EXPECT_NEAR(summarize(one_a_second({1, 3})).mean_half_width, 12.706205 / 2, 1e-6);
}

TEST(HalfWidth, OfTwentyBatchesByHand) {
  // Batches of three: ten with mean 1, ten with mean 3; the first request is left out.
  std::vector<double> latencies{1};
  for (int batch = 0; batch < 20; ++batch) {
    const double mean = batch % 2 == 0 ? 1 : 3;
    for (const double off : {-0.5, 0.0, 0.5}) latencies.push_back(mean + off);
  }
  const Outcome outcome = summarize(one_a_second(latencies));
  const double deviation = std::sqrt(20.0 / 19.0);
  EXPECT_NEAR(outcome.mean_half_width, 2.093024 * deviation / std::sqrt(20.0) / (121.0 / 61.0), 1e-6);
}

TEST(HalfWidth, BatchesFollowArrivalNotTheOrderOfRecords) {
  std::vector<double> latencies;
  for (int i = 0; i < 400; ++i) latencies.push_back(1 + i / 200);
  std::vector<RequestRecord> records = one_a_second(latencies);
  const double sorted = summarize(records).mean_half_width;
  std::vector<RequestRecord> mixed;
  for (std::size_t i = 0; i < 200; ++i) {
    mixed.push_back(records[i]);
    mixed.push_back(records[200 + i]);
  }
  EXPECT_EQ(summarize(mixed).mean_half_width, sorted);
}

// On independent data the interval must hold the true mean about 95 times in 100.
TEST(HalfWidth, CoversTheMeanOfIndependentData) {
  int covered = 0;
  double widths = 0;
  constexpr std::uint32_t kTrials = 1000;
  for (std::uint32_t trial = 0; trial < kTrials; ++trial) {
    std::vector<double> latencies;
    for (std::uint32_t i = 0; i < 400; ++i) {
      latencies.push_back(1 + uniform({.seed = 3, .device = trial, .request = i, .purpose = 9}));
    }
    const Outcome outcome = summarize(one_a_second(latencies));
    covered += std::abs(outcome.mean.value() - 1.5) <= outcome.mean_half_width * outcome.mean.value() ? 1 : 0;
    widths += outcome.mean_half_width / kTrials;
  }
  EXPECT_GT(covered, 930);
  EXPECT_LT(covered, 970);
  // The known standard deviation gives 1.96 * sqrt(1/12 / 400) / 1.5; twenty batches must not be much wider.
  EXPECT_NEAR(widths, 1.96 * std::sqrt(1.0 / 12 / 400) / 1.5, 0.002);
}

}  // namespace
}  // namespace kerf::test
