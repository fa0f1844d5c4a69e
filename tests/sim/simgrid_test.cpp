// One test for each of SimGrid 3.32's traps: what once went wrong, or would with another setting.

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "base/error.hpp"
#include "sim/simulator.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

const Plan kAllOnEdge{{{1, 0, 1}}};
const Plan kSplit{{{0, 0, 0}, {1, 1, 1}}};

ProblemText cameras(int count) {
  ProblemText text{
      .hosts = {{.name = "camera", .count = count, .blocks = {0.02, 0.03}, .ratios = {0.9, 1.0, 1.3}},
                {.name = "edge",
                 .blocks = {0.002, 0.003},
                 .ratios = {0.9, 1.0, 1.2},
                 .workers = 2,
                 .utilization = 0.2}},
      .links = {{.name = "up", .bandwidth = 2e6, .delay = 0.01},
                {.name = "down", .bandwidth = 1e7, .delay = 0.01}},
      .cut_bytes = {150e3, 60e3, 1e3},
      .wire_bytes = 100e3};
  for (int i = 0; i < count; ++i) {
    const std::string name = "camera-" + std::to_string(i);
    text.routes.push_back({name, "edge-0", {"up"}});
    text.routes.push_back({"edge-0", name, {"down"}});
  }
  text.workload.arrivals = Arrivals::kPoisson;
  text.workload.rate = PerSecond(2.5);
  text.workload.requests = 60;
  return text;
}

std::vector<double> statistics(const Outcome& outcome) {
  return {outcome.mean.value(), outcome.p50.value(),     outcome.p95.value(),        outcome.p99.value(),
          outcome.max.value(),  outcome.mean_half_width, outcome.throughput.value(), outcome.energy.value()};
}

// The default model multiplies latencies by 13.01.
TEST(SimGrid, SixtyMillisecondsTakeSixtyMilliseconds) {
  ProblemText text{.hosts = {{.name = "a", .blocks = {0}}, {.name = "b", .blocks = {0}}},
                   .links = {{.name = "up", .bandwidth = 2.5e6, .delay = 0.02}},
                   .routes = {{"a-0", "b-0", {"up"}}},
                   .wire_bytes = 100e3,
                   .workload = one_by_one()};
  text.workload.return_result = false;
  const Problem problem = make_problem(text);
  const auto mean = in_child([&] {
    return std::vector{Simulator(problem).run(problem, {{{1, 0, 0}}}).mean.value()};
  });
  EXPECT_NEAR(mean.at(0), 0.06, 1e-12);
}

// Flows vanished when a link's latency changed under them; ours have none, and delays may change between
// runs.
TEST(SimGrid, DelaysChangeBetweenRunsWithoutLosingRequests) {
  const Problem problem = make_problem(cameras(6));
  Problem far = problem;
  for (ProblemLink& link : far.links) link.delay = Seconds(0.3);
  const auto counts = in_child([&] {
    Simulator simulator(problem);
    std::vector<double> numbers;
    for (const Problem* each : std::vector<const Problem*>{&problem, &far, &problem, &far}) {
      const Outcome outcome = simulator.run(*each, kAllOnEdge);
      numbers.push_back(outcome.requests);
      numbers.push_back(outcome.mean.value());
    }
    return numbers;
  });
  for (const std::size_t run : {0, 1, 2, 3}) EXPECT_EQ(counts.at(2 * run), 360);
  EXPECT_GT(counts.at(3), counts.at(1) + 0.5);
}

TEST(SimGrid, ASecondSimulatorInOneProcessIsAnError) {
  const Problem problem = make_problem(cameras(1));
  const auto answer = in_child([&] {
    const Simulator first(problem);
    try {
      const Simulator second(problem);
    } catch (const Error& error) {
      const std::string text = error.what();
      return std::vector{static_cast<double>(error.exit_code()),
                         text.find("one Simulator per process") == std::string::npos ? 0.0 : 1.0};
    }
    return std::vector<double>{};
  });
  EXPECT_EQ(answer, (std::vector<double>{39, 1}));
}

TEST(SimGrid, ASimulatorAfterAnotherIsGoneIsAnErrorToo) {
  const Problem problem = make_problem(cameras(1));
  EXPECT_THROW(static_cast<void>(in_child([&] {
                 { const Simulator first(problem); }
                 const Simulator second(problem);
                 return std::vector<double>{};
               })),
               std::runtime_error);
}

TEST(SimGrid, AProblemOnAnotherPlatformIsAnError) {
  const Problem problem = make_problem(cameras(2));
  Problem other = make_problem(cameras(3));
  other.platform =
      std::make_shared<Platform>("other.xml", "other", std::vector<PlatformHost>{}, std::vector<Link>{},
                                 std::vector<std::optional<std::vector<LinkId>>>{});
  try {
    static_cast<void>(in_child([&] { return statistics(Simulator(problem).run(other, kSplit)); }));
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("other.xml"), std::string::npos) << error.what();
  }
}

// The clock's value shows in the low bits of results; children of one fresh engine all start from the same.
TEST(SimGrid, ForksGiveTheSameBitsWhateverTheirSiblingsDid) {
  const Problem problem = make_problem(cameras(8));
  Problem other = problem;
  other.workload.rate = PerSecond(7);
  other.links[0].bandwidth = BytesPerSecond(3.3e6);
  const auto all = in_child([&] {
    Simulator simulator(problem);
    const auto once = [&](const Problem& which, const Plan& plan) {
      return in_child([&] { return statistics(simulator.run(which, plan)); });
    };
    const std::vector<double> first = once(problem, kSplit);
    double equal = 0;
    for (int i = 0; i < 12; ++i) {
      static_cast<void>(once(other, i % 2 == 0 ? kSplit : kAllOnEdge));
      equal += once(problem, kSplit) == first ? 1 : 0;
    }
    return std::vector{equal, first.at(0)};
  });
  EXPECT_EQ(all.at(0), 12);
  // And in another engine of another process.
  EXPECT_EQ(in_child([&] { return statistics(Simulator(problem).run(problem, kSplit)); }).at(0), all.at(1));
}

TEST(SimGrid, RunsInOneProcessAgreeUpToRounding) {
  const Problem problem = make_problem(cameras(8));
  const auto means = in_child([&] {
    Simulator simulator(problem);
    std::vector<double> numbers;
    for (int i = 0; i < 10; ++i) numbers.push_back(simulator.run(problem, kSplit).mean.value());
    return numbers;
  });
  for (const double mean : means) EXPECT_NEAR(mean / means.front(), 1, 1e-7);
}

// A sweep over the number of cameras keeps the engine: hosts that the first problem did not use get their
// routes later.
TEST(SimGrid, MoreHostsMayComeIntoUse) {
  const Problem all = make_problem(cameras(9));
  Problem one = all;
  one.hosts[0].instances.resize(1);
  const auto late = in_child([&] {
    Simulator simulator(one);
    return in_child([&] { return statistics(simulator.run(all, kSplit)); });
  });
  EXPECT_EQ(late, in_child([&] { return statistics(Simulator(all).run(all, kSplit)); }));
}

TEST(SimGrid, SaysNothing) {
  const Problem problem = make_problem(cameras(2));
  EXPECT_EQ(output_of_child([&] { static_cast<void>(Simulator(problem).run(problem, kSplit)); }), "");
}

volatile std::sig_atomic_t caught = 0;

TEST(SimGrid, LeavesInterruptsToTheProgram) {
  const Problem problem = make_problem(cameras(2));
  const auto seen = in_child([&] {
    std::signal(SIGINT, [](int) { caught = 1; });
    Simulator simulator(problem);
    static_cast<void>(simulator.run(problem, kSplit));
    std::raise(SIGINT);
    return std::vector{static_cast<double>(caught)};
  });
  EXPECT_EQ(seen.at(0), 1);
}

TEST(SimGrid, AHundredCamerasAtOnceAreAllAnswered) {
  ProblemText text = cameras(100);
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.requests = 10;
  const Problem problem = make_problem(text);
  const auto result = in_child([&] { return statistics(Simulator(problem).run(problem, kAllOnEdge)); });
  // Everyone sends 100 kB over 2 MB/s: 20 answers a second.
  EXPECT_NEAR(result.at(6), 20, 0.5);
}

}  // namespace
}  // namespace kerf::test
