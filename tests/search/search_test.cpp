#include "planner/search/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.hpp"
#include "tests/search/problems.hpp"

namespace kerf {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(const Problem& problem, const std::vector<PlanCost>& costs) {
  std::vector<std::string> all;
  for (const PlanCost& cost : costs) all.push_back(text(problem, cost.plan));
  return all;
}

std::vector<std::string> best(const Problem& problem, SearchOptions options = {}) {
  return texts(problem, best_plans(problem, options).plans);
}

std::vector<std::string> reasons(const Problem& problem, bool stable_only = false) {
  const SearchResult found = best_plans(problem, {.stable_only = stable_only});
  EXPECT_THAT(found.plans, IsEmpty());
  return found.infeasible_because;
}

// The camera is slow in its last block, whose input is small: worth a cut.
Problem camera_and_edge() {
  Problem p = chain({100, 80, 10, 10});
  add_host(p, "camera", 0, {1, 1, 20});
  add_host(p, "edge", 1, {1, 1, 1});
  connect(p, "camera", "edge", Seconds(1), BytesPerSecond(10));
  return p;
}

Problem three_tiers() {
  Problem p = chain({100, 80, 10, 10});
  add_host(p, "camera", 0, {4, 4, 40});
  add_host(p, "edge", 1, {2, 2, 20});
  add_host(p, "cloud", 2, {1, 1, 1});
  connect(p, "camera", "edge", Seconds(1), BytesPerSecond(10));
  connect(p, "camera", "cloud", Seconds(3), BytesPerSecond(10));
  connect(p, "edge", "cloud", Seconds(1), BytesPerSecond(40));
  return p;
}

TEST(Search, CutsWhereFewBytesCrossBeforeTheSlowBlock) {
  const Problem p = camera_and_edge();
  const SearchResult found = best_plans(p, {.top = 2});
  EXPECT_THAT(texts(p, found.plans), ElementsAre("camera:0-1,edge:2-2", "camera:0-0,edge:1-2"));
  EXPECT_EQ(found.plans[0].latency, Seconds(2 + 2 + 1 + 2));
  EXPECT_EQ(found.plans[1].latency, Seconds(1 + 9 + 2 + 2));
}

TEST(Search, ASingleBlockHasNoCut) {
  Problem p = chain({10, 10});
  add_host(p, "camera", 0, {5});
  add_host(p, "edge", 1, {1});
  connect(p, "camera", "edge", Seconds(1), BytesPerSecond(10));
  EXPECT_THAT(best(p), ElementsAre("camera:0-0", "edge:0-0"));
}

TEST(Search, TiesAreOrderedByPlan) {
  Problem p = chain({0, 0, 0});
  for (const char* name : {"camera", "edge", "cloud"})
    add_host(p, name, static_cast<int>(p.hosts.size()), {1, 1});
  connect(p, "camera", "edge", Seconds(0), BytesPerSecond(1));
  connect(p, "camera", "cloud", Seconds(0), BytesPerSecond(1));
  connect(p, "edge", "cloud", Seconds(0), BytesPerSecond(1));
  EXPECT_THAT(best(p, {.top = 9}), ElementsAre("camera:0-0,edge:1-1", "camera:0-0,cloud:1-1", "camera:0-1",
                                               "edge:0-0,cloud:1-1", "edge:0-1", "cloud:0-1"));
  EXPECT_THAT(best(p, {.top = 2}), ElementsAre("camera:0-0,edge:1-1", "camera:0-0,cloud:1-1"));
}

TEST(Search, HostsOfOneRankAreAlternatives) {
  Problem p = camera_and_edge();
  add_host(p, "edge2", 1, {1, 1, 0.5});
  connect(p, "camera", "edge2", Seconds(1), BytesPerSecond(10));
  connect(p, "edge", "edge2", Seconds(0), BytesPerSecond(1e9));
  EXPECT_THAT(best(p, {.top = 3}),
              ElementsAre("camera:0-1,edge2:2-2", "camera:0-1,edge:2-2", "camera:0-0,edge2:1-2"));
}

TEST(Search, OnePlanForEachSequenceOfHosts) {
  const Problem p = three_tiers();
  EXPECT_THAT(best(p, {.top = 20, .one_per_host_sequence = true}),
              ElementsAre("camera:0-1,cloud:2-2", "cloud:0-2", "camera:0-0,edge:1-1,cloud:2-2",
                          "edge:0-1,cloud:2-2", "camera:0-1,edge:2-2", "edge:0-2", "camera:0-2"));
}

TEST(Search, AnUnreachableHostIsLeftOut) {
  Problem p = camera_and_edge();
  add_host(p, "cloud", 2, {0, 0, 0});
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("camera:0-1,edge:2-2"));
}

TEST(Search, AHostWithoutAWayBackCannotBeLast) {
  Problem p = camera_and_edge();
  p.paths[2].reset();  // edge to camera
  EXPECT_THAT(best(p), ElementsAre("camera:0-2"));
  p.workload.return_result = false;
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("camera:0-1,edge:2-2"));
}

TEST(Search, PathsOfNoBandwidthOrOfNoNumberAreNone) {
  Problem p = camera_and_edge();
  connect(p, "camera", "edge", Seconds(1), BytesPerSecond(0));
  EXPECT_THAT(best(p), ElementsAre("camera:0-2"));
  connect(p, "camera", "edge", Seconds(std::numeric_limits<double>::quiet_NaN()), BytesPerSecond(1));
  EXPECT_THAT(best(p), ElementsAre("camera:0-2"));
}

// As many blocks as a profile may have: answered in time in proportion, or refused as too much.
TEST(Search, TheLongestChainsArePlannedOrALimitIsNamed) {
  constexpr int kBlocks = 65'536;
  Problem p = chain(std::vector<double>(kBlocks + 1, 1000));
  const std::vector<double> seconds(kBlocks, 0.001);
  for (const char* name : {"camera", "edge", "cloud"})
    add_host(p, name, static_cast<int>(p.hosts.size()), seconds);
  p.hosts[1].slowdown = 0.5;
  p.hosts[2].slowdown = 0.25;
  connect(p, "camera", "edge", Seconds(0.01), BytesPerSecond(1e6));
  connect(p, "camera", "cloud", Seconds(0.05), BytesPerSecond(1e6));
  connect(p, "edge", "cloud", Seconds(0.01), BytesPerSecond(1e6));
  EXPECT_EQ(best(p, {.top = 5}).size(), 5U);
  p.rules.any_order = p.rules.revisit = true;
  EXPECT_EQ(best(p, {.top = 1}).size(), 1U);
  p.rules = {};
  host(p, "cloud").compute_cap.share = 0.2;
  try {
    EXPECT_EQ(best(p, {.top = 1}).size(), 1U);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
  }
}

// What is sent dwarfs what is computed: ties are judged against the whole.
TEST(Search, TiesOfLongTransfersAreOrderedByPlan) {
  Problem p = chain({3, 3, 3, 3});
  for (const char* name : {"camera", "edge"})
    add_host(p, name, static_cast<int>(p.hosts.size()), {1e-6, 1e-6, 1e-6});
  connect(p, "camera", "edge", Seconds(0), BytesPerSecond(3e-9));
  host(p, "edge").used = true;
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("camera:0-0,edge:1-2"));
}

TEST(Search, NothingSentTakesNoTimeHoweverSlowThePath) {
  Problem p = chain({0, 0, 0});
  add_host(p, "camera", 0, {1, 9});
  add_host(p, "edge", 1, {9, 1});
  connect(p, "camera", "edge", Seconds(0), BytesPerSecond(1e-310));
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("camera:0-0,edge:1-1"));
}

TEST(Search, SumsThatOverflowAreNoPlans) {
  Problem p = chain({1, 1, 1});
  add_host(p, "camera", 0, {1e308, 1e308});
  add_host(p, "edge", 1, {1, 1e308});
  connect(p, "camera", "edge", Seconds(0), BytesPerSecond(1));
  for (const int top : {1, 3}) EXPECT_THAT(best(p, {.top = top}), ElementsAre("edge:0-1"));
  p.energy = Joules(1);
  EXPECT_THAT(best(p, {.top = 3}), ElementsAre("edge:0-1"));
}

TEST(Search, UsedForbidsJumpingOverTheHost) {
  Problem p = three_tiers();
  host(p, "edge").used = true;
  EXPECT_THAT(
      best(p, {.top = 20, .one_per_host_sequence = true}),
      ElementsAre("camera:0-0,edge:1-1,cloud:2-2", "edge:0-1,cloud:2-2", "camera:0-1,edge:2-2", "edge:0-2"));
}

// The source hands the input to a host of lower rank, gets the chain back and hands it on: it uploads twice.
TEST(Search, AnUploadCapCountsTheInputAndWhatFollows) {
  Problem p = chain({10, 10, 10, 10});
  add_host(p, "edge", 1, {50, 1, 50});
  add_host(p, "sensor", 0, {1, 50, 50});
  add_host(p, "cloud", 2, {50, 50, 1});
  for (const char* from : {"edge", "sensor", "cloud"}) {
    for (const char* to : {"edge", "sensor", "cloud"}) {
      if (from != std::string_view(to)) connect(p, from, to, Seconds(0), BytesPerSecond(10));
    }
  }
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("sensor:0-0,edge:1-1,cloud:2-2"));
  host(p, "edge").upload = Bytes(20);
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("sensor:0-0,edge:1-1,cloud:2-2"));
  host(p, "edge").upload = Bytes(19);
  EXPECT_THAT(best(p, {.top = 1}), ElementsAre("edge:0-1,cloud:2-2"));
}

TEST(OneHostPlans, AreInHostOrder) {
  const Problem p = three_tiers();
  EXPECT_THAT(texts(p, one_host_plans(p)), ElementsAre("camera:0-2", "edge:0-2", "cloud:0-2"));
}

TEST(OneHostPlans, LeaveOutWhatAConstraintForbids) {
  Problem p = three_tiers();
  host(p, "camera").must_run = blocks(p, {0});
  EXPECT_THAT(texts(p, one_host_plans(p)), ElementsAre("camera:0-2"));
}

TEST(Infeasible, NamesTheOneConstraintThatExcludesAll) {
  Problem p = camera_and_edge();
  host(p, "camera").must_run = blocks(p, {0, 2});
  host(p, "edge").must_run = blocks(p, {1});
  host(p, "edge").upload = Bytes(0);
  EXPECT_THAT(reasons(p), ElementsAre("camera must run 0 (b0), 2 (b2) (without 2 (b2) it would do)",
                                      "edge must run 1 (b1)"));
}

TEST(Infeasible, SaysHowMuchMemoryWouldDo) {
  Problem p = chain({10, 10, 10});
  add_host(p, "edge", 1, {1, 1}).memory = Bytes(1);
  EXPECT_THAT(reasons(p), ElementsAre("edge has 1 B of memory, which holds no block (3 B would do)"));
}

TEST(Infeasible, RoundsWhatWouldDoUpwards) {
  Problem p = chain({10, 10});
  std::vector<ProfileBlock> sizes(1);
  sizes[0].weights = Bytes(14230016);
  add_host(
      p, "edge", 1, [](int, int) { return 1.0; }, sizes)
      .memory = Bytes(10e6);
  EXPECT_THAT(reasons(p), ElementsAre("edge has 10 MB of memory, which holds no block (14.3 MB would do)"));
}

TEST(Infeasible, SaysHowMuchUploadWouldDo) {
  Problem p = camera_and_edge();
  host(p, "edge").used = true;
  host(p, "camera").upload = Bytes(5);
  EXPECT_THAT(reasons(p), ElementsAre("camera may upload 5 B (10 B would do)", "edge must be used"));
}

TEST(Infeasible, NamesMissingRoutes) {
  Problem p = chain({10, 10});
  add_host(p, "camera", 0, {1}).used = false;
  add_host(p, "edge", 1, {1});
  connect_one_way(p, "camera", "edge", Seconds(1), BytesPerSecond(1));
  EXPECT_THAT(reasons(p), ElementsAre("camera must not be used", "no route from edge to camera"));
}

TEST(Infeasible, NamesRoutesOfNoBandwidth) {
  Problem p = chain({10, 10});
  add_host(p, "camera", 0, {1}).used = false;
  add_host(p, "edge", 1, {1});
  connect_one_way(p, "camera", "edge", Seconds(1), BytesPerSecond(0));
  connect_one_way(p, "edge", "camera", Seconds(1), BytesPerSecond(1));
  EXPECT_THAT(reasons(p), ElementsAre("camera must not be used", "no bandwidth from camera to edge"));
}

TEST(Infeasible, ListsAllWhereNoSingleChangeHelps) {
  Problem p = chain({10, 10});
  add_host(p, "camera", 0, {1}).used = false;
  add_host(p, "edge", 1, {1}).used = false;
  host(p, "camera").must_not_run = blocks(p, {0});
  connect(p, "camera", "edge", Seconds(1), BytesPerSecond(1));
  host(p, "edge").memory = Bytes(1);
  EXPECT_THAT(reasons(p),
              ElementsAre("camera must not be used (no single change is enough)",
                          "camera must not run 0 (b0) (no single change is enough)",
                          "edge must not be used (no single change is enough)",
                          "edge has 1 B of memory, which holds no block (no single change is enough)"));
}

TEST(Infeasible, DoesNotSpeakOfHostsThatThePlatformIsWithout) {
  Problem p = chain({10, 10});
  add_host(p, "camera", 0, {1}).must_not_run = blocks(p, {0});
  ProblemHost& absent = add_host(p, "edge", 1, {1});
  absent.used = false;
  absent.instances.clear();
  EXPECT_THAT(reasons(p), ElementsAre("camera must not run 0 (b0)"));
}

TEST(Infeasible, TwoHostsOfOneRankCannotBothBeUsed) {
  Problem p = chain({10, 10, 10});
  add_host(p, "camera", 0, {1, 1}).used = true;
  add_host(p, "camera2", 0, {1, 1}).used = true;
  connect(p, "camera", "camera2", Seconds(1), BytesPerSecond(1));
  EXPECT_THAT(reasons(p), ElementsAre("camera must be used", "camera2 must be used",
                                      "plans move to later tiers ([plans] order = \"any\" would do)"));
}

// Ten cameras, one edge with one worker, one link of 100 bytes a second for all.
Problem ten_cameras(Arrivals arrivals, double rate) {
  Problem p = camera_and_edge();
  put_on_shared_link(p, {10, 1}, BytesPerSecond(100));
  p.workload.arrivals = arrivals;
  p.workload.rate = PerSecond(rate);
  return p;
}

TEST(Stable, LeavesOutWhatTheWorkersCannotDo) {
  // The camera does all in 22 s; the edge has 1 s for each of ten cameras in turn.
  EXPECT_THAT(best(ten_cameras(Arrivals::kPoisson, 0.04), {.top = 1, .stable_only = true}),
              ElementsAre("camera:0-1,edge:2-2"));
  EXPECT_THAT(best(ten_cameras(Arrivals::kPoisson, 0.0999), {.stable_only = true}),
              ElementsAre("camera:0-1,edge:2-2"));
  EXPECT_THAT(best(ten_cameras(Arrivals::kPoisson, 0.1), {.stable_only = true}), IsEmpty());
}

TEST(Stable, LeavesOutWhatTheLinkCannotCarry) {
  Problem p = ten_cameras(Arrivals::kPeriodic, 0.5);
  host(p, "camera").workers = host(p, "edge").workers = 100;
  // The cut's 10 bytes are 50 of the link's 100 bytes a second; the input's 100 would be 500.
  EXPECT_THAT(best(p, {.stable_only = true}), ElementsAre("camera:0-1,edge:2-2", "camera:0-2"));
  p.workload.rate = PerSecond(1);
  EXPECT_THAT(best(p, {.stable_only = true}), ElementsAre("camera:0-2"));
}

TEST(Stable, LeavesRoomForOtherTenants) {
  Problem p = ten_cameras(Arrivals::kPoisson, 0.06);
  EXPECT_THAT(best(p, {.stable_only = true}), ElementsAre("camera:0-1,edge:2-2"));
  host(p, "edge").utilization = 0.5;
  EXPECT_THAT(best(p, {.stable_only = true}), IsEmpty());
}

TEST(Stable, SaysThatTheLoadIsTooMuch) {
  EXPECT_THAT(
      reasons(ten_cameras(Arrivals::kPoisson, 2), true),
      ElementsAre("at 2/s from each of 10 devices every plan keeps a host or a link busy all the time"));
}

TEST(Stable, MeansNothingWithoutARate) {
  for (const Arrivals arrivals : {Arrivals::kClosed, Arrivals::kSingle}) {
    const Problem p = ten_cameras(arrivals, 1000);
    EXPECT_EQ(best(p, {.stable_only = true}), best(p));
  }
}

TEST(Candidates, HoldTheBestOfEveryKindOnce) {
  const Problem p = three_tiers();
  EXPECT_THAT(texts(p, candidates(p, 2)),
              ElementsAre("camera:0-1,cloud:2-2", "cloud:0-2", "edge:0-2", "camera:0-2"));
}

TEST(Candidates, AreFilledWithTheOverallBest) {
  const Problem p = camera_and_edge();
  EXPECT_THAT(texts(p, candidates(p, 3)), ElementsAre("camera:0-1,edge:2-2", "edge:0-2", "camera:0-2"));
  EXPECT_THAT(texts(p, candidates(p, 4)),
              ElementsAre("camera:0-1,edge:2-2", "camera:0-0,edge:1-2", "edge:0-2", "camera:0-2"));
  EXPECT_EQ(candidates(p, 100).size(), 4u);  // there are no more
}

TEST(Candidates, HoldPlansThatTheLoadAllows) {
  // Unloaded the edge should do all; at this rate that keeps it busy for 80 % of the time, two blocks for 53
  // %, one for 27 % (and the camera for 40 %).
  Problem p = chain({1, 1, 1, 1});
  add_host(p, "camera", 0, {3, 3, 3});
  add_host(p, "edge", 1, {1, 1, 1});
  connect(p, "camera", "edge", Seconds(0.1), BytesPerSecond(1000));
  put_on_shared_link(p, {4, 1}, BytesPerSecond(1000));
  p.workload.arrivals = Arrivals::kPoisson;
  p.workload.rate = PerSecond(0.0667);
  const std::vector<std::string> found = texts(p, candidates(p, 1));
  EXPECT_THAT(found, ElementsAre("edge:0-2", "camera:0-0,edge:1-2", "camera:0-1,edge:2-2", "camera:0-2"));
}

TEST(Candidates, AreNoneWhereNothingIsFeasible) {
  Problem p = camera_and_edge();
  host(p, "camera").used = false;
  host(p, "edge").used = false;
  EXPECT_THAT(candidates(p, 5), IsEmpty());
}

}  // namespace
}  // namespace kerf
