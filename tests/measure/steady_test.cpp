#include "calibrate/measure/steady.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kerf {
namespace {

using testing::ElementsAre;

TEST(Warm, IsASessionWhoseLatestRunWasNoLongerFaster) {
  EXPECT_FALSE(warm({}));
  EXPECT_FALSE(warm(Visit{1}));
  EXPECT_TRUE(warm(Visit{1, 1}));
  EXPECT_FALSE(warm(Visit{2, 1}));
  EXPECT_FALSE(warm(Visit{3, 2, 1}));
  EXPECT_TRUE(warm(Visit{3, 2, 1.99}));  // within 2 %
  EXPECT_TRUE(warm(Visit{1, 5}));
}

TEST(SettlingRuns, AreThoseAboveTheLevelOfTheRest) {
  EXPECT_EQ(settling_runs(std::vector<Visit>{}), 0U);
  EXPECT_EQ(settling_runs(std::vector<Visit>{{1}, {1}}), 0U);
  EXPECT_EQ(settling_runs(std::vector<Visit>{{1, 1, 1}, {1, 1, 1}}), 0U);
  EXPECT_EQ(settling_runs(std::vector<Visit>{{1.5, 1, 1}, {1.4, 1, 1}}), 1U);
  EXPECT_EQ(settling_runs(std::vector<Visit>{{1.5, 1.2, 1}, {1.4, 1.1, 1}}), 2U);
}

TEST(SettlingRuns, IgnoreThatSomeVisitsAreSlowAsAWhole) {
  const std::vector<Visit> visits{{1.5, 1, 1}, {4.5, 3, 3}, {1.5, 1, 1}, {1.5, 1, 1}, {6, 4, 4}};
  EXPECT_EQ(settling_runs(visits), 1U);
}

TEST(SettlingRuns, AreNotMadeByOneSlowRun) {
  const std::vector<Visit> visits{{9, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
  EXPECT_EQ(settling_runs(visits), 0U);
}

TEST(SteadyRuns, AreTheOthersInOrderOutliersIncluded) {
  EXPECT_THAT(steady_runs(std::vector<Visit>{{1.5, 1, 9}, {1.4, 1.01, 1}, {1.5, 1, 1.02}, {1.5, 1, 1}}),
              ElementsAre(1, 1, 1, 1, 1, 1.01, 1.02, 9));
}

TEST(SteadyRuns, OfVisitsOfSeveralLengths) {
  EXPECT_THAT(steady_runs(std::vector<Visit>{{2, 1}, {2, 1}, {3}, {2, 1, 1}}), ElementsAre(1, 1, 1, 1, 3));
}

}  // namespace
}  // namespace kerf
