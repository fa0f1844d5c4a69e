// One request at a time takes what the closed form says, whatever the sizes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "base/error.hpp"
#include "planner/search/cost.hpp"
#include "sim/simulator.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int whole(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<unsigned>(high - low + 1));
  }
  double logarithmic(double low, double high) {
    return low * std::pow(high / low, static_cast<double>(engine_()) * 0x1p-32);
  }

 private:
  std::mt19937 engine_;
};

std::string name(const char* stem, int i) {
  return stem + std::to_string(i);
}

// A chain of 2 to 4 hosts, 1 to 3 links between neighbours in each direction, every pair routed along the
// chain, every figure over its whole range.
ProblemText random_chain(Dice& dice) {
  ProblemText text;
  const int hosts = dice.whole(2, 4);
  const int blocks = dice.whole(hosts, 6);
  for (int h = 0; h < hosts; ++h) {
    HostText host{.name = name("h", h), .blocks = {}, .ratios = {1.0, 1.5}};
    for (int b = 0; b < blocks; ++b) host.blocks.push_back(dice.logarithmic(1e-6, 10));
    host.slowdown = dice.logarithmic(0.1, 10);
    host.busy_watts = dice.logarithmic(1, 100);
    host.send_watts = dice.logarithmic(1, 10);
    text.hosts.push_back(host);
  }
  std::vector<std::vector<std::string>> up, down;
  for (int h = 0; h + 1 < hosts; ++h) {
    std::vector<std::string> ways[2];
    for (auto& way : ways) {
      for (int i = dice.whole(1, 3); i > 0; --i) {
        const std::string link = name("l", static_cast<int>(text.links.size()));
        text.links.push_back({.name = link,
                              .bandwidth = dice.logarithmic(1e4, 1e10),
                              .delay = dice.whole(0, 3) == 0 ? 0 : dice.logarithmic(1e-6, 0.2),
                              .overhead = dice.whole(0, 1) == 0 ? 0 : dice.logarithmic(1e-6, 1e-3),
                              .shared = dice.whole(0, 3) > 0});
        way.push_back(link);
      }
    }
    up.push_back(ways[0]);
    down.push_back(ways[1]);
  }
  for (int a = 0; a < hosts; ++a) {
    std::vector<std::string> out, back;
    for (int b = a + 1; b < hosts; ++b) {
      const auto step = static_cast<std::size_t>(b - 1);
      out.insert(out.end(), up[step].begin(), up[step].end());
      back.insert(back.begin(), down[step].begin(), down[step].end());
      text.routes.push_back({name("h", a) + "-0", name("h", b) + "-0", out});
      text.routes.push_back({name("h", b) + "-0", name("h", a) + "-0", back});
    }
  }
  for (int c = 0; c <= blocks; ++c) text.cut_bytes.push_back(std::floor(dice.logarithmic(1, 1e8)));
  text.wire_bytes = std::floor(dice.logarithmic(1, 1e8));
  text.decode = dice.logarithmic(1e-6, 0.1);
  text.workload = one_by_one(2);
  text.workload.return_result = dice.whole(0, 1) == 0;
  return text;
}

// Some of the hosts, in order, each with at least a block.
Plan random_plan(Dice& dice, int hosts, int blocks) {
  Plan plan;
  int first = 0;
  for (int h = dice.whole(0, hosts - 1); first < blocks; ++h) {
    const bool last_host = h == hosts - 1;
    const int last = last_host || dice.whole(0, 2) == 0 ? blocks - 1 : dice.whole(first, blocks - 1);
    plan.stages.push_back({h, first, last});
    first = last + 1;
  }
  return plan;
}

// Against the planner's closed form and the tests' own.
TEST(NoLoad, EqualsTheClosedFormOnRandomChains) {
  Dice dice(1);
  double worst = 0;
  for (int i = 0; i < 400; ++i) {
    const Problem problem = make_problem(random_chain(dice));
    const Plan plan = random_plan(dice, static_cast<int>(problem.hosts.size()), problem.blocks);
    const auto simulated = in_child([&] {
      const Outcome outcome = Simulator(problem).run(problem, plan);
      return std::vector{outcome.mean.value(), outcome.energy.value()};
    });
    const PlanCost cost = cost_of(problem, plan);
    const std::string what = fmt::format("case {}: {}", i, to_text(plan, problem.host_names()));
    ASSERT_LT(std::abs(simulated.at(0) / cost.latency.value() - 1), 1e-6) << what;
    ASSERT_LT(std::abs(simulated.at(0) / unloaded_seconds(problem, plan) - 1), 1e-6) << what;
    ASSERT_LT(std::abs(simulated.at(1) / cost.energy.value() - 1), 1e-6) << what;
    worst = std::max(worst, std::abs(simulated.at(0) / cost.latency.value() - 1));
  }
  std::printf("  worst relative difference %.3g\n", worst);
}

// Late in a long simulation the clock's last bit is longer than the transfer itself.
TEST(NoLoad, MicrosecondTransfersStayExactOverAYear) {
  ProblemText text{
      .hosts = {{.name = "a", .blocks = {1e-6, 1e-6}}, {.name = "b", .blocks = {1e-6, 1e-6}}},
      .links = {{.name = "up", .bandwidth = 1e9, .delay = 1e-6}, {.name = "down", .bandwidth = 1e9}},
      .routes = {{"a-0", "b-0", {"up"}}, {"b-0", "a-0", {"down"}}}};
  text.workload = one_by_one(400);
  text.workload.arrivals = Arrivals::kPeriodic;
  text.workload.rate = PerSecond(1 / 86400.0);
  const Problem problem = make_problem(text);
  const Plan plan{{{0, 0, 0}, {1, 1, 1}}};
  const auto simulated = in_child([&] {
    Simulator simulator(problem);
    const Outcome outcome = simulator.run(problem, plan);
    return std::vector{outcome.mean.value(), outcome.max.value()};
  });
  EXPECT_NEAR(simulated.at(0) / unloaded_seconds(problem, plan), 1, 1e-12);
  EXPECT_NEAR(simulated.at(1) / unloaded_seconds(problem, plan), 1, 1e-12);
}

// A flow that outlasts everything before it a million times does not get lost in the clock's rounding.
TEST(NoLoad, AFlowOfThirtyYearsEnds) {
  ProblemText text{.hosts = {{.name = "a", .blocks = {1.0}}, {.name = "b", .blocks = {1.0}}},
                   .links = {{.name = "up", .bandwidth = 0.3}, {.name = "down", .bandwidth = 7e8}},
                   .routes = {{"a-0", "b-0", {"up"}}, {"b-0", "a-0", {"down"}}}};
  text.wire_bytes = 3e8;
  text.workload = one_by_one(3);
  const Problem problem = make_problem(text);
  const Plan plan{{{1, 0, 0}}};
  const auto simulated =
      in_child([&] { return std::vector{Simulator(problem).run(problem, plan).mean.value()}; });
  EXPECT_NEAR(simulated.at(0) / 1e9, 1, 1e-6);
}

TEST(NoLoad, TheWayBackCountsUnlessTheScenarioSaysOtherwise) {
  ProblemText text{
      .hosts = {{.name = "a", .blocks = {1.0}}, {.name = "b", .blocks = {2.0}}},
      .links = {{.name = "up", .bandwidth = 1000}, {.name = "down", .bandwidth = 500, .delay = 0.25}},
      .routes = {{"a-0", "b-0", {"up"}}, {"b-0", "a-0", {"down"}}},
      .cut_bytes = {4000, 100},
      .wire_bytes = 3000,
      .decode = 0.5,
      .workload = one_by_one()};
  const Plan plan{{{1, 0, 0}}};
  for (const bool back : {true, false}) {
    text.workload.return_result = back;
    const Problem problem = make_problem(text);
    const auto simulated = in_child([&] {
      const Outcome outcome = Simulator(problem).run(problem, plan);
      return std::vector{outcome.mean.value(), outcome.bytes_sent.value()};
    });
    EXPECT_DOUBLE_EQ(simulated.at(0), 3 + 0.5 + 2 + (back ? 0.25 + 0.2 : 0));
    EXPECT_EQ(simulated.at(1), back ? 3100 : 3000);
  }
}

TEST(NoLoad, EnergyIsBusyTimeAndTheTimeThatBytesLeave) {
  ProblemText text{
      .hosts = {{.name = "a", .blocks = {1.0, 1.0}, .busy_watts = 6, .send_watts = 2},
                {.name = "b", .blocks = {3.0, 3.0}, .busy_watts = 50, .send_watts = 10}},
      .links = {{.name = "up", .bandwidth = 1000, .delay = 9}, {.name = "down", .bandwidth = 500}},
      .routes = {{"a-0", "b-0", {"up"}}, {"b-0", "a-0", {"down"}}},
      .cut_bytes = {4000, 2000, 1000},
      .workload = one_by_one(3)};
  const Problem problem = make_problem(text);
  const Plan plan{{{0, 0, 0}, {1, 1, 1}}};
  const auto simulated =
      in_child([&] { return std::vector{Simulator(problem).run(problem, plan).energy.value()}; });
  EXPECT_DOUBLE_EQ(simulated.at(0), 6 * 1 + 2 * 2 + 50 * 3 + 10 * 2);
}

TEST(NoLoad, AllOnTheDeviceNeedsNoNetwork) {
  const Problem problem =
      make_problem({.hosts = {{.name = "a", .blocks = {1.0, 2.0}}}, .workload = one_by_one()});
  const auto simulated = in_child([&] {
    const Outcome outcome = Simulator(problem).run(problem, {{{0, 0, 1}}});
    return std::vector{outcome.mean.value(), outcome.bytes_sent.value()};
  });
  EXPECT_DOUBLE_EQ(simulated.at(0), 3);
  EXPECT_EQ(simulated.at(1), 0);
}

TEST(NoLoad, TwoClassesOnOneHostExchangeForNothing) {
  Problem problem =
      make_problem({.hosts = {{.name = "a", .blocks = {1.0, 2.0}}, {.name = "b", .blocks = {1.0, 2.0}}},
                    .workload = one_by_one()});
  problem.hosts[1].instances = problem.hosts[0].instances;
  const auto simulated = in_child([&] {
    return std::vector{Simulator(problem).run(problem, {{{0, 0, 0}, {1, 1, 1}}}).mean.value()};
  });
  EXPECT_DOUBLE_EQ(simulated.at(0), 3);
}

TEST(NoLoad, AMissingRouteIsInfeasibleAndNamesTheHosts) {
  const Problem problem = make_problem(
      {.hosts = {{.name = "a", .blocks = {1.0}}, {.name = "b", .blocks = {1.0}}}, .workload = one_by_one()});
  try {
    static_cast<void>(in_child([&] {
      return std::vector{Simulator(problem).run(problem, {{{1, 0, 0}}}).mean.value()};
    }));
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no route from a-0 to b-0"), std::string::npos) << error.what();
  }
}

TEST(NoLoad, AnOptionalClassWithoutHostsIsInfeasibleAndNamed) {
  Problem problem = make_problem(
      {.hosts = {{.name = "a", .blocks = {1.0}}, {.name = "b", .blocks = {1.0}}}, .workload = one_by_one()});
  problem.hosts[1].instances.clear();
  try {
    static_cast<void>(lower_bound(problem, {{{1, 0, 0}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInfeasible);
    EXPECT_EQ(error.found(), "no host of class b");
  }
  const auto alone = in_child([&] {
    return std::vector{Simulator(problem).run(problem, {{{0, 0, 0}}}).mean.value()};
  });
  EXPECT_EQ(alone.at(0), 1);
}

}  // namespace
}  // namespace kerf::test
