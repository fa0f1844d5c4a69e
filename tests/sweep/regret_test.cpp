#include "sweep/regret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "planner/search/search.hpp"
#include "policy/reader/margin_code.hpp"
#include "sweep/sweep.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

class RegretTest : public SweepFixture {
 protected:
  [[nodiscard]] ScenarioFile file(const std::vector<std::string>& settings) const {
    ScenarioFile made(scenario());
    for (const std::string& setting : settings) made.set(setting);
    return made;
  }
  // The table of a sweep.
  Policy sweep(const std::vector<std::string>& settings, const std::string& out = "out") {
    return sweep_of(file(settings), out);
  }
  Policy sweep_of(const ScenarioFile& scenario_file, const std::string& out) {
    static_cast<void>(run_sweep(scenario_file, {.jobs = 2, .out = folder() / out}, {}, {}));
    const std::string bytes = read_file(folder() / out / "policy.kerf");
    Policy policy;
    EXPECT_EQ(policy.open(bytes.data(), bytes.size()), PolicyStatus::kOk);
    return policy;
  }
};

const std::vector<std::string> kUnloaded{
    "workload.arrivals=single", R"(sweep."workload.rate" = ["1/s"])",
    R"(sweep."hosts.camera.slowdown" = [1.0, 3.0, 10.0])",
    R"(sweep."network.uplink.bandwidth" = { log = ["0.5Mbps", "20Mbps"], points = 6 })"};

std::vector<std::string> unloaded_with(std::vector<std::string> more) {
  std::vector<std::string> all = kUnloaded;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Direct: the table's plan costed, against the best plan searched for, at draws first, first + 1, ...
std::vector<double> direct_regrets(const ScenarioFile& file, const Policy& policy, std::uint32_t first) {
  const OffGrid off_grid(file);
  ProblemBuilder builder;
  std::vector<double> regrets;
  for (std::uint32_t i = first; i < first + 500; ++i) {
    const Condition condition = off_grid.draw(i);
    std::vector<double> at;
    for (const Setting& setting : condition.settings) at.push_back(setting.number);
    const auto problem = builder.build(file.bind(condition));
    const PolicyAnswer answer = policy.query(at.data(), at.size());
    EXPECT_FALSE(answer.fallback);
    const std::vector<std::string> names = problem->host_names();
    const Plan plan =
        parse_plan(policy.plan_text(static_cast<std::size_t>(answer.plan)), names, problem->blocks);
    const Seconds best = best_plans(*problem, {.top = 1}).plans.front().latency;
    regrets.push_back(std::max(0.0, cost_of(*problem, plan).latency / best - 1));
  }
  return regrets;
}

TEST_F(RegretTest, IsThatOfDirectEvaluation) {
  const Policy policy = sweep(kUnloaded);
  const std::vector<double> regrets = direct_regrets(file(kUnloaded), policy, 0);
  double sum = 0;
  for (const double regret : regrets) sum += regret;
  EXPECT_EQ(policy.info().regret_conditions, 500U);
  EXPECT_EQ(policy.info().regret_worst, *std::max_element(regrets.begin(), regrets.end()));
  EXPECT_DOUBLE_EQ(policy.info().regret_mean, sum / 500);
  EXPECT_GT(policy.info().regret_worst, 0.02) << "the grid is too fine to prove anything";
}

TEST_F(RegretTest, RefinementMeetsItsGoal) {
  const auto settings = unloaded_with({R"(policy.regret = "2%")"});
  const Policy policy = sweep(settings);
  EXPECT_LE(policy.info().regret_worst, 0.02);
  EXPECT_GT(policy.info().cells, 54U);
  EXPECT_LE(policy.info().cells, 65536U);
  // Other conditions than those it was measured with: hardly any is above.
  const std::vector<double> others = direct_regrets(file(settings), policy, 1'000'000);
  EXPECT_LE(std::count_if(others.begin(), others.end(), [](double regret) { return regret > 0.02; }), 10);
}

TEST_F(RegretTest, RefinementKeepsToItsSize) {
  const Policy coarse = sweep(kUnloaded, "coarse");
  const Policy policy = sweep(unloaded_with({R"(policy.regret = "0.01%")", "policy.cells = 400"}));
  EXPECT_LE(policy.info().cells, 400U);
  EXPECT_GT(policy.info().cells, 200U);
  EXPECT_LT(policy.info().regret_mean, coarse.info().regret_mean);
}

TEST_F(RegretTest, ASizeAloneIsUsed) {
  const Policy policy = sweep(unloaded_with({"policy.cells = 300"}));
  EXPECT_LE(policy.info().cells, 300U);
  EXPECT_GT(policy.info().cells, 150U);
}

TEST_F(RegretTest, RefinementKeepsTheScenariosPoints) {
  const Policy coarse = sweep(kUnloaded, "coarse");
  const Policy policy = sweep(unloaded_with({R"(policy.regret = "2%")"}));
  for (std::size_t axis = 0; axis < coarse.axes(); ++axis) {
    std::vector<double> points;
    for (std::size_t i = 0; i < policy.axis(axis).size; ++i) points.push_back(policy.axis_point(axis, i));
    for (std::size_t i = 0; i < coarse.axis(axis).size; ++i) {
      EXPECT_TRUE(std::find(points.begin(), points.end(), coarse.axis_point(axis, i)) != points.end());
    }
  }
}

// The scenario that we ship, with a profile that we measured.
TEST_F(RegretTest, ResNet50IsRefinedUntilItsRegretIsMet) {
  const ScenarioFile shipped(std::filesystem::path(KERF_SOURCE_DIR) / "scenarios/resnet50.toml");
  const Scenario bound = shipped.bind();
  const Policy policy = sweep_of(shipped, "resnet50");
  ASSERT_EQ(bound.sweep.regret, 0.02);
  EXPECT_EQ(policy.info().regret_conditions, 500U);
  EXPECT_LE(policy.info().regret_worst, 0.02);
  EXPECT_GT(policy.info().cells, condition_count(bound));
  const std::vector<double> others = direct_regrets(shipped, policy, 1'000'000);
  EXPECT_LE(std::count_if(others.begin(), others.end(), [](double regret) { return regret > 0.02; }), 10);
}

TEST_F(RegretTest, ResNet50IsRefinedUntilItsSizeIsReached) {
  ScenarioFile shipped(std::filesystem::path(KERF_SOURCE_DIR) / "scenarios/resnet50.toml");
  shipped.set(R"(policy.regret="0.01%")");
  shipped.set("policy.cells=600");
  const Policy policy = sweep_of(shipped, "resnet50");
  EXPECT_LE(policy.info().cells, 600U);
  EXPECT_GT(policy.info().cells, 400U);
  EXPECT_GT(policy.info().regret_worst, 0.0001);
}

// Plan, latency and margin of every cell of an unloaded table, against the search for its point.
TEST_F(RegretTest, EveryCellOfAnUnloadedTableIsItsPointsAnswer) {
  const ScenarioFile scenario_file = file(kUnloaded);
  const Policy policy = sweep(kUnloaded);
  const Scenario bound = scenario_file.bind();
  ASSERT_EQ(policy.info().cells, condition_count(bound));
  ProblemBuilder builder;
  for (std::size_t i = 0; i < policy.info().cells; ++i) {
    const Condition condition = condition_at(bound, i);
    std::vector<double> at;
    for (const Setting& setting : condition.settings) at.push_back(setting.number);
    const PolicyAnswer answer = policy.query(at.data(), at.size());
    const auto problem = builder.build(scenario_file.bind(condition));
    const auto best = best_plans(*problem, {.top = 2, .one_per_host_sequence = true}).plans;
    ASSERT_EQ(answer.cell, static_cast<std::int64_t>(i));
    ASSERT_EQ(policy.plan_text(static_cast<std::size_t>(answer.plan)),
              to_text(best[0].plan, problem->host_names()));
    ASSERT_EQ(answer.latency, static_cast<float>(best[0].latency.value()));
    const double margin = (best[1].latency - best[0].latency) / best[0].latency;
    ASSERT_EQ(answer.margin, policy_file::margin_of(policy_file::margin_code(margin)));
  }
}

TEST_F(RegretTest, OfASweepUnderLoadIsMeasuredToo) {
  const Policy policy = sweep({});
  EXPECT_GE(policy.info().regret_conditions, 5U);
  EXPECT_GE(policy.info().regret_mean, 0);
  EXPECT_LE(policy.info().regret_mean, policy.info().regret_worst);
}

TEST_F(RegretTest, IsUnknownWhereNothingLiesBetweenThePoints) {
  const Policy policy = sweep({"workload.arrivals=single", R"(sweep = { "network.uplink.rtt" = ["4ms"] })",
                               R"(policy = { rtt = { observes = "network.uplink.rtt" } })"});
  EXPECT_EQ(policy.info().regret_conditions, 0U);
}

TEST_F(RegretTest, DrawsLieBetweenTheEndsAndBindToTheirNumbers) {
  const ScenarioFile scenario_file = file({R"(sweep."hosts.camera.count" = [1, 2])"});
  const OffGrid off_grid(scenario_file);
  const Scenario bound = scenario_file.bind();
  for (std::uint32_t i = 0; i < 200; ++i) {
    const Condition condition = off_grid.draw(i);
    ASSERT_EQ(condition.settings.size(), bound.sweep.axes.size());
    for (std::size_t axis = 0; axis < condition.settings.size(); ++axis) {
      EXPECT_GE(condition.settings[axis].number, bound.sweep.axes[axis].points.front().number);
      EXPECT_LE(condition.settings[axis].number, bound.sweep.axes[axis].points.back().number);
    }
    const Scenario at = scenario_file.bind(condition);
    EXPECT_EQ(at.networks[0].up->value(), condition.settings[0].number);
    EXPECT_EQ(at.networks[0].delay->value(), condition.settings[1].number / 2);
    EXPECT_EQ(condition.settings[0].text, off_grid.draw(i).settings[0].text);
  }
}

TEST(GridPoints, PointsAreAsShortAsNeighboursAllow) {
  Axis axis;
  axis.key = "network.uplink.bandwidth";
  axis.unit = "B/s";
  axis.points = {{axis.key, "1Mbps", 125000}, {axis.key, "2Mbps", 250000}};
  EXPECT_EQ(point_between(axis, 176776.695, 125000, 250000)->text, "1.414Mbps");
  EXPECT_EQ(point_between(axis, 125000.5, 125000, 125001)->text, "1.000004Mbps");
  EXPECT_FALSE(point_between(axis, 125000, 125000, 250000));
  EXPECT_FALSE(point_between(axis, 125000, 125000, std::nextafter(125000, 2e5)));
}

}  // namespace
}  // namespace kerf
