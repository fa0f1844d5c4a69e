// Transfers that share links: who slows whom down, by how much.

#include <gtest/gtest.h>

#include "sim/simulator.hpp"
#include "tests/sim/child.hpp"
#include "tests/sim/problems.hpp"

namespace kerf::test {
namespace {

const Plan kAllOnEdge{{{1, 0, 0}}};

// `devices` cameras that each send 1000 bytes at once over `up`, and get 1000 bytes back over `down`; the
// edge computes them all at once, in no time worth mentioning.
ProblemText at_once(int devices, const std::vector<LinkText>& links, const std::string& up,
                    const std::string& down) {
  ProblemText text{.hosts = {{.name = "camera", .count = devices, .blocks = {1.0}},
                             {.name = "edge", .blocks = {1e-9}, .workers = devices}},
                   .links = links,
                   .cut_bytes = {1000, 1000}};
  for (int i = 0; i < devices; ++i) {
    const std::string camera = "camera-" + std::to_string(i);
    text.routes.push_back({camera, "edge-0", {up}});
    text.routes.push_back({"edge-0", camera, {down}});
  }
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.requests = 1;
  text.workload.jitter = false;
  return text;
}

double mean_of(const ProblemText& text, const Plan& plan) {
  const Problem problem = make_problem(text);
  return in_child([&] { return std::vector{Simulator(problem).run(problem, plan).mean.value()}; }).at(0);
}

TEST(Sharing, TwoAtOnceOnOneLinkTakeTwiceAsLongEach) {
  ProblemText text =
      at_once(2, {{.name = "up", .bandwidth = 1000}, {.name = "down", .bandwidth = 1e12}}, "up", "down");
  text.workload.return_result = false;
  EXPECT_NEAR(mean_of(text, kAllOnEdge), 2, 1e-6);
}

TEST(Sharing, AFatpipeGivesEachFlowTheWholeBandwidth) {
  ProblemText text = at_once(2, {{.name = "up", .bandwidth = 1000, .shared = false}}, "up", "up");
  text.workload.return_result = false;
  EXPECT_NEAR(mean_of(text, kAllOnEdge), 1, 1e-6);
}

TEST(Sharing, AFatpipeThatCarriesManyFlowsStillBoundsEach) {
  ProblemText text = at_once(50, {{.name = "up", .bandwidth = 1000, .shared = false}}, "up", "up");
  text.workload.return_result = false;
  EXPECT_NEAR(mean_of(text, kAllOnEdge), 1, 1e-6);
}

// One camera's two messages, on a link that would give each the whole bandwidth: 1 s and 2 s.
TEST(Sharing, MessagesBetweenTwoHostsGoOneAfterTheOther) {
  ProblemText text = at_once(1, {{.name = "up", .bandwidth = 1000, .shared = false}}, "up", "up");
  text.workload.return_result = false;
  text.workload.in_flight = 2;
  text.workload.requests = 2;
  EXPECT_NEAR(mean_of(text, kAllOnEdge), 1.5, 1e-6);
}

TEST(Sharing, ThreeHundredFlowsShareFairly) {
  ProblemText text =
      at_once(300, {{.name = "up", .bandwidth = 1000}, {.name = "down", .bandwidth = 1e12}}, "up", "down");
  text.workload.return_result = false;
  EXPECT_NEAR(mean_of(text, kAllOnEdge), 300, 1e-5);
}

// One camera's bytes come while the other's go back: camera 0 computes nothing and sends at 0; camera 1 is
// its like, but its request starts when the first one's result is on its way.
ProblemText crossing(const std::string& up, const std::string& down) {
  ProblemText text{
      .hosts = {{.name = "camera", .count = 2, .blocks = {1.0}}, {.name = "edge", .blocks = {1.0}}},
      .links = {{.name = "wire", .bandwidth = 1000},
                {.name = "wire_UP", .bandwidth = 1000},
                {.name = "wire_DOWN", .bandwidth = 1000}},
      .cut_bytes = {1000, 1000}};
  for (const char* camera : {"camera-0", "camera-1"}) {
    text.routes.push_back({camera, "edge-0", {up}});
    text.routes.push_back({"edge-0", camera, {down}});
  }
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.requests = 4;
  text.workload.jitter = false;
  return text;
}

// Two cameras, one worker. Both send from 0 to 2. The first result leaves at 3. It meets the other camera's
// bytes only where the directions share: then each takes longer.
TEST(Sharing, OppositeDirectionsOfASplitLinkDoNotDisturbEachOther) {
  const double split = mean_of(crossing("wire_UP", "wire_DOWN"), kAllOnEdge);
  const double coupled = mean_of(crossing("wire", "wire"), kAllOnEdge);
  EXPECT_GT(coupled, split * 1.1);
}

TEST(Sharing, ADuplexTransferTakesAsLongAsASimplexOne) {
  // One camera sends for 1 s while another's result comes back for 1 s: a first result 2 s after a 1 s
  // computation, the second camera in its own class so that only its timing differs.
  ProblemText text{.hosts = {{.name = "a", .blocks = {1e-9}}, {.name = "edge", .blocks = {1e-9}}},
                   .links = {{.name = "up", .bandwidth = 1000}, {.name = "down", .bandwidth = 1000}},
                   .routes = {{"a-0", "edge-0", {"up"}}, {"edge-0", "a-0", {"down"}}},
                   .cut_bytes = {1000, 1000}};
  text.workload.arrivals = Arrivals::kPeriodic;
  text.workload.rate = PerSecond(0.999);  // every request is sent while the one before comes back
  text.workload.requests = 50;
  text.workload.jitter = false;
  EXPECT_NEAR(mean_of(text, kAllOnEdge), 2, 1e-6);
  text.routes[1].links = {"up"};
  EXPECT_GT(mean_of(text, kAllOnEdge), 3) << "a shared link couples its directions";
}

TEST(Sharing, AFlowBoundElsewhereLeavesTheRestToOthers) {
  // Camera 0 has 100 B/s of its own, camera 1 plenty: of the 1000 B/s that they share, camera 1 gets 900.
  ProblemText text{.hosts = {{.name = "camera", .count = 2, .blocks = {1.0}},
                             {.name = "edge", .blocks = {1e-9}, .workers = 2}},
                   .links = {{.name = "slow", .bandwidth = 100},
                             {.name = "fast", .bandwidth = 1e6},
                             {.name = "up", .bandwidth = 1000}},
                   .routes = {{"camera-0", "edge-0", {"slow", "up"}}, {"camera-1", "edge-0", {"fast", "up"}}},
                   .cut_bytes = {900, 1},
                   .wire_bytes = 900};
  text.workload.arrivals = Arrivals::kClosed;
  text.workload.requests = 1;
  text.workload.jitter = false;
  text.workload.return_result = false;
  const Problem problem = make_problem(text);
  const auto latency = in_child([&] {
    std::vector<RequestRecord> records;
    static_cast<void>(Simulator(problem).run(problem, kAllOnEdge, &records));
    return std::vector{records[0].latency.value(), records[1].latency.value()};
  });
  EXPECT_NEAR(latency.at(0), 9, 1e-6);
  EXPECT_NEAR(latency.at(1), 1, 1e-6);
}

TEST(Sharing, BandwidthIsTheProblemsNotThePlatforms) {
  ProblemText text = at_once(1, {{.name = "up", .bandwidth = 1000}}, "up", "up");
  text.workload.return_result = false;
  Problem slower = make_problem(text);
  const Problem problem = make_problem(text);
  slower.links[0].bandwidth = BytesPerSecond(250);
  const auto means = in_child([&] {
    Simulator simulator(problem);
    return std::vector{simulator.run(problem, kAllOnEdge).mean.value(),
                       simulator.run(slower, kAllOnEdge).mean.value(),
                       simulator.run(problem, kAllOnEdge).mean.value()};
  });
  EXPECT_NEAR(means.at(0), 1, 1e-6);
  EXPECT_NEAR(means.at(1), 4, 1e-6);
  EXPECT_NEAR(means.at(2), 1, 1e-6);
}

TEST(Sharing, EnergyCountsTheTimeThatASharedLinkTakes) {
  ProblemText text = at_once(2, {{.name = "up", .bandwidth = 1000}}, "up", "up");
  text.hosts[0].send_watts = 3;
  text.workload.return_result = false;
  const Problem problem = make_problem(text);
  const auto energy =
      in_child([&] { return std::vector{Simulator(problem).run(problem, kAllOnEdge).energy.value()}; });
  EXPECT_NEAR(energy.at(0), 6, 1e-5);
}

}  // namespace
}  // namespace kerf::test
