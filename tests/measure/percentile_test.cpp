#include "calibrate/measure/percentile.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.hpp"

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
  EXPECT_FALSE(interval_ranks(13).closed());
  const Ranks ranks = interval_ranks(14);
  EXPECT_EQ(ranks.low, 1U);
  EXPECT_EQ(ranks.high, 8U);
}

TEST(IntervalRanks, CoverNinetyFivePercentWhateverTheCount) {
  for (std::size_t n = 14; n <= 400; ++n) EXPECT_GE(coverage(n, interval_ranks(n)), 0.95) << n;
}

TEST(IntervalRanks, AreTheClosestPairThatCovers) {
  for (std::size_t n = 14; n <= 60; ++n) {
    const Ranks ranks = interval_ranks(n);
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
  const Ranks ranks = interval_ranks(2);
  EXPECT_EQ(ranks.low, 0U);
  EXPECT_EQ(ranks.high, 2U);
}

TEST(IntervalRanks, StayValidForVeryManySamples) {
  const Ranks ranks = interval_ranks(100000);
  EXPECT_NEAR(static_cast<double>(ranks.low), 20000 - 1.96 * std::sqrt(16000.0), 10);
  EXPECT_NEAR(static_cast<double>(ranks.high), 20000 + 1.96 * std::sqrt(16000.0), 10);
}

TEST(EstimateP20, InterpolatesBetweenSamples) {
  const std::vector<double> six{10, 20, 30, 40, 50, 60};  // place 0.2 * 5 = 1
  EXPECT_DOUBLE_EQ(estimate_p20(six).p20.value(), 20);
  const std::vector<double> four{10, 20, 30, 40};  // place 0.6
  EXPECT_DOUBLE_EQ(estimate_p20(four).p20.value(), 16);
}

TEST(EstimateP20, OneSampleIsItself) {
  const std::vector<double> one{7};
  const PercentileEstimate estimate = estimate_p20(one);
  EXPECT_EQ(estimate.p20, Seconds(7));
  EXPECT_EQ(estimate.low, Seconds(0));
  EXPECT_EQ(estimate.high, Seconds(7));
  EXPECT_TRUE(std::isinf(estimate.half_width()));
}

TEST(EstimateP20, HalfWidthIsRelative) {
  std::vector<double> samples;
  for (int i = 1; i <= 14; ++i) samples.push_back(100 + i);  // X(1) = 101, X(8) = 108, p20 = 101 + 2.6
  const PercentileEstimate estimate = estimate_p20(samples);
  EXPECT_DOUBLE_EQ(estimate.half_width(), 3.5 / 103.6);
}

// The promise itself, on a skewed distribution: 1 + exponential, whose 20th percentile is 1 - ln 0.8.
TEST(EstimateP20, IntervalsHoldTheTruthNineteenTimesInTwenty) {
  const double truth = 1 - std::log(0.8);
  int held = 0;
  constexpr std::uint32_t kTrials = 4000;
  for (std::uint32_t trial = 0; trial < kTrials; ++trial) {
    std::vector<double> samples;
    for (std::uint32_t i = 0; i < 24; ++i) {
      samples.push_back(1 + exponential({.seed = 5, .device = trial, .request = i}, Seconds(1)).value());
    }
    std::sort(samples.begin(), samples.end());
    const PercentileEstimate estimate = estimate_p20(samples);
    held += estimate.low.value() <= truth && truth <= estimate.high.value();
  }
  EXPECT_GE(held, static_cast<int>(0.94 * kTrials));
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

TEST(IntervalRanks, MedianOfAFewByHand) {
  const double values[] = {1, 2, 3, 10, 20, 30};
  const MedianEstimate estimate = estimate_median(values);
  EXPECT_DOUBLE_EQ(estimate.median.value(), 6.5);
  EXPECT_EQ(estimate.low, Seconds(1));
  EXPECT_EQ(estimate.high, Seconds(30));
  EXPECT_TRUE(estimate.closed);
}

}  // namespace
}  // namespace kerf
