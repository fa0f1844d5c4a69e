#include "base/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace kerf {
namespace {

// P(low <= B <= high - 1) for B ~ binomial(n, 0.2), term by term.
double coverage(std::size_t n, const Ranks& ranks) {
  double sum = 0;
  for (std::size_t k = ranks.low; k < ranks.high; ++k) {
    double term = 1;
    for (std::size_t i = 0; i < k; ++i)
      term *= static_cast<double>(n - i) / static_cast<double>(i + 1) * 0.2 / 0.8;
    sum += term * std::pow(0.8, static_cast<double>(n));
  }
  return sum;
}

// By hand: P(B = 0) = 0.8^14 = 0.0440 and P(B > 7) = 0.0024, so [X(1), X(8)] covers 0.9536. With 13 samples
// P(B = 0) = 0.055 alone is more than 5 %.
TEST(IntervalRanks, CloseWithFourteenSamples) {
  EXPECT_FALSE(interval_ranks(13, 0.2).closed());
  const Ranks ranks = interval_ranks(14, 0.2);
  EXPECT_EQ(ranks.low, 1U);
  EXPECT_EQ(ranks.high, 8U);
}

TEST(IntervalRanks, CoverNinetyFivePercentWhateverTheCount) {
  for (std::size_t n = 14; n <= 400; ++n) EXPECT_GE(coverage(n, interval_ranks(n, 0.2)), 0.95) << n;
}

TEST(IntervalRanks, AreTheClosestPairThatCovers) {
  for (std::size_t n = 14; n <= 60; ++n) {
    const Ranks ranks = interval_ranks(n, 0.2);
    const std::size_t apart = ranks.high - ranks.low;
    for (std::size_t low = 1; low + apart - 1 <= n; ++low)
      EXPECT_LT(coverage(n, {low, low + apart - 1}), 0.95) << n;
    for (std::size_t low = 1; low + apart <= n; ++low) {
      EXPECT_LE(coverage(n, {low, low + apart}), coverage(n, ranks) + 1e-12) << n;
    }
  }
}

TEST(IntervalRanks, AreOpenBelowForTwoSamples) {
  // P(B <= 1) = 1 - 0.2^2 = 0.96: the larger of two samples is an upper end, and there is no lower one.
  const Ranks ranks = interval_ranks(2, 0.2);
  EXPECT_EQ(ranks.low, 0U);
  EXPECT_EQ(ranks.high, 2U);
}

TEST(IntervalRanks, StayValidForVeryManySamples) {
  const Ranks ranks = interval_ranks(100000, 0.2);
  EXPECT_NEAR(static_cast<double>(ranks.low), 20000 - 1.96 * std::sqrt(16000.0), 10);
  EXPECT_NEAR(static_cast<double>(ranks.high), 20000 + 1.96 * std::sqrt(16000.0), 10);
}

// David and Nagaraja's table for the median: n = 6 is the first with an interval, from the least to the
// greatest.
TEST(IntervalRanks, MedianIntervalsByHand) {
  EXPECT_FALSE(interval_ranks(5, 0.5).closed());
  EXPECT_EQ(interval_ranks(6, 0.5).low, 1U);
  EXPECT_EQ(interval_ranks(6, 0.5).high, 6U);
  EXPECT_EQ(interval_ranks(20, 0.5).low, 6U);
  EXPECT_EQ(interval_ranks(20, 0.5).high, 15U);
}

// The greatest of 58 samples is not above the 95th percentile with
// probability 0.95^58 = 0.051, which is more than 5 %; of 59 it is 0.0485.
TEST(IntervalRanks, ThePercentileOfTailsNeedsFiftyNineSamples) {
  EXPECT_FALSE(interval_ranks(58, 0.95).closed());
  EXPECT_TRUE(interval_ranks(59, 0.95).closed());
  EXPECT_EQ(interval_ranks(59, 0.95).high, 59U);
}

TEST(StudentT, IsTheTablesAndTheNormalsBeyond) {
  EXPECT_NEAR(student_t(1), 12.706, 1e-3);
  EXPECT_NEAR(student_t(19), 2.093, 1e-3);
  EXPECT_EQ(student_t(500), student_t(39));
}

TEST(NearestRank, IsAValueThatWasSeen) {
  const std::vector<double> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(nearest_rank(ten, 50), 5);
  EXPECT_EQ(nearest_rank(ten, 95), 10);
  EXPECT_EQ(nearest_rank(std::vector<double>{3}, 1), 3);
}

// Two values 1 and 3: mean 2, standard error 1, t(1) = 12.7.
TEST(BatchHalfWidth, OfTwoValuesByHand) {
  EXPECT_NEAR(batch_half_width(std::vector<double>{1, 3}), 12.706, 1e-3);
  EXPECT_EQ(batch_half_width(std::vector<double>{5}), 0);
}

// Forty values in twenty batches of two: each batch's mean is 1.5, so nothing is left of the spread.
TEST(BatchHalfWidth, IsOfBatchesFromFortyValuesOn) {
  std::vector<double> values;
  for (int i = 0; i < 20; ++i) values.insert(values.end(), {1.0, 2.0});
  EXPECT_NEAR(batch_half_width(values), 0, 1e-12);
}

}  // namespace
}  // namespace kerf
