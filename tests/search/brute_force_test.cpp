// The search against every plan there is, on thousands of small random problems.

#include "tests/search/brute_force.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace kerf {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  // Whole numbers give many ties and exact sums, fractions none.
  double number(bool whole, int most) {
    return whole ? 1 + below(most) : most * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }

 private:
  std::mt19937_64 engine_;
};

std::vector<bool> random_mask(Dice& dice, int blocks) {
  std::vector<bool> mask(static_cast<std::size_t>(blocks));
  if (dice.chance(15)) mask[static_cast<std::size_t>(dice.below(blocks))] = true;
  return mask;
}

void constrain(Dice& dice, const Problem& problem, ProblemHost& host) {
  host.must_run = random_mask(dice, problem.blocks);
  host.must_not_run = random_mask(dice, problem.blocks);
  if (dice.chance(12)) host.used = dice.chance(60);
  if (dice.chance(20)) host.upload = Bytes(1 + dice.below(30));
  if (dice.chance(20)) host.memory = Bytes(4 + dice.below(20));
}

struct Shape {
  int most_blocks, most_hosts, ranks;
  bool constrained;
};

Problem random_problem(Dice& dice, const Shape& shape) {
  const bool whole = dice.chance(50);
  const int blocks = 1 + dice.below(shape.most_blocks);
  const int hosts = 1 + dice.below(shape.most_hosts);
  std::vector<double> cuts;
  for (int cut = 0; cut <= blocks; ++cut) cuts.push_back(1 + dice.below(20));
  Problem p = chain(cuts);
  p.wire_bytes = Bytes(1 + dice.below(20));
  p.decode = Seconds(dice.below(3));
  p.workload.return_result = dice.chance(70);
  for (int h = 0; h < hosts; ++h) {
    std::vector<ProfileBlock> sizes(static_cast<std::size_t>(blocks));
    for (ProfileBlock& block : sizes) {
      block.weights = Bytes(1 + dice.below(5));
      block.activations = Bytes(1 + dice.below(5));
    }
    ProblemHost& host = add_host(
        p, numbered("h", static_cast<std::size_t>(h)), dice.below(shape.ranks),
        [&](int first, int last) { return dice.number(whole, 10 * (last - first + 1)); }, sizes);
    host.slowdown = dice.chance(30) ? 2 : 1;
    if (shape.constrained) constrain(dice, p, host);
  }
  p.source = dice.below(hosts);
  for (int from = 0; from < hosts; ++from) {
    for (int to = 0; to < hosts; ++to) {
      if (from == to || dice.chance(10)) continue;
      const double bandwidth = dice.chance(4) ? 0 : whole ? 1 << dice.below(4) : dice.number(false, 8);
      connect_one_way(p, numbered("h", static_cast<std::size_t>(from)),
                      numbered("h", static_cast<std::size_t>(to)), Seconds(dice.number(whole, 4)),
                      BytesPerSecond(bandwidth), Seconds(dice.below(2)));
    }
  }
  return p;
}

// Random instances, workers and a random net of shared and unshared links that routes cross at random.
void put_under_load(Dice& dice, Problem& p) {
  std::vector<PlatformHost> hosts;
  for (ProblemHost& host : p.hosts) {
    host.instances.clear();
    for (int i = 1 + dice.below(3); i > 0; --i) {
      host.instances.push_back(static_cast<HostId>(hosts.size()));
      hosts.push_back({numbered("p", hosts.size()), 1e9, 1});
    }
    host.workers = 1 + dice.below(2);
    host.utilization = dice.chance(30) ? 0.25 : 0;
  }
  std::vector<Link> links;
  for (int l = 0; l < 4; ++l) {
    const std::string name = numbered("l", links.size());
    const BytesPerSecond bandwidth(1 + dice.below(8));
    const bool shared = dice.chance(75);
    links.push_back({name, name, Direction::kBoth, bandwidth, Seconds{}, shared});
    p.links.push_back({name, bandwidth, Seconds{}, Seconds{}, shared});
  }
  std::vector<std::optional<std::vector<LinkId>>> routes;
  for (std::size_t from = 0; from < hosts.size(); ++from) {
    for (std::size_t to = 0; to < hosts.size(); ++to) {
      std::vector<LinkId> route;
      for (LinkId l = 0; l < 4; ++l) {
        if (from != to && dice.chance(35)) route.push_back(l);
      }
      routes.emplace_back(std::move(route));
    }
  }
  p.platform = std::make_shared<const Platform>("random.xml", "", std::move(hosts), std::move(links),
                                                std::move(routes));
  p.workload.arrivals = dice.chance(50) ? Arrivals::kPoisson : Arrivals::kPeriodic;
  p.workload.rate = PerSecond((1 + dice.below(10)) / 64.0);
}

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
