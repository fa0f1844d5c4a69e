#include "calibrate/measure/ratios.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace kerf {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(Ratios, OfOneSliceAreItsRunsOverItsPercentile) {
  EXPECT_THAT(equally_likely_ratios({{2, {2, 3, 5}}}, 100),
              ElementsAre(DoubleNear(1, 1e-12), DoubleNear(1.5, 1e-12), DoubleNear(2.5, 1e-12)));
}

TEST(Ratios, AreMeansOfPartsOfEqualWeight) {
  EXPECT_THAT(equally_likely_ratios({{1, {1, 2, 3, 4}}}, 2),
              ElementsAre(DoubleNear(1.5, 1e-12), DoubleNear(3.5, 1e-12)));
}

TEST(Ratios, ShareTheRunOnABorder) {
  // Three runs in two parts: the middle one belongs to both by halves: (1 + 2/2) / 1.5 and (2/2 + 4) / 1.5.
  EXPECT_THAT(equally_likely_ratios({{1, {1, 2, 4}}}, 2),
              ElementsAre(DoubleNear(2 / 1.5, 1e-12), DoubleNear(5 / 1.5, 1e-12)));
}

TEST(Ratios, WeighSlicesByTheirTimeAndNotByTheirRuns) {
  // A slice of 3 s at ratio 1 and one of 1 s, run four times, at ratio 2: mean (3 * 1 + 1 * 2) / 4.
  const std::vector<double> ratios = equally_likely_ratios({{3, {3}}, {1, {2, 2, 2, 2}}}, 4);
  EXPECT_NEAR(mean(ratios), 1.25, 1e-12);
}

TEST(Ratios, KeepTheMeanOfManyRuns) {
  std::vector<double> seconds;
  for (int i = 0; i < 1237; ++i) seconds.push_back(1 + 0.001 * (i % 97) + (i % 211 == 0 ? 5 : 0));
  EXPECT_NEAR(mean(equally_likely_ratios({{1, seconds}}, 200)), mean(seconds), 1e-9);
}

TEST(Ratios, KeepTheTail) {
  std::vector<double> seconds(1000, 1.0);
  for (int i = 0; i < 10; ++i) seconds[static_cast<std::size_t>(i)] = 9;  // one run in a hundred is slow
  const std::vector<double> ratios = equally_likely_ratios({{1, seconds}}, 200);
  EXPECT_NEAR(ratios[199], 9, 1e-9);
  EXPECT_NEAR(ratios[198], 9, 1e-9);
  EXPECT_NEAR(ratios[197], 1, 1e-9);
}

TEST(Ratios, AreOneWithoutRuns) {
  EXPECT_THAT(equally_likely_ratios({}, 10), ElementsAre(1.0));
}

}  // namespace
}  // namespace kerf
