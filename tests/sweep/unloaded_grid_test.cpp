#include "sweep/unloaded_grid.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "planner/search/search.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

class UnloadedGridTest : public SweepFixture {
 protected:
  // Every cell against the search for its condition. The search takes latencies that differ by rounding alone
  // for equal: where two are, which of them is called the best is its own affair.
  void expect_point_by_point(const std::vector<std::string>& settings) {
    ScenarioFile file(scenario());
    file.set("workload.arrivals=single");
    for (const std::string& setting : settings) file.set(setting);
    const Scenario bound = file.bind();
    UnloadedPlanner planner(file);
    const UnloadedGrid grid = planner.grid(bound.sweep.axes, {});
    ASSERT_EQ(grid.cells.size(), condition_count(bound));
    std::size_t compared = 0;
    for (std::size_t i = 0; i < grid.cells.size(); ++i) {
      const PointAnswer& cell = grid.cells[i];
      const auto expected =
          best_plans(*planner.problem(condition_at(bound, i)), {.top = 3, .one_per_host_sequence = true})
              .plans;
      ASSERT_EQ(cell.plan >= 0, !expected.empty()) << "cell " << i;
      ASSERT_EQ(cell.runner_up >= 0, expected.size() > 1) << "cell " << i;
      const auto check = [&](std::size_t rank, int plan, double latency) {
        ASSERT_NEAR(latency, expected[rank].latency.value(), 1e-12 * latency) << "cell " << i;
        if (is_tied(expected, rank)) return;
        ASSERT_EQ(grid.plans[static_cast<std::size_t>(plan)], expected[rank].plan) << "cell " << i;
        ++compared;
      };
      if (cell.plan >= 0) check(0, cell.plan, cell.latency);
      if (cell.runner_up >= 0) check(1, cell.runner_up, cell.runner_up_latency);
    }
    if (grid.cells[0].plan >= 0) {
      EXPECT_GT(compared, grid.cells.size());
    }
  }

 private:
  static bool is_tied(const std::vector<PlanCost>& plans, std::size_t rank) {
    const auto near = [&](std::size_t a, std::size_t b) {
      return b < plans.size() && plans[b].latency - plans[a].latency <= 2e-12 * plans[a].latency;
    };
    return near(rank, rank + 1) || (rank > 0 && near(rank - 1, rank));
  }
};

constexpr const char* kOneRate = R"(sweep."workload.rate" = ["1/s"])";

TEST_F(UnloadedGridTest, BandwidthAndRoundTrip) {
  expect_point_by_point({kOneRate});
}

TEST_F(UnloadedGridTest, OneDirectionAndSlowdowns) {
  expect_point_by_point(
      {"policy = {}", R"(network.uplink.bandwidth = { up = "8Mbps", down = "20Mbps" })",
       R"(sweep = { "network.uplink.bandwidth.up" = { log = ["0.2Mbps", "900Mbps"], points = 12 },)"
       R"("hosts.camera.slowdown" = [0.5, 2.0, 6.0],)"
       R"("network.uplink.delay" = { linear = ["0ms", "50ms"], points = 5 },)"
       R"("hosts.cloud.slowdown" = [0.25, 1.0] })"});
}

TEST_F(UnloadedGridTest, BothDirectionsAreTwoAxes) {
  expect_point_by_point({"policy = {}", R"(network.uplink.bandwidth = { up = "8Mbps", down = "20Mbps" })",
                         R"(sweep = { "network.uplink.bandwidth.up" = ["1Mbps", "10Mbps", "100Mbps"],)"
                         R"("network.uplink.bandwidth.down" = ["0.1Mbps", "1Mbps", "10Mbps", "80Mbps"] })"});
}

TEST_F(UnloadedGridTest, NoAxisOfTheNetwork) {
  expect_point_by_point(
      {"policy = {}", R"(sweep = { "hosts.camera.slowdown" = [0.5, 1.0, 2.0, 6.0, 20.0] })"});
}

TEST_F(UnloadedGridTest, ConstraintsHold) {
  expect_point_by_point({kOneRate, R"(constraints.camera = { must_run = [0], upload = "60kB" })",
                         R"(hosts.edge.memory = "1GB")"});
}

TEST_F(UnloadedGridTest, NothingIsFeasibleSomewhere) {
  expect_point_by_point({kOneRate, R"(constraints.camera = { used = false })",
                         R"(constraints.edge = { used = false })",
                         R"(constraints.cloud = { used = false })"});
}

}  // namespace
}  // namespace kerf
