#include "calibrate/measure/percentile.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.hpp"

namespace kerf {
namespace {

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

TEST(EstimateMedian, OfAFewByHand) {
  const double values[] = {1, 2, 3, 10, 20, 30};
  const MedianEstimate estimate = estimate_median(values);
  EXPECT_DOUBLE_EQ(estimate.median.value(), 6.5);
  EXPECT_EQ(estimate.low, Seconds(1));
  EXPECT_EQ(estimate.high, Seconds(30));
  EXPECT_TRUE(estimate.closed);
}

}  // namespace
}  // namespace kerf
