#include "sweep/condition_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/random.hpp"
#include "sim/simulator.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

class ConditionRun : public SweepFixture {
 protected:
  ConditionRun() : file_(scenario()), scenario_(file_.bind()), problem_(ProblemBuilder().build(scenario_)) {}

  // A simulator under which a plan takes its bound times a factor drawn for the plan.
  [[nodiscard]] Simulate loaded(double spread) const {
    return [spread](const Problem& problem, const Plan& plan) {
      Outcome outcome = lower_bound(problem, plan);
      std::uint32_t key = 0;
      for (const Stage& stage : plan.stages)
        key = key * 31 + static_cast<std::uint32_t>(stage.host * 7 + stage.last_block);
      outcome.mean = outcome.mean * (1 + spread * uniform({.seed = 5, .request = key}));
      return outcome;
    };
  }

  ScenarioFile file_;
  Scenario scenario_;
  std::shared_ptr<const Problem> problem_;
};

TEST_F(ConditionRun, AlmostUnloadedOnlyTheFirstIsSimulated) {
  const std::vector<SweepRow> rows = run_condition(scenario_, *problem_, loaded(0));
  ASSERT_GE(rows.size(), 5U);
  EXPECT_EQ(rows[0].status, RowStatus::kSimulated);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].status, rows[i].bound > rows[0].bound ? RowStatus::kRuledOut : RowStatus::kSimulated);
  }
}

TEST_F(ConditionRun, WhatIsRuledOutCouldNotHaveWon) {
  for (const double spread : {0.1, 0.5, 2.0, 10.0}) {
    const Simulate simulate = loaded(spread);
    const std::vector<SweepRow> rows = run_condition(scenario_, *problem_, simulate);
    const SweepRow& won = rows[static_cast<std::size_t>(winner(rows, scenario_.objective))];
    for (const SweepRow& row : rows)
      EXPECT_GE(simulate(*problem_, row.plan).mean, won.outcome.mean) << spread;
  }
}

TEST_F(ConditionRun, RowsStandInTheOrderOfTheirBounds) {
  const std::vector<SweepRow> rows = run_condition(scenario_, *problem_, loaded(1));
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_LE(rows[i - 1].bound, rows[i].bound);
    EXPECT_EQ(rows[i].candidate, static_cast<int>(i));
  }
}

TEST_F(ConditionRun, OneHostPlansAreAlwaysCandidates) {
  const std::vector<SweepRow> rows = run_condition(scenario_, *problem_, loaded(1));
  for (int host = 0; host < 3; ++host) {
    const Plan alone{{{host, 0, 5}}};
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const SweepRow& row) { return row.plan == alone; })) << host;
  }
}

TEST_F(ConditionRun, AnUnloadedConditionIsTheClosedForm) {
  file_.set("workload.arrivals", "single");
  const Scenario unloaded = file_.bind();
  ASSERT_TRUE(is_unloaded(unloaded));
  for (const SweepRow& row : run_condition(unloaded, *ProblemBuilder().build(unloaded), {})) {
    EXPECT_EQ(row.status, RowStatus::kClosedForm);
    EXPECT_EQ(row.outcome.mean, row.bound);
  }
}

TEST_F(ConditionRun, NamedPlansAreAllSimulatedAndNoOthers) {
  file_.set("sweep.plans", R"(["camera:0-2,edge:3-5", "camera:0-5", "camera:0-5"])");
  const Scenario named = file_.bind();
  const std::vector<SweepRow> rows = run_condition(named, *problem_, loaded(10));
  ASSERT_EQ(rows.size(), 2U);
  for (const SweepRow& row : rows) {
    EXPECT_EQ(row.status, RowStatus::kSimulated);
    EXPECT_EQ(row.plan.stages.front().host, 0);
  }
}

TEST_F(ConditionRun, NamedPlansThatCannotBeAreRefusedAtTheirPlace) {
  const auto refusal = [&](const std::string& setting, const std::string& value) {
    file_.set(setting, value);
    const Scenario named = file_.bind();
    try {
      static_cast<void>(considered_plans(named, *ProblemBuilder().build(named)));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal("sweep.plans", R"(["camera:0-9"])"),
              testing::HasSubstr("sweep.plans=[\"camera:0-9\"]: sweep.plans:"));
  EXPECT_THAT(refusal("sweep.plans", R"(["camra:0-5"])"), testing::HasSubstr("camera"));
  file_.set("sweep.plans", R"(["camera:0-5"])");
  EXPECT_THAT(refusal("constraints.camera.must_not_run", "[0]"), testing::HasSubstr("breaks a constraint"));
}

TEST_F(ConditionRun, EqualValuesAreWonByTheFirstInPlanOrder) {
  std::vector<SweepRow> rows(2);
  rows[0].plan.stages = {{1, 0, 5}};
  rows[1].plan.stages = {{0, 0, 5}};
  rows[0].outcome.mean = rows[1].outcome.mean = Seconds(1);
  EXPECT_EQ(winner(rows, {}), 1);
  EXPECT_EQ(winner({}, {}), -1);
}

TEST_F(ConditionRun, PackedRowsUnpackToTheSame) {
  SweepRow row;
  row.candidate = 3;
  row.plan.stages = {{0, 0, 2}, {1, 3, 5}};
  row.status = RowStatus::kRuledOut;
  row.bound = Seconds(0.25);
  row.outcome.p99 = Seconds(0.5);
  const std::vector<SweepRow> rows{row, row};
  const std::vector<SweepRow> again = unpack(pack(rows));
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[1].plan, row.plan);
  EXPECT_EQ(again[1].bound, row.bound);
  EXPECT_EQ(again[1].status, row.status);
  EXPECT_EQ(again[1].outcome.p99, row.outcome.p99);
}

}  // namespace
}  // namespace kerf
