// Runs that slow each other down, against calculations by hand.

#include <gtest/gtest.h>

#include "sim/simulator.hpp"
#include "sim/station.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

TEST(SharedProcessor, GivesEachJobItsShareOfTheTime) {
  const std::vector<double> slowdown{1, 2};
  SharedProcessor processor;
  processor.begin({.request = 0, .ready = 0, .service = Seconds(1), .slowdown = &slowdown}, 0);
  EXPECT_DOUBLE_EQ(processor.next_end(), 1);
  processor.begin({.request = 1, .ready = 0.5, .service = Seconds(1), .slowdown = &slowdown}, 0.5);
  EXPECT_DOUBLE_EQ(processor.next_end(), 1.5);  // half a second is left of the first, at half speed
  const auto first = processor.end(1.5);
  EXPECT_EQ(first.job.request, 0);
  EXPECT_FALSE(first.alone);
  EXPECT_DOUBLE_EQ(processor.next_end(), 2);  // half a second is left of the second, at full speed
  EXPECT_EQ(processor.end(2).job.request, 1);
  EXPECT_EQ(processor.next_end(), std::numeric_limits<double>::infinity());
}

TEST(SharedProcessor, AJobByItselfIsAlone) {
  const std::vector<double> slowdown{1, 2};
  SharedProcessor processor;
  processor.begin({.request = 0, .ready = 0, .service = Seconds(1), .slowdown = &slowdown}, 3);
  EXPECT_TRUE(processor.end(4).alone);
}

// Two cameras ask the same edge at the same time; nothing but the edge takes time.
ProblemText two_cameras(int workers, std::vector<double> contention) {
  ProblemText text{.hosts = {{.name = "camera", .count = 2, .blocks = {100.0, 100.0}},
                             {.name = "edge", .blocks = {0.25, 0.75}, .workers = workers}},
                   .links = {{.name = "net", .bandwidth = 1e30}},
                   .routes = {{"camera-0", "edge-0", {"net"}}, {"camera-1", "edge-0", {"net"}}}};
  text.hosts[1].contention = std::move(contention);
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.in_flight = 1;
  text.workload.requests = 1;
  text.workload.return_result = false;
  return text;
}

const Plan kOnEdge{{{1, 0, 1}}};

double mean_latency(const ProblemText& text) {
  return in_child([&] {
    const Problem problem = make_problem(text);
    Simulator simulator(problem);
    return std::vector<double>{simulator.run(problem, kOnEdge).mean.value()};
  })[0];
}

TEST(Contention, WorkersThatDoNotDisturbEachOtherTakeAsLongAsOne) {
  EXPECT_NEAR(mean_latency(two_cameras(2, {})), 1, 1e-9);
  EXPECT_NEAR(mean_latency(two_cameras(2, {1.0})), 1, 1e-9);
}

TEST(Contention, TwoRunsAtOnceTakeAsLongAsMeasuredForTwoSessions) {
  EXPECT_NEAR(mean_latency(two_cameras(2, {1.6})), 1.6, 1e-9);
}

TEST(Contention, OneWorkerIsNeverDisturbed) {
  EXPECT_NEAR(mean_latency(two_cameras(1, {1.6})), 1.5, 1e-9);  // 1 s and 2 s
}

TEST(Contention, BeyondWhatWasMeasuredNothingMoreIsGained) {
  ProblemText text = two_cameras(4, {1.6});
  text.hosts[0].count = 4;
  text.routes.push_back({"camera-2", "edge-0", {"net"}});
  text.routes.push_back({"camera-3", "edge-0", {"net"}});
  EXPECT_NEAR(mean_latency(text), 1.6 * 4 / 2, 1e-9);
}

TEST(Contention, IsNeverBelowTheLowerBound) {
  ProblemText text = two_cameras(2, {1.4});
  text.hosts[1].ratios = {0.8, 1.0, 1.7};
  text.workload.requests = 200;
  const Problem problem = make_problem(text);
  const Outcome bound = lower_bound(problem, kOnEdge);
  const std::vector<double> simulated = in_child([&] {
    Simulator simulator(problem);
    const Outcome outcome = simulator.run(problem, kOnEdge);
    return std::vector<double>{outcome.mean.value(), outcome.p95.value(), outcome.energy.value()};
  });
  EXPECT_GE(simulated[0], bound.mean.value());
  EXPECT_GE(simulated[1], bound.p95.value());
  EXPECT_GE(simulated[2], bound.energy.value());
}

}  // namespace
}  // namespace kerf::test
