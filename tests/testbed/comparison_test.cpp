// Predicted beside measured, figures worked out by hand.

#include "testbed/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

using ::testing::HasSubstr;

Question a_question() {
  return {.scenario = "s", .scenario_hash = "h", .model = "m", .model_hash = "mh", .axes = {"rtt"}};
}

PredictedRow predicted(std::size_t condition, const std::string& plan, double seconds) {
  return {.condition = condition,
          .settings = {std::to_string(condition)},
          .plan = plan,
          .seconds = {seconds, seconds, seconds, seconds}};
}

// `count` requests that all take `seconds`.
MeasuredRun run(std::size_t condition, const std::string& plan, int attempt, int repeat, double seconds,
                int count = 4) {
  return {.condition = condition,
          .settings = {std::to_string(condition)},
          .plan = plan,
          .attempt = attempt,
          .repeat = repeat,
          .latencies = std::vector<double>(static_cast<std::size_t>(count), seconds)};
}

Comparison compared(const std::vector<PredictedRow>& rows, const std::vector<MeasuredRun>& runs) {
  return compare({"sweep", a_question(), rows}, {"real", a_question(), runs}, {});
}

std::string refusal(Question question, const std::vector<PredictedRow>& rows,
                    const std::vector<MeasuredRun>& runs) {
  try {
    static_cast<void>(compare({"sweep", std::move(question), rows}, {"real", a_question(), runs}, {}));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error.what();
  }
  return "accepted";
}

TEST(Noise, IsTheMeanDistanceOfPairs) {
  // Pairs 1-2, 1-3, 2-3 lie 1, 2, 1 apart: 4/3, of a mean of 2.
  EXPECT_DOUBLE_EQ(noise_of(std::vector<double>{1, 2, 3}), 4.0 / 3 / 2);
  EXPECT_DOUBLE_EQ(noise_of(std::vector<double>{99, 101}), 0.02);
  EXPECT_EQ(noise_of(std::vector<double>{5}), 0);
}

TEST(Comparison, ErrorIsSignedAndRelativeToWhatWasMeasured) {
  const Comparison found = compared({predicted(0, "a:0-1", 0.9)}, {run(0, "a:0-1", 0, 0, 1.0)});
  const ComparedStatistic& mean = found.plans.at(0).of(Statistic::kMean);
  EXPECT_NEAR(mean.error, -0.1, 1e-12);
  EXPECT_NEAR(mean.low, 1, 1e-12);  // no spread
  EXPECT_NEAR(mean.high, 1, 1e-12);
  EXPECT_EQ(found.errors[0].rows, 1);
  EXPECT_EQ(found.errors[0].within, 0);
}

// Latencies 1 to 100: nearest ranks 50, 95, 99; the median's interval is 20 wide (binomial
// with n = 100: P(40 <= B <= 59) = 0.954), and the 95th percentile's ends below 100 samples at the 99th.
TEST(Comparison, PercentilesAndTheirIntervals) {
  MeasuredRun hundred = run(0, "a:0-1", 0, 0, 1);
  hundred.latencies.clear();
  for (int i = 100; i >= 1; --i) hundred.latencies.push_back(i);
  const Comparison found = compared({predicted(0, "a:0-1", 50)}, {hundred});
  const ComparedPlan& plan = found.plans.at(0);
  EXPECT_EQ(plan.of(Statistic::kP50).measured, 50);
  EXPECT_EQ(plan.of(Statistic::kP95).measured, 95);
  EXPECT_EQ(plan.of(Statistic::kP99).measured, 99);
  EXPECT_NEAR(plan.of(Statistic::kMean).measured, 50.5, 1e-12);
  EXPECT_EQ(plan.of(Statistic::kP50).high - plan.of(Statistic::kP50).low, 20);
  EXPECT_GE(plan.of(Statistic::kP95).low, 89);
  EXPECT_LE(plan.of(Statistic::kP95).low, 91);
  EXPECT_GE(plan.of(Statistic::kP95).high, 99);
  EXPECT_EQ(plan.of(Statistic::kP99).low, 0);  // too few samples for an interval
}

TEST(Comparison, RepeatsArePooledAndTheirDistanceIsTheNoise) {
  const Comparison found =
      compared({predicted(0, "a:0-1", 1.0)}, {run(0, "a:0-1", 0, 1, 1.01), run(0, "a:0-1", 0, 0, 0.99)});
  const ComparedPlan& plan = found.plans.at(0);
  EXPECT_EQ(plan.repeats, 2);
  EXPECT_EQ(plan.requests, 8);
  EXPECT_NEAR(plan.of(Statistic::kMean).measured, 1, 1e-12);
  EXPECT_NEAR(plan.of(Statistic::kMean).noise, 0.02, 1e-12);
  EXPECT_FALSE(plan.is_void);
}

TEST(Comparison, AVoidAttemptGivesWayToTheNext) {
  const Comparison found =
      compared({predicted(0, "a:0-1", 1.0)}, {run(0, "a:0-1", 0, 0, 1.0), run(0, "a:0-1", 0, 1, 1.2),
                                              run(0, "a:0-1", 1, 0, 1.1), run(0, "a:0-1", 1, 1, 1.1)});
  EXPECT_FALSE(found.plans.at(0).is_void);
  EXPECT_EQ(found.plans.at(0).void_attempts, 1);
  EXPECT_NEAR(found.plans.at(0).of(Statistic::kMean).measured, 1.1, 1e-12);
  EXPECT_EQ(found.void_attempts, 1);
  EXPECT_EQ(found.void_plans, 0);
}

TEST(Comparison, WhatIsVoidThroughoutIsCountedAndNothingElse) {
  const Comparison found =
      compared({predicted(0, "a:0-1", 1.0), predicted(0, "b:0-1", 2.0)},
               {run(0, "a:0-1", 0, 0, 1.0), run(0, "a:0-1", 0, 1, 1.2), run(0, "b:0-1", 0, 0, 2.0)});
  EXPECT_EQ(found.void_plans, 1);
  EXPECT_TRUE(found.plans.at(0).is_void);
  EXPECT_EQ(found.errors[0].rows, 1);
  EXPECT_TRUE(found.choices.empty());  // one plan that counts is no choice
}

TEST(Comparison, ARowMayBeWithinItsNoiseInsteadOfTheAim) {
  // 4.0 % off: beyond 3 %, within 1.5 x 3 % of noise. The second, 5 % off with no noise, is neither.
  const Comparison found = compared({predicted(0, "a:0-1", 1.04), predicted(0, "b:0-1", 1.05)},
                                    {run(0, "a:0-1", 0, 0, 0.985), run(0, "a:0-1", 0, 1, 1.015),
                                     run(0, "b:0-1", 0, 0, 1.0), run(0, "b:0-1", 0, 1, 1.0)});
  EXPECT_EQ(found.errors[0].rows, 2);
  EXPECT_EQ(found.errors[0].within, 0);
  EXPECT_EQ(found.errors[0].within_noise, 1);
  EXPECT_NEAR(found.errors[0].mean_absolute, 0.045, 1e-12);
  EXPECT_NEAR(found.errors[0].worst_absolute, 0.05, 1e-12);
}

// Predicted best is b, measured best is the cut c: 1.1 / 1.0.
TEST(Comparison, RegretIsOfTheChosenPlanAgainstTheBestMeasured) {
  const Comparison found =
      compared({predicted(3, "a:0-1", 2.0), predicted(3, "b:0-1", 0.9), predicted(3, "a:0-0,b:1-1", 1.0)},
               {run(3, "a:0-1", 0, 0, 2.0), run(3, "b:0-1", 0, 0, 1.1), run(3, "a:0-0,b:1-1", 0, 0, 1.0)});
  ASSERT_EQ(found.choices.size(), 1U);
  EXPECT_EQ(found.choices[0].chosen, "b:0-1");
  EXPECT_EQ(found.choices[0].best, "a:0-0,b:1-1");
  EXPECT_NEAR(found.choices[0].regret, 0.1, 1e-12);
  EXPECT_NEAR(found.choices[0].cut_saves.value(), 1 - 1 / 1.1, 1e-12);
}

// Condition 0: a 1, b 2. Condition 1: a 4, b 2. All on a: 0 % and 100 % above the best; all on b: 100 % and 0
// %.
TEST(Comparison, TheBestStaticPlanIsComparedWithTheChoices) {
  const Comparison found = compared({predicted(0, "a:0-1", 1), predicted(0, "b:0-1", 2),
                                     predicted(1, "a:0-1", 4), predicted(1, "b:0-1", 2)},
                                    {run(0, "a:0-1", 0, 0, 1), run(0, "b:0-1", 0, 0, 2.2),
                                     run(1, "a:0-1", 0, 0, 4), run(1, "b:0-1", 0, 0, 2)});
  EXPECT_EQ(found.static_plan, "a:0-1");
  EXPECT_NEAR(found.static_excess, 0.5, 1e-12);
  EXPECT_NEAR(found.chosen_excess, 0, 1e-12);
}

TEST(Comparison, RefusesOtherModelsScenariosAndAxes) {
  const std::vector<PredictedRow> rows{predicted(0, "a:0-1", 1)};
  const std::vector<MeasuredRun> runs{run(0, "a:0-1", 0, 0, 1)};
  Question other = a_question();
  other.model_hash = "other";
  EXPECT_THAT(refusal(other, rows, runs), HasSubstr("the model's hash is other; expected mh"));
  other = a_question();
  other.scenario = "t";
  EXPECT_THAT(refusal(other, rows, runs), HasSubstr("the scenario is t; expected s"));
  other = a_question();
  other.scenario_hash = "changed";
  EXPECT_THAT(refusal(other, rows, runs), HasSubstr("an override changed"));
  other = a_question();
  other.axes = {"bandwidth"};
  EXPECT_THAT(refusal(other, rows, runs), HasSubstr("the axes are bandwidth; expected rtt"));
  Question silent;
  silent.axes = {"rtt"};
  EXPECT_EQ(refusal(silent, rows, runs), "accepted");  // a CSV file does not say
}

TEST(Comparison, RefusesWhatWasNotPredicted) {
  const std::vector<MeasuredRun> runs{run(1, "a:0-1", 0, 0, 1)};
  EXPECT_THAT(refusal(a_question(), {predicted(0, "a:0-1", 1)}, runs),
              HasSubstr("condition 1 (rtt = 1) is not predicted"));
  EXPECT_THAT(refusal(a_question(), {predicted(1, "b:0-1", 1)}, runs),
              HasSubstr("plan a:0-1 is not predicted under condition 1"));
  EXPECT_THAT(refusal(a_question(), {predicted(1, "a:0-1", 1), predicted(1, "a:0-1", 2)}, runs),
              HasSubstr("stands twice"));
  PredictedRow elsewhere = predicted(1, "a:0-1", 1);
  elsewhere.settings = {"7"};
  EXPECT_THAT(refusal(a_question(), {elsewhere}, runs),
              HasSubstr("condition 1 is rtt = 7; expected rtt = 1"));
  EXPECT_THAT(refusal(a_question(), {predicted(1, "a:0-1", 1)}, {}), HasSubstr("there are no real runs"));
}

TEST(Comparison, JsonSaysAllOfIt) {
  const Comparison found = compared({predicted(0, "a:0-1", 0.9), predicted(0, "b:0-1", 2)},
                                    {run(0, "a:0-1", 0, 0, 1.0), run(0, "b:0-1", 0, 0, 2)});
  const nlohmann::json all = nlohmann::json::parse(comparison_json(found));
  EXPECT_EQ(all.at("plans").size(), 2U);
  EXPECT_NEAR(all.at("plans")[0].at("mean").at("error").get<double>(), -0.1, 1e-12);
  EXPECT_EQ(all.at("plans")[0].at("settings").at("rtt").get<double>(), 0);
  EXPECT_TRUE(all.at("choices")[0].at("cut_saves").is_null());
  EXPECT_EQ(all.at("errors").at("p95").at("rows").get<int>(), 2);
}

TEST(Comparison, TextEndsWithOneLineThatSumsUp) {
  const std::string text = comparison_text(
      compared({predicted(0, "a:0-1", 0.9)}, {run(0, "a:0-1", 0, 0, 1.0), run(0, "a:0-1", 0, 1, 1.0)}));
  const std::string last = text.substr(text.find_last_of('\n', text.size() - 2) + 1);
  EXPECT_EQ(last, "s: 1 rows, 0 void; mean off by 10.00 % (noise 0.00 %), p95 by 10.00 % (noise 0.00 %)\n");
}

TEST(Comparison, TextSaysWhereNothingCounts) {
  const std::string text = comparison_text(
      compared({predicted(0, "a:0-1", 1.0)}, {run(0, "a:0-1", 0, 0, 1.0), run(0, "a:0-1", 0, 1, 1.2)}));
  EXPECT_THAT(text, HasSubstr("mean  no row counts\n"));
  EXPECT_THAT(text, HasSubstr("\ns: no row counts, all 1 are void\n"));
}

}  // namespace
}  // namespace kerf
