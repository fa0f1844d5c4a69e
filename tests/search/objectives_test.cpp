// Every objective under every constraint at once, hosts in any order, Pareto fronts and long rankings,
// against every plan there is: at least ten thousand small random problems each.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "planner/search/search.hpp"
#include "planner/search/stations.hpp"
#include "tests/search/brute_force.hpp"
#include "tests/search/problems.hpp"
#include "tests/search/random_problem.hpp"

namespace kerf {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

PricedPlan priced(const Problem& problem, const PlanCost& cost) {
  return {cost.latency.value(), cost.plan, cost.energy.value(), cost.price,
          Stations(problem).period(cost.plan).value()};
}

void expect_near(double found, double expected) {
  EXPECT_NEAR(found, expected, 1e-9 * std::abs(expected));
}

// Returns how many plans are feasible.
std::size_t expect_best(const Problem& problem, int top) {
  std::vector<PricedPlan> expected = all_plans_ranked(problem);
  const std::size_t feasible = expected.size();
  expected.resize(std::min(feasible, static_cast<std::size_t>(top)));
  const SearchResult found = best_plans(problem, {.top = top});
  EXPECT_EQ(found.infeasible_because.empty(), feasible > 0);
  EXPECT_EQ(found.plans.size(), expected.size());
  for (const PlanCost& plan : found.plans)
    EXPECT_EQ(violation(problem, plan.plan), "") << text(problem, plan.plan);
  for (std::size_t i = 0; i < std::min(expected.size(), found.plans.size()); ++i) {
    const PricedPlan plan = priced(problem, found.plans[i]);
    EXPECT_EQ(text(problem, plan.plan), text(problem, expected[i].plan)) << "place " << i;
    expect_near(plan.latency, expected[i].latency);
    expect_near(plan.energy, expected[i].energy);
    expect_near(plan.price, expected[i].price);
    expect_near(plan.period, expected[i].period);
  }
  return feasible;
}

// Runs `check`, which returns how many plans are feasible, for many seeds; both outcomes must be common.
template <class Check>
void for_seeds(std::uint64_t from, std::uint64_t count, Check check) {
  std::uint64_t infeasible = 0;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    if (check(dice) == 0) ++infeasible;
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_LT(infeasible, count * 7 / 10);
}

TEST(Objectives, EveryConstraintAtOnce) {
  for_seeds(100'000, 10'000, [](Dice& dice) {
    Problem problem = random_problem(dice, {4, 3, 3, false});
    put_prices(dice, problem);
    constrain_everything(dice, problem);
    return expect_best(problem, 1 + dice.below(4));
  });
}

TEST(Objectives, HostsInAnyOrder) {
  for_seeds(200'000, 10'000, [](Dice& dice) {
    Problem problem = random_problem(dice, {4, 3, 3, false});
    put_prices(dice, problem);
    allow_any_order(dice, problem);
    if (dice.chance(50)) constrain_everything(dice, problem);
    return expect_best(problem, 1 + dice.below(4));
  });
}

TEST(Objectives, Throughput) {
  for_seeds(300'000, 10'000, [](Dice& dice) {
    Problem problem = random_problem(dice, {3, 3, 3, dice.chance(30)});
    put_prices(dice, problem);
    if (dice.chance(40)) put_under_load(dice, problem);
    if (dice.chance(30)) allow_any_order(dice, problem);
    problem.objective.minimize = {{{Criterion::kPeriod, 1}}};
    if (dice.chance(40)) problem.objective.minimize.push_back({{Criterion::kLatency, 1}});
    return expect_best(problem, 1 + dice.below(3));
  });
}

TEST(Objectives, WeightedAndOneAfterTheOther) {
  for_seeds(400'000, 4'000, [](Dice& dice) {
    Problem problem = random_problem(dice, {4, 3, 3, false});
    put_prices(dice, problem);
    if (dice.chance(30)) constrain_everything(dice, problem);
    if (dice.chance(30)) allow_any_order(dice, problem);
    choose_objective(dice, problem);
    return expect_best(problem, 1 + dice.below(4));
  });
}

TEST(Objectives, LongRankings) {
  for_seeds(500'000, 10'000, [](Dice& dice) {
    Problem problem = random_problem(dice, {5, 3, 3, dice.chance(50)});
    return expect_best(problem, 1 + dice.below(40));
  });
}

TEST(Objectives, ParetoFronts) {
  for_seeds(600'000, 10'000, [](Dice& dice) {
    Problem problem = random_problem(dice, {4, 3, 3, false});
    put_prices(dice, problem);
    if (dice.chance(30)) constrain_everything(dice, problem);
    if (dice.chance(20)) allow_any_order(dice, problem);
    std::vector<Criterion> criteria{Criterion::kLatency, Criterion::kEnergy, Criterion::kPrice,
                                    Criterion::kPeriod};
    while (criteria.size() > 3 || (criteria.size() > 2 && dice.chance(50))) {
      criteria.erase(criteria.begin() + dice.below(static_cast<int>(criteria.size())));
    }
    std::vector<PricedPlan> expected = front_of(all_plans(problem), criteria);
    std::vector<PlanCost> found = pareto_front(problem, criteria).plans;
    std::sort(found.begin(), found.end(),
              [](const PlanCost& a, const PlanCost& b) { return a.plan < b.plan; });
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.plan < b.plan; });
    EXPECT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
      EXPECT_EQ(text(problem, found[i].plan), text(problem, expected[i].plan));
    }
    return expected.size();
  });
}

TEST(Objectives, FrontsComeByTheFirstCriterion) {
  Problem problem = chain({10, 1});
  add_host(problem, "camera", 0, {5}).power.busy = Watts(1);
  add_host(problem, "edge", 1, {1}).power.busy = Watts(9);
  connect(problem, "camera", "edge", Seconds(1), BytesPerSecond(10));
  const std::vector<PlanCost> front = pareto_front(problem, {Criterion::kLatency, Criterion::kEnergy}).plans;
  ASSERT_EQ(front.size(), 2u);
  EXPECT_EQ(text(problem, front[0].plan), "edge:0-0");
  EXPECT_EQ(text(problem, front[1].plan), "camera:0-0");
}

}  // namespace
}  // namespace kerf
