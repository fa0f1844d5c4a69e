// Workers against queueing theory: what is simulated must agree with formulas that are known to be exact.
// Seeds are fixed; the mean over several seeds must have the formula's value in its 99 % confidence interval.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "sim/simulator.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

const Plan kOnDevice{{{0, 0, 0}}};

struct Moments {
  double first = 0;
  double second = 0;
};

// Of a slice's drawn times.
Moments moments(const ProblemHost& host) {
  constexpr int kPoints = 100'000;
  Moments sum;
  for (int i = 0; i < kPoints; ++i) {
    const double time = (host.costs->drawn(0, 0, (i + 0.5) / kPoints) * host.slowdown).value();
    sum.first += time / kPoints;
    sum.second += time * time / kPoints;
  }
  return sum;
}

// One device that computes everything itself, at a Poisson rate that keeps each of its workers busy for a
// share `load`.
ProblemText station(double load, std::vector<double> ratios, int workers = 1) {
  ProblemText text{
      .hosts = {{.name = "device", .blocks = {0.01}, .ratios = std::move(ratios), .workers = workers}}};
  text.workload.arrivals = Arrivals::kPoisson;
  text.workload.rate = PerSecond(load * workers / 0.01);
  text.workload.requests = 40'000;
  text.workload.warmup = 1'000;
  return text;
}

struct Result {
  double mean = 0;
  double half_width = 0;  // relative, 99 %
  double throughput = 0;
};

Result simulate(Problem problem, const Plan& plan) {
  constexpr int kSeeds = 6;
  constexpr double kStudentT = 4.032143;
  const auto numbers = in_child([&] {
    Simulator simulator(problem);
    std::vector<double> outcomes;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      problem.workload.seed = static_cast<std::uint64_t>(seed);
      const Outcome outcome = simulator.run(problem, plan);
      outcomes.push_back(outcome.mean.value());
      outcomes.push_back(outcome.throughput.value());
    }
    return outcomes;
  });
  Result result;
  double squares = 0;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    result.mean += numbers[i] / kSeeds;
    result.throughput += numbers[i + 1] / kSeeds;
  }
  for (std::size_t i = 0; i < numbers.size(); i += 2) squares += std::pow(numbers[i] - result.mean, 2);
  result.half_width = kStudentT * std::sqrt(squares / (kSeeds - 1) / kSeeds) / result.mean;
  return result;
}

void expect_agreement(const char* what, const Result& simulated, double theory) {
  std::printf("  %-32s theory %.6f s, simulated %.6f s (%+.2f %%), half width %.2f %%\n", what, theory,
              simulated.mean, 100 * (simulated.mean / theory - 1), 100 * simulated.half_width);
  EXPECT_LT(std::abs(simulated.mean / theory - 1), simulated.half_width) << what;
  EXPECT_LT(simulated.half_width, 0.08) << what;
}

// Pollaczek-Khinchine: W = rate * E[S^2] / 2 / (1 - load).
double sojourn_mg1(double rate, const Moments& service) {
  return service.first + rate * service.second / 2 / (1 - rate * service.first);
}

class SingleServer : public testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Loads, SingleServer, testing::Values(0.3, 0.6, 0.8));

TEST_P(SingleServer, PoissonAndExponentialAreMM1) {
  const Problem problem = make_problem(station(GetParam(), exponential_ratios(4000)));
  const Result simulated = simulate(problem, kOnDevice);
  const double rate = problem.workload.rate.value();
  expect_agreement("M/M/1", simulated, 0.01 / (1 - GetParam()));
  expect_agreement("M/G/1 with the grid's moments", simulated, sojourn_mg1(rate, moments(problem.hosts[0])));
  EXPECT_NEAR(simulated.throughput / rate, 1, 0.01);
}

TEST_P(SingleServer, PoissonAndConstantAreMD1) {
  const Problem problem = make_problem(station(GetParam(), {1.0}));
  expect_agreement("M/D/1", simulate(problem, kOnDevice),
                   sojourn_mg1(problem.workload.rate.value(), {0.01, 0.01 * 0.01}));
}

// One device's messages, all of a size, on a link of its own: 0.01 s each.
TEST_P(SingleServer, PoissonMessagesOnOneConnectionAreMD1) {
  ProblemText text{
      .hosts = {{.name = "device", .blocks = {1.0}}, {.name = "edge", .blocks = {1e-9}, .workers = 100}},
      .links = {{.name = "up", .bandwidth = 1e5}},
      .routes = {{"device-0", "edge-0", {"up"}}},
      .cut_bytes = {1000, 0}};
  text.workload.arrivals = Arrivals::kPoisson;
  text.workload.rate = PerSecond(GetParam() / 0.01);
  text.workload.requests = 20'000;
  text.workload.warmup = 1'000;
  text.workload.return_result = false;
  expect_agreement("M/D/1 on a connection", simulate(make_problem(text), Plan{{{1, 0, 0}}}),
                   sojourn_mg1(text.workload.rate.value(), {0.01, 0.01 * 0.01}));
}

// Two workers that take twice as long when both are busy get as much done as one: the number of requests
// there is that of M/M/1, and so is the mean time.
TEST_P(SingleServer, TwoWorkersThatShareOneProcessorAreMM1) {
  ProblemText text = station(GetParam(), exponential_ratios(4000), 2);
  text.hosts[0].contention = {2.0};
  text.workload.rate = PerSecond(GetParam() / 0.01);
  expect_agreement("M/M/2 on one processor", simulate(make_problem(text), kOnDevice),
                   0.01 / (1 - GetParam()));
}

// Erlang's C formula: the probability that all of c workers are busy.
double erlang_c(int workers, double offered) {
  double term = 1;
  double sum = 1;
  for (int k = 1; k < workers; ++k) sum += term *= offered / k;
  term *= offered / workers;
  const double all_busy = term / (1 - offered / workers);
  return all_busy / (sum + all_busy);
}

TEST_P(SingleServer, ThreeWorkersAreMMc) {
  const Problem problem = make_problem(station(GetParam(), exponential_ratios(4000), 3));
  const double wait = erlang_c(3, 3 * GetParam()) * 0.01 / 3 / (1 - GetParam());
  expect_agreement("M/M/3", simulate(problem, kOnDevice), 0.01 + wait);
}

// Two Poisson streams into one queue are one: the wait is that of M/G/1 with the mixture's moments.
TEST_P(SingleServer, OtherTenantsDelayAsTheMixtureSays) {
  ProblemText text = station(0.15, {1.0});
  text.hosts[0].utilization = GetParam() - 0.15;
  const Problem problem = make_problem(text);
  const double rate = problem.workload.rate.value();
  const double tenants = text.hosts[0].utilization / 0.01;
  const double wait = (rate * 0.01 * 0.01 + tenants * 2 * 0.01 * 0.01) / 2 / (1 - GetParam());
  expect_agreement("M/G/1 with other tenants", simulate(problem, kOnDevice), 0.01 + wait);
}

TEST(Tenants, AreThereWithoutJitterAndScaleWithSlowdownAndWorkers) {
  ProblemText text = station(0.2, {1.0}, 2);
  text.hosts[0].slowdown = 3;
  text.hosts[0].utilization = 0.4;
  text.workload.jitter = false;
  text.workload.rate = PerSecond(0.2 * 2 / 0.03);
  const Result simulated = simulate(make_problem(text), kOnDevice);
  // Between an M/D/2 and an M/M/2 at load 0.6.
  EXPECT_GT(simulated.mean, 0.03 + erlang_c(2, 1.2) * 0.03 / 2 / 0.4 / 2);
  EXPECT_LT(simulated.mean, 0.03 + erlang_c(2, 1.2) * 0.03 / 2 / 0.4 * 1.1);
}

TEST(Tenants, AreTheSameForPlansUnderComparison) {
  ProblemText text{.hosts = {{.name = "camera", .blocks = {0.01, 0.01}},
                             {.name = "edge", .blocks = {0.01, 0.01}, .utilization = 0.5}},
                   .links = {{.name = "up", .bandwidth = 1e6, .shared = false}},
                   .routes = {{"camera-0", "edge-0", {"up"}}, {"edge-0", "camera-0", {"up"}}}};
  text.workload.arrivals = Arrivals::kPeriodic;
  text.workload.rate = PerSecond(1);
  const Problem problem = make_problem(text);
  const auto p99 = in_child([&] {
    Simulator simulator(problem);
    const Outcome alone = simulator.run(problem, {{{0, 0, 1}}});
    const Outcome shared = simulator.run(problem, {{{0, 0, 0}, {1, 1, 1}}});
    const Outcome again = simulator.run(problem, {{{0, 0, 0}, {1, 1, 1}}});
    return std::vector{alone.max.value(), shared.p99.value(), again.p99.value()};
  });
  EXPECT_DOUBLE_EQ(p99.at(0), 0.02);  // no tenants on the camera
  EXPECT_GT(p99.at(1), 0.03);
  EXPECT_NEAR(p99.at(1), p99.at(2), 1e-9);
}

// A pipeline of devices and one edge, with more in flight than the bottleneck can take.
TEST(ClosedLoop, ThroughputIsThatOfTheBottleneck) {
  ProblemText text{.hosts = {{.name = "camera", .count = 3, .blocks = {0.004, 0.004}},
                             {.name = "edge", .blocks = {0.005, 0.005}}},
                   .links = {{.name = "up", .bandwidth = 1e6, .delay = 0.001}},
                   .routes = {}};
  for (const char* camera : {"camera-0", "camera-1", "camera-2"}) {
    text.routes.push_back({camera, "edge-0", {"up"}});
    text.routes.push_back({"edge-0", camera, {"up"}});
  }
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.in_flight = 4;
  text.workload.requests = 2000;
  text.workload.warmup = 20;
  const Problem problem = make_problem(text);
  const Result simulated = simulate(problem, {{{0, 0, 0}, {1, 1, 1}}});
  EXPECT_NEAR(simulated.throughput, 1 / 0.005, 0.01 / 0.005);
  // Little's law: twelve requests in the system.
  EXPECT_NEAR(simulated.throughput * simulated.mean, 12, 0.15);
}

TEST(ClosedLoop, ALinkCanBeTheBottleneck) {
  ProblemText text{.hosts = {{.name = "camera", .blocks = {0.001}}, {.name = "edge", .blocks = {0.001}}},
                   .links = {{.name = "up", .bandwidth = 1e5}, {.name = "down", .bandwidth = 1e9}},
                   .routes = {{"camera-0", "edge-0", {"up"}}, {"edge-0", "camera-0", {"down"}}},
                   .wire_bytes = 1000};
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.in_flight = 3;
  text.workload.requests = 3000;
  const Result simulated = simulate(make_problem(text), {{{1, 0, 0}}});
  EXPECT_NEAR(simulated.throughput, 100, 0.5);
}

TEST(SingleArrivals, OnlyDeviceZeroSendsOneAtATime) {
  ProblemText text{.hosts = {{.name = "camera", .count = 3, .blocks = {0.5}}}, .workload = one_by_one(4)};
  text.workload.warmup = 1;
  const Problem problem = make_problem(text);
  const auto dates = in_child([&] {
    std::vector<RequestRecord> records;
    const Outcome outcome = Simulator(problem).run(problem, kOnDevice, &records);
    std::vector<double> numbers{static_cast<double>(outcome.requests), outcome.throughput.value()};
    for (const RequestRecord& record : records) {
      numbers.push_back(record.arrived.value());
      numbers.push_back(record.counts ? 1 : 0);
    }
    return numbers;
  });
  EXPECT_EQ(dates, (std::vector<double>{4, 2, 0, 0, 0.5, 1, 1, 1, 1.5, 1, 2, 1}));
}

TEST(Workers, ServeFirstComeFirstServed) {
  ProblemText text{
      .hosts = {{.name = "camera", .count = 4, .blocks = {1.0}}, {.name = "edge", .blocks = {1.0}}}};
  for (const int camera : {2, 0, 3, 1}) {  // the order in which they reach the edge
    const std::string number = std::to_string(camera);
    text.links.push_back(
        {.name = "up-" + number, .bandwidth = 1e12, .delay = 0.1 * static_cast<double>(text.links.size())});
    text.routes.push_back({"camera-" + number, "edge-0", {"up-" + number}});
  }
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.requests = 1;
  text.workload.jitter = false;
  text.workload.return_result = false;
  const Problem problem = make_problem(text);
  const auto answers = in_child([&] {
    std::vector<RequestRecord> records;
    static_cast<void>(Simulator(problem).run(problem, {{{1, 0, 0}}}, &records));
    std::vector<double> numbers;
    for (const RequestRecord& record : records) numbers.push_back(std::round(record.answered.value()));
    return numbers;
  });
  EXPECT_EQ(answers, (std::vector<double>{2, 4, 1, 3}));
}

}  // namespace
}  // namespace kerf::test
