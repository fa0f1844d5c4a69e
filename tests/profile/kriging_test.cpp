#include "calibrate/profile/kriging.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/profile/sample_profile.hpp"

namespace kerf::test {
namespace {

// Ten blocks of 1 ms; slices deviate from the sum of their blocks by `residual`.
struct Study {
  Profile profile;
  std::vector<SliceMeasurement> slices;
  std::vector<double> fitted;

  explicit Study(const std::function<double(int first, int last)>& residual) {
    for (int first = 0; first < 10; ++first) {
      for (int last = first; last < 10; ++last) {
        if (first != last && (first + last) % 3 == 0) continue;  // to be predicted
        SliceMeasurement slice;
        slice.first_block = first;
        slice.last_block = last;
        const double sum = 1e-3 * (last - first + 1);
        slice.p20 = Seconds(sum * (1 + (first == last ? 0 : residual(first, last))));
        slices.push_back(slice);
        fitted.push_back(sum);
      }
    }
    profile.blocks.resize(10);
  }
  [[nodiscard]] Work work() const { return Work(slices, profile.blocks, "study"); }
};

TEST(Kriging, GivesASmoothResidualToSlicesBetween) {
  const auto truth = [](int first, int last) { return 0.01 * (first - last); };
  const Study study(truth);
  const Work work = study.work();
  const Residuals residuals(study.slices, residual_weights(study.slices, study.fitted, work), work);
  EXPECT_NEAR(residuals.at(2, 7), truth(2, 7), 0.01);
  EXPECT_NEAR(residuals.at(1, 8), truth(1, 8), 0.01);
}

TEST(Kriging, TakesNoiseForNoise) {
  const Study study([](int first, int last) { return 0.02 * normal(5, first, last, 1); });
  const Work work = study.work();
  const Residuals residuals(study.slices, residual_weights(study.slices, study.fitted, work), work);
  EXPECT_NEAR(residuals.at(2, 7), 0, 0.01);
}

TEST(Kriging, HasNoWeightsWhereTheFitIsExact) {
  const Study study([](int, int) { return 0.0; });
  EXPECT_TRUE(residual_weights(study.slices, study.fitted, study.work()).empty());
}

TEST(Kriging, SlicesThatShareNoWorkSayNothingOfEachOther) {
  Study study([](int, int) { return 0.0; });
  const Work work = study.work();
  const Residuals residuals(std::vector{study.slices.front()}, std::vector{1.0}, work);  // block 0
  EXPECT_NEAR(residuals.at(0, 0), 1, 1e-12);
  EXPECT_EQ(residuals.at(1, 9), 0);
}

// Equations 2.25 and 5.12 by hand: one residual r, of variance 1 and noise v, predicts r / (1 + v) of itself.
TEST(Kriging, ALoneMeasurementPredictsNothingOfItself) {
  Study study([](int, int) { return 0.0; });
  study.slices = {study.slices.front()};
  study.slices.front().last_block = 9;
  EXPECT_TRUE(residual_weights(study.slices, std::vector{0.5e-3}, study.work()).empty());
}

}  // namespace
}  // namespace kerf::test
