#include "calibrate/measure/sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/random.hpp"
#include "tests/measure/fake_runner.hpp"

namespace kerf {
namespace {

using test::FakeRunner;
using ::testing::HasSubstr;
using Act = FakeRunner::Act;

// The whole model takes 10 ms and is slice 0; `required` slices of 10 ms follow, then `optional` ones.
struct Trial {
  Trial(std::size_t required, std::size_t optional, double budget)
      : runner(std::vector(1 + required + optional, Seconds(0.01))) {
    for (std::size_t i = 0; i < 1 + required + optional; ++i) {
      plan.push_back({.first_block = 0,
                      .last_block = static_cast<int>(i),
                      .required = i <= required,
                      .whole = i == 0,
                      .load_share = 1,
                      .run_share = 1});
    }
    options.start = runner.now();
    options.deadline = options.start + Seconds(budget);
    end = options.deadline;
  }

  std::vector<std::vector<double>> sample(const StopRequested& stop = {}, SliceVisits earlier = {}) {
    std::vector<std::vector<double>> samples;
    for (const auto& visits :
         sample_slices(plan, runner, runner.clock(), options, {}, stop, std::move(earlier))) {
      samples.push_back(steady_runs(visits));
    }
    return samples;
  }

  std::vector<PlannedSlice> plan;
  FakeRunner runner;
  SamplerOptions options;
  Seconds end;
};

// Uniform in [1, 2): never narrow within these tests' budgets.
double noisy(std::size_t slice, int run) {
  return 1 + uniform({.seed = 9,
                      .device = static_cast<std::uint32_t>(slice),
                      .request = static_cast<std::uint32_t>(run)});
}

TEST(Visit, ShortSlicesAreRunMoreOften) {
  EXPECT_EQ(runs_of_visit(Seconds(1e-4)), 7);
  EXPECT_EQ(runs_of_visit(Seconds(4e-3)), 4);
  EXPECT_EQ(runs_of_visit(Seconds(10e-3)), 2);
  EXPECT_EQ(runs_of_visit(Seconds(0.05)), 1);
}

TEST(Sampler, MeasuresEverySliceWhenThereIsTime) {
  Trial trial(5, 5, 60);
  const auto samples = trial.sample();
  for (const auto& runs : samples) EXPECT_GE(runs.size(), 14U);
}

TEST(Sampler, EndsEarlyWhenEverySliceIsNarrow) {
  Trial trial(5, 5, 600);
  (void)trial.sample();
  EXPECT_LT(trial.runner.now(), trial.end - Seconds(500));
}

TEST(Sampler, UsesTheBudgetAndNoMoreOnNoisySlices) {
  Trial trial(5, 5, 20);
  trial.runner.luck = noisy;
  (void)trial.sample();
  EXPECT_LE(trial.runner.now(), trial.end + Seconds(0.05));
  EXPECT_GE(trial.runner.now(), trial.end - Seconds(0.2));
}

TEST(Sampler, NarrowSlicesDropOut) {
  Trial trial(5, 0, 20);
  trial.runner.luck = [](std::size_t slice, int run) { return slice == 3 ? noisy(slice, run) : 1.0; };
  const auto samples = trial.sample();
  EXPECT_LT(samples[2].size(), 20U);
  EXPECT_GT(samples[3].size(), 500U);
}

TEST(Sampler, DropsRunsUntilTheSliceIsWarm) {
  Trial trial(3, 0, 10);
  // As many as it takes: each of the first runs is faster than the one before.
  trial.runner.luck = [](std::size_t slice, int run) {
    return std::max(1.0, 5.0 - static_cast<double>(slice) - run);
  };
  for (const auto& runs : trial.sample()) EXPECT_DOUBLE_EQ(runs.back(), 0.01);
}

TEST(Sampler, DropsSettlingRunsOfShortSlices) {
  Trial trial(1, 0, 10);
  for (PlannedSlice& slice : trial.plan) slice.run_share = 0.1;
  trial.runner = FakeRunner(std::vector(2, Seconds(1e-3)));
  // Two warm-up runs, then visits of three slow and four other runs.
  trial.runner.luck = [](std::size_t, int run) { return run < 2 || (run - 2) % 7 < 3 ? 1.5 : 1.0; };
  for (const auto& runs : trial.sample()) EXPECT_DOUBLE_EQ(runs.back(), 1e-3);
}

TEST(Sampler, SamplesAreAscending) {
  Trial trial(2, 0, 3);
  trial.runner.luck = noisy;
  for (const auto& runs : trial.sample()) EXPECT_TRUE(std::is_sorted(runs.begin(), runs.end()));
}

TEST(Sampler, TheWholeModelIsVisitedTwiceARound) {
  Trial trial(4, 0, 10);
  trial.runner.luck = noisy;
  const auto samples = trial.sample();
  const double others = static_cast<double>(samples[1].size());
  EXPECT_NEAR(static_cast<double>(samples[0].size()) / others, 2, 0.15);
}

TEST(Sampler, InterleavesSlicesInARound) {
  Trial trial(6, 0, 10);
  trial.runner.luck = noisy;
  (void)trial.sample();
  // Never more than two visits of 2 runs to one slice in a row (the whole model may follow itself, also
  // across rounds).
  const std::vector<std::size_t> ran = trial.runner.ran();
  std::size_t row = 1;
  for (std::size_t i = 15; i < ran.size(); ++i) {
    row = ran[i] == ran[i - 1] ? row + 1 : 1;
    EXPECT_LE(row, 8U + 1U);
  }
}

TEST(Sampler, TheOrderOfRoundsFollowsTheSeed) {
  const auto order = [](std::uint64_t seed) {
    Trial trial(8, 0, 10);
    trial.runner.luck = noisy;
    trial.options.seed = seed;
    (void)trial.sample();
    return trial.runner.ran();
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

TEST(Sampler, RoundsAreShuffledAnew) {
  Trial trial(8, 0, 10);
  trial.runner.luck = noisy;
  (void)trial.sample();
  const std::vector<std::size_t> ran = trial.runner.ran();
  const auto round = [&](std::ptrdiff_t n) {
    const std::ptrdiff_t visits = 10;  // 9 slices, the whole twice; 2 or 3 runs each
    const auto first = ran.begin() + 18 + n * visits * 2;
    return std::vector(first, first + visits * 2);
  };
  EXPECT_NE(round(0), round(1));
}

TEST(Sampler, TakesOnOptionalSlicesOnlyWhenThereIsTimeForThem) {
  // Load 0.1 s and 2 + 24 runs of 10 to 20 ms: some 0.5 s a slice. Four seconds reach the required ones and a
  // few others.
  Trial trial(3, 50, 4);
  trial.runner.luck = noisy;
  const auto samples = trial.sample();
  const auto measured =
      std::count_if(samples.begin(), samples.end(), [](const auto& runs) { return !runs.empty(); });
  EXPECT_GE(measured, 6);
  EXPECT_LE(measured, 12);
  for (const auto& runs : samples) EXPECT_TRUE(runs.empty() || runs.size() >= 16) << runs.size();
}

TEST(Sampler, RequiredSlicesComeFirstHoweverShortTheBudget) {
  Trial trial(8, 8, 1.6);
  trial.runner.luck = noisy;
  const auto samples = trial.sample();
  for (std::size_t i = 0; i <= 8; ++i) EXPECT_FALSE(samples[i].empty());
}

TEST(Sampler, ABudgetTooShortIsALimitAndSaysWhatWouldDo) {
  Trial trial(100, 0, 3);
  try {
    (void)trial.sample();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
    EXPECT_EQ(error.where(), "--budget");
    EXPECT_THAT(error.what(), HasSubstr("one visit of each of the 101 slices"));
    // 101 slices of 0.1 s to load, 2 warm-up and 2 visited runs of 10 ms.
    EXPECT_THAT(error.expected(), HasSubstr("at least 14.1 s"));
    EXPECT_THAT(error.hint(), HasSubstr("--budget 28s"));
  }
}

TEST(Sampler, WhatWasSpentBeforeCountsToo) {
  Trial trial(100, 0, 3);
  trial.options.start -= Seconds(2);  // the recording, say
  try {
    (void)trial.sample();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("5 s does not reach"));
    // 2 s, and 101 slices of 0.1 s to load, 2 warm-up and 2 visited runs of 10 ms.
    EXPECT_THAT(error.expected(), HasSubstr("at least 16.1 s"));
  }
}

TEST(Sampler, GivesUpEarlyWhenTheBudgetIsHopeless) {
  Trial trial(100, 0, 3);
  EXPECT_THROW((void)trial.sample(), Error);
  EXPECT_LT(trial.runner.now(), trial.end - Seconds(1));
}

TEST(Sampler, TheBudgetItProposesDoes) {
  Trial trial(100, 0, 31);
  EXPECT_NO_THROW((void)trial.sample());
}

TEST(Sampler, WideSlicesWaitWhileNarrowOnesAreOpen) {
  Trial trial(6, 0, 10);
  trial.runner.luck = noisy;
  trial.plan[2].wide = true;
  const auto samples = trial.sample();
  EXPECT_NEAR(static_cast<double>(samples[1].size()) / static_cast<double>(samples[2].size()), 2, 0.2);
}

TEST(Sampler, WideSlicesGetTheirTurnWhenTheOthersAreDone) {
  Trial trial(6, 0, 60);
  trial.runner.luck = [](std::size_t slice, int run) {
    return slice == 2 ? 20 * noisy(slice, run) - 19 : 1.0;
  };
  trial.plan[2].wide = true;
  EXPECT_GT(trial.sample()[2].size(), 200U);  // of some 0.1 s each
}

TEST(Sampler, TellsOfEveryVisit) {
  Trial trial(3, 0, 3);
  trial.runner.luck = noisy;
  std::vector<std::size_t> told(trial.plan.size());
  trial.options.on_visit = [&](std::size_t slice, int, std::span<const Visit> visits) {
    told[slice] += visits[0].size();
  };
  const SliceVisits visits =
      sample_slices(trial.plan, trial.runner, trial.runner.clock(), trial.options, {}, {});
  for (std::size_t slice = 0; slice < told.size(); ++slice) {
    std::size_t runs = 0;
    for (const Visit& visit : visits[slice]) runs += visit.size();
    EXPECT_EQ(told[slice], runs);
  }
}

TEST(Sampler, GoesOnFromEarlierVisits) {
  Trial trial(3, 0, 20);
  SliceVisits earlier(4);
  earlier[1] = std::vector<Visit>(20, Visit{0.01, 0.01});  // done
  earlier[2] = {Visit{0.02, 0.02}, Visit{0.02, 0.02}};     // begun
  const auto samples = trial.sample({}, earlier);
  EXPECT_EQ(trial.runner.count(Act::kLoad, 1), 0);
  EXPECT_EQ(samples[1].size(), 40U);
  EXPECT_EQ(samples[2].back(), 0.02);
  EXPECT_EQ(samples[2].front(), 0.01);
}

// Visits were counted once for each session: a slice begun before an interruption seemed visited more often
// than it was, and more slices were taken on than there was time for.
TEST(Sampler, GoesOnTheSameWithSeveralSessions) {
  const auto ran = [](std::size_t sessions) {
    Trial trial(0, 50, 5);
    trial.runner.luck = noisy;
    trial.runner.sessions = sessions;
    trial.options.sessions = static_cast<int>(sessions);
    SliceVisits earlier(trial.plan.size());
    for (std::size_t slice = 0; slice < 11; ++slice) {
      for (int run = 100; run < 112; run += 2) {  // six visits
        const Visit visit{0.01 * noisy(slice, run), 0.01 * noisy(slice, run + 1)};
        earlier[slice].insert(earlier[slice].end(), sessions, visit);
      }
    }
    (void)trial.sample({}, earlier);
    return trial.runner.ran();
  };
  EXPECT_EQ(ran(2), ran(1));
}

TEST(Sampler, AFinishedCalibrationIsNotMeasuredAgain) {
  Trial trial(3, 0, 20);
  const SliceVisits earlier(4, std::vector<Visit>(40, Visit{0.01, 0.01}));
  (void)trial.sample({}, earlier);
  EXPECT_LE(trial.runner.ran().size(), 2U);  // the whole model is loaded and warmed up, no more
}

TEST(Sampler, StopsWhenAsked) {
  Trial trial(5, 0, 10);
  int asked = 0;
  try {
    (void)trial.sample([&] { return ++asked > 20; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
  EXPECT_EQ(asked, 21);
}

TEST(Sampler, WorksInGroupsWhenMemoryIsShort) {
  Trial trial(11, 0, 30);
  trial.runner.luck = noisy;
  trial.runner.room = 4;
  const auto samples = trial.sample();
  EXPECT_LE(trial.runner.most_loaded(), 4U);
  for (const auto& runs : samples) EXPECT_GE(runs.size(), 14U);
  EXPECT_LE(trial.runner.now(), trial.end + Seconds(0.05));
}

TEST(Sampler, GroupsShareTheBudgetFairly) {
  Trial trial(12, 0, 60);
  trial.runner.luck = noisy;
  trial.runner.room = 5;
  const auto samples = trial.sample();
  const auto [least, most] = std::minmax_element(
      samples.begin() + 1, samples.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  EXPECT_LT(static_cast<double>(most->size()), 2.0 * static_cast<double>(least->size()));
}

TEST(Sampler, TheWholeModelStaysLoadedBetweenGroups) {
  Trial trial(11, 0, 30);
  trial.runner.luck = noisy;
  trial.runner.room = 4;
  (void)trial.sample();
  EXPECT_EQ(trial.runner.count(Act::kLoad, 0), 1);
}

TEST(Sampler, ASliceThatHasNoRoomBesideTheWholeIsRunAllTheSame) {
  Trial trial(5, 0, 30);
  trial.runner.room = 1;
  for (const auto& runs : trial.sample()) EXPECT_GE(runs.size(), 14U);
}

TEST(Sampler, EverythingLoadedIsUnloadedAtTheEnd) {
  Trial trial(5, 3, 30);
  trial.runner.room = 4;
  (void)trial.sample();
  for (std::size_t slice = 0; slice < trial.plan.size(); ++slice) {
    EXPECT_EQ(trial.runner.count(Act::kLoad, slice), trial.runner.count(Act::kUnload, slice));
  }
}

TEST(Sampler, TimeLeftOverGoesToTheUncertain) {
  // Slice 1 is noisy and among the first group; the others are narrow at once, so that it is loaded again.
  Trial trial(11, 0, 20);
  trial.runner.luck = [](std::size_t slice, int run) { return slice == 1 ? noisy(slice, run) : 1.0; };
  trial.runner.room = 4;
  (void)trial.sample();
  EXPECT_GT(trial.runner.count(Act::kLoad, 1), 1);
}

TEST(Sampler, AHangingMachineDoesNotOverrunByMoreThanAVisit) {
  Trial trial(5, 0, 20);
  trial.runner.luck = [](std::size_t slice, int run) {
    return noisy(slice, run) * (run % 50 == 49 ? 100 : 1);
  };
  (void)trial.sample();
  EXPECT_LE(trial.runner.now(), trial.end + Seconds(4));
}

TEST(Sampler, RestBeforeEachRunIsPartOfWhatItTakes) {
  Trial trial(4, 0, 20);
  trial.runner.luck = noisy;
  trial.runner.pause = trial.options.pause = Seconds(0.05);
  const std::vector<std::vector<double>> samples = trial.sample();
  EXPECT_LE(trial.runner.now(), trial.end);
  EXPECT_GT(trial.runner.now(), trial.end - Seconds(1));
  for (const std::vector<double>& slice : samples) {
    ASSERT_FALSE(slice.empty());
    EXPECT_LT(slice.back(), 0.05) << "the rest is no part of a run's time";
  }
}

}  // namespace
}  // namespace kerf
