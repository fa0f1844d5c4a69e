// The search against every plan there is, on thousands of small random problems.

#include "tests/search/brute_force.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"
#include "tests/search/random_problem.hpp"

namespace kerf {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

void expect_same(const Problem& problem, const std::vector<PlanCost>& found, std::vector<PricedPlan> expected,
                 int top) {
  expected.resize(std::min(expected.size(), static_cast<std::size_t>(top)));
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(text(problem, found[i].plan), text(problem, expected[i].plan)) << "place " << i;
    EXPECT_EQ(found[i].latency.value(), expected[i].latency) << "place " << i;
  }
}

// Every answer of the search on one problem; returns how many plans are feasible.
std::size_t check(Dice& dice, const Problem& problem) {
  const std::vector<PricedPlan> all = all_plans(problem);
  const int top = 1 + dice.below(7);
  const SearchResult best = best_plans(problem, {.top = top});
  expect_same(problem, best.plans, all, top);
  EXPECT_EQ(best.infeasible_because.empty(), !all.empty());
  expect_same(problem, best_plans(problem, {.top = top, .one_per_host_sequence = true}).plans,
              first_of_each_host_sequence(all), top);

  std::vector<PricedPlan> one_host;
  for (const PricedPlan& priced : all) {
    if (priced.plan.stages.size() == 1) one_host.push_back(priced);
    EXPECT_EQ(violation(problem, priced.plan), "");
  }
  std::sort(one_host.begin(), one_host.end(), [](const auto& a, const auto& b) { return a.plan < b.plan; });
  expect_same(problem, one_host_plans(problem), one_host, static_cast<int>(one_host.size()));
  EXPECT_GE(candidates(problem, top).size(), std::min(all.size(), static_cast<std::size_t>(top)));
  return all.size();
}

TEST(BruteForce, AgreesWithoutConstraints) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    static_cast<void>(check(dice, random_problem(dice, {5, 4, 3, false})));
    if (HasFailure()) return;
  }
}

TEST(BruteForce, AgreesWithConstraints) {
  int infeasible = 0;
  for (std::uint64_t seed = 10000; seed < 16000; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    if (check(dice, random_problem(dice, {5, 4, 4, true})) == 0) ++infeasible;
    if (HasFailure()) return;
  }
  EXPECT_GT(infeasible, 500);
  EXPECT_LT(infeasible, 4000);
}

TEST(BruteForce, AgreesOnLongerChains) {
  for (std::uint64_t seed = 20000; seed < 20060; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    static_cast<void>(check(dice, random_problem(dice, {9, 3, 3, seed % 2 == 0})));
    if (HasFailure()) return;
  }
}

// Windows that slide over many blocks, and more ways to a state than are listed at once.
TEST(BruteForce, AgreesOnChainsOfThirtyBlocks) {
  for (std::uint64_t seed = 60000; seed < 61000; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const Problem problem = random_problem(dice, {30, 3, 3, seed % 2 == 0});
    const std::vector<PricedPlan> all = all_forward_plans(problem);
    for (const int top : {1, 1 + dice.below(40)}) {
      expect_same(problem, best_plans(problem, {.top = top}).plans, all, top);
      expect_same(problem, best_plans(problem, {.top = top, .one_per_host_sequence = true}).plans,
                  first_of_each_host_sequence(all), top);
    }
    if (HasFailure()) return;
  }
}

TEST(BruteForce, AgreesOnChainsOfThirtyBlocksUnderEveryConstraint) {
  std::size_t feasible = 0;
  for (std::uint64_t seed = 70000; seed < 71000; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    Problem problem = random_problem(dice, {30, 3, 3, false});
    put_prices(dice, problem);
    constrain_everything(dice, problem);
    if (problem.deadline) problem.deadline = *problem.deadline * 4;
    if (problem.energy) problem.energy = *problem.energy * 4;
    const std::vector<PricedPlan> all = all_forward_plans(problem);
    const int top = 1 + dice.below(8);
    expect_same(problem, best_plans(problem, {.top = top}).plans, all, top);
    feasible += all.empty() ? 0 : 1;
    if (HasFailure()) return;
  }
  EXPECT_GT(feasible, 300U);
}

// A few decimal numbers make sums that are equal but for rounding, in any order of adding: the costs are
// those of cost_of() to the last bit, and the k least of them. Which of two plans comes where rounding alone
// made them equal may differ.
TEST(BruteForce, CostsAreTheLeastWhereSumsTieButForRounding) {
  const auto expect_costs = [](const std::vector<PlanCost>& found, const std::vector<PricedPlan>& expected,
                               int top) {
    ASSERT_EQ(found.size(), std::min(expected.size(), static_cast<std::size_t>(top)));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].latency.value(), expected[i].latency) << "place " << i;
      if (i > 0 && found[i - 1].latency == found[i].latency) {
        EXPECT_LT(found[i - 1].plan, found[i].plan);
      }
    }
  };
  for (std::uint64_t seed = 80000; seed < 83000; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const Problem problem = decimal_problem(dice, 12, 4);
    const std::vector<PricedPlan> all = all_forward_plans(problem);
    for (const int top : {1, 1 + dice.below(9)}) {
      expect_costs(best_plans(problem, {.top = top}).plans, all, top);
      expect_costs(best_plans(problem, {.top = top, .one_per_host_sequence = true}).plans,
                   first_of_each_host_sequence(all), top);
    }
    if (HasFailure()) return;
  }
}

TEST(BruteForce, AgreesOnManyHostsOfFewRanks) {
  for (std::uint64_t seed = 30000; seed < 30300; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    static_cast<void>(check(dice, random_problem(dice, {4, 8, 3, seed % 2 == 0})));
    if (HasFailure()) return;
  }
}

TEST(BruteForce, AgreesOnStablePlans) {
  std::size_t stable = 0;
  std::size_t feasible = 0;
  for (std::uint64_t seed = 40000; seed < 41500; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    Problem problem = random_problem(dice, {4, 4, 3, seed % 2 == 0});
    put_under_load(dice, problem);
    const std::vector<PricedPlan> all = all_plans(problem, 1);
    const int top = 1 + dice.below(5);
    expect_same(problem, best_plans(problem, {.top = top, .stable_only = true}).plans, all, top);
    stable += all.size();
    feasible += all_plans(problem).size();
    if (HasFailure()) return;
  }
  EXPECT_GT(stable, feasible / 10);
  EXPECT_LT(stable, feasible * 9 / 10);
}

// On whichever route.
TEST(BruteForce, MoreBandwidthNeverCostsMore) {
  for (std::uint64_t seed = 50000; seed < 50300; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    Problem problem = random_problem(dice, {8, 4, 3, true});
    const SearchResult before = best_plans(problem, {.top = 1});
    auto& path = problem.paths[static_cast<std::size_t>(dice.below(static_cast<int>(problem.paths.size())))];
    if (path) path->bandwidth = path->bandwidth * (1 + dice.number(false, 5)) + BytesPerSecond(0.1);
    const SearchResult after = best_plans(problem, {.top = 1});
    if (before.plans.empty()) continue;
    ASSERT_FALSE(after.plans.empty());
    EXPECT_LE(after.plans[0].latency, before.plans[0].latency);
  }
}

}  // namespace
}  // namespace kerf
