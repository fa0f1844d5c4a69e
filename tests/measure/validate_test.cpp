#include "calibrate/measure/validate.hpp"

#include <gtest/gtest.h>

namespace kerf {
namespace {

TEST(RepeatNoise, ComparesTheHalvesOfTheVisits) {
  EXPECT_EQ(repeat_noise(std::vector<Visit>{}), 1);
  EXPECT_EQ(repeat_noise(std::vector<Visit>{{1, 1}}), 1);
  EXPECT_EQ(repeat_noise(std::vector<Visit>{{1, 1}, {1, 1}}), 0);
  EXPECT_NEAR(repeat_noise(std::vector<Visit>{{1, 1}, {1, 1}, {3, 3}, {3, 3}}), 1, 1e-15);  // |1 - 3| / 2
}

TEST(RepeatNoise, OfASliceThatIsRunOnceAVisit) {
  // Two longer visits say that the first run is slow; what a visit of one run has is its last all the same.
  EXPECT_NEAR(repeat_noise(std::vector<Visit>{{1}, {1}, {4, 1}, {4, 1}, {2}, {2}, {2}, {2}}), 2.0 / 3, 1e-12);
}

TEST(Drift, IsBetweenTheFastestAndTheSlowestQuarterOfTheVisits) {
  std::vector<Visit> visits(16, Visit{1, 1});
  EXPECT_EQ(drift(visits), 0);
  for (std::size_t k = 8; k < 12; ++k) visits[k] = {1.25, 1.25};
  EXPECT_NEAR(drift(visits), 0.25, 1e-12);
  EXPECT_EQ(drift(std::vector<Visit>(7, Visit{1})), 0);
}

TEST(Summarize, TakesMedianAndNinetiethPercentile) {
  std::vector<HeldOut> slices;
  for (int k = 1; k <= 10; ++k) {
    const double error = 0.01 * (k % 2 == 0 ? k : -k);
    slices.push_back({RunMode{}, 1, k, Seconds(1 + error), Seconds(1), 0.001 * k});
  }
  const Validation validation = summarize(slices);
  EXPECT_EQ(validation.slices, 10);
  EXPECT_NEAR(validation.median_error, 0.05, 1e-12);
  EXPECT_NEAR(validation.p90_error, 0.09, 1e-12);
  EXPECT_NEAR(validation.median_noise, 0.005, 1e-12);
  EXPECT_NEAR(validation.p90_noise, 0.009, 1e-12);
}

}  // namespace
}  // namespace kerf
