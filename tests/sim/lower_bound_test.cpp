// A request's unloaded time is never above what the simulation says, and neither are the statistics of all of
// them.

#include <gtest/gtest.h>

#include <random>

#include "sim/simulator.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

std::vector<double> statistics(const Outcome& outcome) {
  return {outcome.mean.value(), outcome.p50.value(),    outcome.p95.value(),       outcome.p99.value(),
          outcome.max.value(),  outcome.energy.value(), outcome.bytes_sent.value()};
}

// Cameras on one uplink to one or two edges and a cloud, at a load between none and too much.
Problem random_problem(std::mt19937& dice) {
  const auto pick = [&](int low, int high) {
    return low + static_cast<int>(dice() % static_cast<unsigned>(high - low + 1));
  };
  const auto real = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(dice()) * 0x1p-32;
  };
  const int cameras = pick(1, 9);
  const int edges = pick(1, 2);
  ProblemText text{
      .hosts = {{.name = "camera",
                 .count = cameras,
                 .blocks = {0.02, 0.01, 0.04},
                 .ratios = {0.9, 1.0, 1.7},
                 .busy_watts = 5,
                 .send_watts = 1},
                {.name = "edge",
                 .count = edges,
                 .blocks = {0.004, 0.002, 0.008},
                 .ratios = {1.0, 1.1},
                 .workers = pick(1, 2),
                 .busy_watts = 50},
                {.name = "cloud", .blocks = {0.001, 0.001, 0.001}, .ratios = {1.0, 3.0}}},
      .links =
          {{.name = "up", .bandwidth = real(1e6, 2e7), .delay = real(0, 0.03), .overhead = 1e-4},
           {.name = "down", .bandwidth = real(1e6, 2e7), .delay = real(0, 0.03)},
           {.name = "wan", .bandwidth = real(1e6, 2e7), .delay = real(0, 0.05), .shared = pick(0, 1) == 0}},
      .cut_bytes = {150e3, 80e3, 20e3, 500},
      .wire_bytes = 120e3,
      .decode = 0.003};
  for (int c = 0; c < cameras; ++c) {
    const std::string camera = "camera-" + std::to_string(c);
    for (int e = 0; e < edges; ++e) {
      text.routes.push_back({camera, "edge-" + std::to_string(e), {"up"}});
      text.routes.push_back({"edge-" + std::to_string(e), camera, {"down"}});
    }
    text.routes.push_back({camera, "cloud-0", {"up", "wan"}});
    text.routes.push_back({"cloud-0", camera, {"wan", "down"}});
  }
  for (int e = 0; e < edges; ++e) text.routes.push_back({"edge-" + std::to_string(e), "cloud-0", {"wan"}});
  if (pick(0, 2) == 0) text.hosts[1].utilization = real(0, 0.7);
  const Arrivals arrivals[] = {Arrivals::kClosed, Arrivals::kPeriodic, Arrivals::kPoisson};
  text.workload.arrivals = arrivals[pick(0, 2)];
  text.workload.rate = PerSecond(real(0.5, 12));
  text.workload.in_flight = pick(1, 4);
  text.workload.requests = pick(20, 60);
  text.workload.warmup = pick(0, 5);
  text.workload.seed = dice();
  text.workload.jitter = pick(0, 4) > 0;
  text.workload.return_result = pick(0, 3) > 0;
  return make_problem(text);
}

const Plan kPlans[] = {{{{0, 0, 2}}},
                       {{{1, 0, 2}}},
                       {{{2, 0, 2}}},
                       {{{0, 0, 0}, {1, 1, 2}}},
                       {{{0, 0, 1}, {2, 2, 2}}},
                       {{{0, 0, 0}, {1, 1, 1}, {2, 2, 2}}}};

TEST(LowerBound, HoldsToTheLastBitUnderRandomLoads) {
  std::mt19937 dice(5);
  int loaded = 0;
  for (int i = 0; i < 300; ++i) {
    const Problem problem = random_problem(dice);
    const Plan& plan = kPlans[i % 6];
    const std::vector<double> bound = statistics(lower_bound(problem, plan));
    const std::vector<double> simulated =
        in_child([&] { return statistics(Simulator(problem).run(problem, plan)); });
    for (std::size_t k = 0; k + 1 < bound.size(); ++k) {
      // Energy alone is summed in another order.
      ASSERT_LE(bound[k], simulated[k] * (k == 5 ? 1 + 1e-12 : 1)) << "case " << i << ", statistic " << k;
    }
    ASSERT_EQ(bound.back(), simulated.back()) << "case " << i;
    loaded += simulated[0] > 1.2 * bound[0] ? 1 : 0;
  }
  EXPECT_GT(loaded, 80) << "too few cases queue for this to say much";
}

TEST(LowerBound, IsReachedWhereNothingQueues) {
  std::mt19937 dice(6);
  for (int i = 0; i < 60; ++i) {
    Problem problem = random_problem(dice);
    problem.workload.arrivals = Arrivals::kSingle;
    for (ProblemHost& host : problem.hosts) host.utilization = 0;
    const Plan& plan = kPlans[i % 6];
    const std::vector<double> bound = statistics(lower_bound(problem, plan));
    const std::vector<double> simulated =
        in_child([&] { return statistics(Simulator(problem).run(problem, plan)); });
    for (std::size_t k = 0; k < 5; ++k)
      ASSERT_EQ(bound[k], simulated[k]) << "case " << i << ", statistic " << k;
  }
}

TEST(LowerBound, CountsWhatCounts) {
  ProblemText text{.hosts = {{.name = "camera", .count = 3, .blocks = {1.0}, .ratios = {1.0, 2.0}}}};
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.requests = 7;
  text.workload.warmup = 2;
  Problem problem = make_problem(text);
  EXPECT_EQ(lower_bound(problem, {{{0, 0, 0}}}).requests, 21);
  problem.workload.arrivals = Arrivals::kSingle;
  EXPECT_EQ(lower_bound(problem, {{{0, 0, 0}}}).requests, 7);
}

TEST(LowerBound, PlansMeetTheSameLuckOnTheSameHost) {
  ProblemText text{.hosts = {{.name = "camera", .blocks = {1.0, 1.0, 1.0}, .ratios = {1.0, 2.0, 5.0}}}};
  text.hosts.push_back(text.hosts[0]);
  text.hosts[1].name = "edge";
  text.hosts[1].blocks = {0, 0, 0};
  text.links = {{.name = "up", .bandwidth = 1e30, .shared = false}};
  text.routes = {{"camera-0", "edge-0", {"up"}}, {"edge-0", "camera-0", {"up"}}};
  const Problem problem = make_problem(text);
  const Outcome two = lower_bound(problem, {{{0, 0, 1}, {1, 2, 2}}});
  const Outcome one = lower_bound(problem, {{{0, 0, 0}, {1, 1, 2}}});
  EXPECT_NEAR(two.mean.value(), 2 * one.mean.value(), 1e-12);
  EXPECT_NEAR(two.p95.value(), 2 * one.p95.value(), 1e-12);
}

}  // namespace
}  // namespace kerf::test
