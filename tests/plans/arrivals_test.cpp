#include "planner/plans/arrivals.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/error.hpp"

namespace kerf::test {
namespace {

constexpr int kCameras = 5;

Workload at_rate(Arrivals arrivals, double rate) {
  Workload workload;
  workload.arrivals = arrivals;
  workload.rate = PerSecond(rate);
  return workload;
}

TEST(Arrivals, PeriodicOnesKeepTheirPeriodFromAPhaseOfTheirOwn) {
  const ArrivalProcess arrivals(at_rate(Arrivals::kPeriodic, 4), kCameras);
  std::set<double> phases;
  for (int device = 0; device < arrivals.devices(); ++device) {
    const Seconds phase = arrivals.gap(device, 0);
    EXPECT_GE(phase, Seconds(0));
    EXPECT_LT(phase, Seconds(0.25));
    phases.insert(phase.value());
    EXPECT_EQ(arrivals.gap(device, 1), Seconds(0.25));
    EXPECT_EQ(arrivals.gap(device, 77), Seconds(0.25));
  }
  EXPECT_EQ(phases.size(), 5u);
}

TEST(Arrivals, PoissonGapsAreExponential) {
  const ArrivalProcess arrivals(at_rate(Arrivals::kPoisson, 4), kCameras);
  constexpr int kDraws = 50'000;
  double sum = 0;
  double squares = 0;
  for (int request = 0; request < kDraws; ++request) {
    const double gap = arrivals.gap(2, request).value();
    sum += gap / kDraws;
    squares += gap * gap / kDraws;
  }
  EXPECT_NEAR(sum, 0.25, 0.005);
  EXPECT_NEAR(squares, 2 * 0.25 * 0.25, 0.005);
}

TEST(Arrivals, DependOnTheSeedAndTheDevice) {
  Workload workload = at_rate(Arrivals::kPoisson, 4);
  const ArrivalProcess arrivals(workload, kCameras);
  EXPECT_NE(arrivals.gap(0, 0), arrivals.gap(1, 0));
  EXPECT_EQ(arrivals.gap(0, 0), ArrivalProcess(workload, kCameras).gap(0, 0));
  EXPECT_EQ(arrivals.gap(0, 0), ArrivalProcess(workload, 1).gap(0, 0));
  workload.seed = 2;
  EXPECT_NE(arrivals.gap(0, 0), ArrivalProcess(workload, kCameras).gap(0, 0));
}

void expect_refused(const Workload& workload, const char* key) {
  try {
    const ArrivalProcess arrivals(workload, kCameras);
    FAIL() << key;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_EQ(error.where(), key);
  }
}

TEST(Arrivals, WorkloadsThatCannotBePlayedAreRefusedByTheirKey) {
  expect_refused(at_rate(Arrivals::kPoisson, 0), "workload.rate");
  expect_refused(at_rate(Arrivals::kPeriodic, 0), "workload.rate");
  Workload workload;
  workload.requests = 0;
  expect_refused(workload, "workload.requests");
  workload = {};
  workload.warmup = -1;
  expect_refused(workload, "workload.warmup");
  workload = {};
  workload.arrivals = Arrivals::kClosed;
  workload.in_flight = 0;
  expect_refused(workload, "workload.in_flight");
}

}  // namespace
}  // namespace kerf::test
