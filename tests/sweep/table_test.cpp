#include "sweep/table.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"

namespace kerf {
namespace {

const Plan kCamera{{{0, 0, 5}}};
const Plan kEdge{{{1, 0, 5}}};
const Plan kCut{{{0, 0, 2}, {1, 3, 5}}};

Scenario scenario() {
  Scenario scenario;
  scenario.name = "two hosts";
  scenario.workload.source = "camera";
  scenario.hosts.resize(2);
  scenario.hosts[0].name = "camera";
  scenario.hosts[1].name = "edge";
  Axis rate;
  rate.key = "workload.rate";
  rate.points = {{"workload.rate", "1/s", 1}, {"workload.rate", "2/s", 2}, {"workload.rate", "4/s", 4}};
  scenario.sweep.axes = {rate};
  scenario.sweep.policy = {{"load", "workload.rate"}};
  return scenario;
}

SweepRow row(const Plan& plan, RowStatus status, double seconds) {
  SweepRow result;
  result.plan = plan;
  result.status = status;
  result.bound = Seconds(seconds);
  result.outcome.mean = Seconds(status == RowStatus::kRuledOut ? 0 : seconds);
  return result;
}

PolicyContent table(const std::vector<std::vector<SweepRow>>& conditions) {
  TableBuilder builder(scenario());
  for (const auto& rows : conditions) builder.add(rows);
  return builder.content("model", "hash", {}, {});
}

TEST(Table, EveryConditionIsACellWithItsWinner) {
  const PolicyContent content =
      table({{row(kCamera, RowStatus::kSimulated, 1), row(kEdge, RowStatus::kSimulated, 2)},
             {row(kCamera, RowStatus::kSimulated, 3), row(kCut, RowStatus::kSimulated, 2)},
             {}});
  ASSERT_EQ(content.cells.size(), 3U);
  EXPECT_EQ(content.plans[static_cast<std::size_t>(content.cells[0].plan)], kCamera);
  EXPECT_EQ(content.plans[static_cast<std::size_t>(content.cells[1].plan)], kCut);
  EXPECT_EQ(content.cells[1].value, Seconds(2));
  EXPECT_EQ(content.cells[2].plan, -1) << "nothing is feasible there";
  EXPECT_EQ(content.axes[0].name, "load");
  EXPECT_EQ(content.axes[0].key, "workload.rate");
}

TEST(Table, TheMarginIsTheRunnerUpsExcessAndAtLeastThatOfABound) {
  const PolicyContent content =
      table({{row(kCamera, RowStatus::kSimulated, 2), row(kCut, RowStatus::kSimulated, 4),
              row(kEdge, RowStatus::kRuledOut, 3)},
             {row(kCamera, RowStatus::kSimulated, 2)}});
  EXPECT_DOUBLE_EQ(content.cells[0].margin, 0.5);
  EXPECT_TRUE(std::isinf(content.cells[1].margin)) << "the only candidate";
}

TEST(Table, TheFallbackIsAllOnTheSourceEvenWhereItNeverWins) {
  const PolicyContent content =
      table({{row(kEdge, RowStatus::kSimulated, 1), row(kCamera, RowStatus::kRuledOut, 2)}});
  EXPECT_EQ(content.plans[static_cast<std::size_t>(content.fallback_plan)], kCamera);
}

TEST(Table, WithoutAPlanOnTheSourceTheFallbackIsTheMostFrequentWinner) {
  const PolicyContent content = table({{row(kEdge, RowStatus::kSimulated, 1)},
                                       {row(kCut, RowStatus::kSimulated, 1)},
                                       {row(kEdge, RowStatus::kSimulated, 1)}});
  EXPECT_EQ(content.plans[static_cast<std::size_t>(content.fallback_plan)], kEdge);
}

TEST(Table, NoFeasibleConditionAtAllIsAnError) {
  EXPECT_THROW(table({{}, {}}), Error);
}

}  // namespace
}  // namespace kerf
