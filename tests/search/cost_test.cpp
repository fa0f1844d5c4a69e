#include "planner/search/cost.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/search/problems.hpp"

namespace kerf {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the small language the problems are written
                          // in

// Two blocks; 40 bytes on the wire, 0.25 s to open them. Up: 0.5 s + 0.125 s + 10 B/s; down the same at 20
// B/s.
Problem two_hosts() {
  Problem p = chain({100, 50, 10});
  p.wire_bytes = Bytes(40);
  p.decode = Seconds(0.25);
  add_host(p, "camera", 0, {4, 2}).power = {Watts(1), Watts(6), Watts(1.5)};
  add_host(p, "edge", 1, {1, 1}).power = {Watts(1), Watts(10), Watts(2)};
  connect_one_way(p, "camera", "edge", Seconds(0.5), BytesPerSecond(10), Seconds(0.125));
  connect_one_way(p, "edge", "camera", Seconds(0.5), BytesPerSecond(20), Seconds(0.125));
  return p;
}

PlanCost cost(const Problem& problem, std::string_view text) {
  return cost_of(problem, plan(problem, text));
}

TEST(Cost, AllOnTheSourceIsItsComputeTime) {
  const PlanCost found = cost(two_hosts(), "camera:0-1");
  EXPECT_EQ(found.latency, Seconds(6));
  EXPECT_EQ(found.transfer, Seconds(0));
  EXPECT_TRUE(found.transfers.empty());
  EXPECT_EQ(found.energy, Joules(36));
}

TEST(Cost, AnotherHostReceivesTheWireInputAndOpensIt) {
  const PlanCost found = cost(two_hosts(), "edge:0-1");
  EXPECT_EQ(found.compute, Seconds(2.25));            // 1 + 1 + 0.25 to open the input
  EXPECT_EQ(found.transfer, Seconds(4.625 + 1.125));  // 0.625 + 40 / 10, and back 0.625 + 10 / 20
  EXPECT_EQ(found.latency, Seconds(8));
  EXPECT_EQ(found.energy, Joules(22.5 + 4 * 1.5 + 0.5 * 2));
}

TEST(Cost, ACutSendsItsTensors) {
  const PlanCost found = cost(two_hosts(), "camera:0-0,edge:1-1");
  EXPECT_EQ(found.latency, Seconds(4 + 5.625 + 1 + 1.125));
  EXPECT_EQ(found.energy, Joules(24 + 10 + 5 * 1.5 + 0.5 * 2));
  ASSERT_EQ(found.slices.size(), 2u);
  EXPECT_EQ(found.slices[1].stage, (Stage{1, 1, 1}));
  EXPECT_EQ(found.slices[1].seconds, Seconds(1));
}

TEST(Cost, TheWayBackIsTheLastTransfer) {
  const PlanCost found = cost(two_hosts(), "camera:0-0,edge:1-1");
  ASSERT_EQ(found.transfers.size(), 2u);
  EXPECT_EQ(found.transfers[0].bytes, Bytes(50));
  EXPECT_EQ(found.transfers[1].from, 1);
  EXPECT_EQ(found.transfers[1].to, 0);
  EXPECT_EQ(found.transfers[1].bytes, Bytes(10));
  EXPECT_EQ(found.transfers[1].seconds, Seconds(1.125));
}

TEST(Cost, WithoutAResultNothingComesBack) {
  Problem p = two_hosts();
  p.workload.return_result = false;
  EXPECT_EQ(cost(p, "edge:0-1").latency, Seconds(6.875));
}

TEST(Cost, ASlowHostTakesLongerButOpensTheInputAsFast) {
  Problem p = two_hosts();
  host(p, "edge").slowdown = 2;
  EXPECT_EQ(cost(p, "edge:0-1").compute, Seconds(4.25));
}

TEST(Cost, SendingNothingOverNoBandwidthCostsNoEnergy) {
  Problem p = chain({0, 0, 0});
  add_host(p, "camera", 0, {4, 2}).power.send = Watts(1);
  add_host(p, "edge", 1, {1, 1});
  connect(p, "camera", "edge", Seconds(1), BytesPerSecond(0));
  EXPECT_EQ(cost(p, "edge:0-1").energy, Joules(0));
}

TEST(Cost, AMissingRouteIsAnError) {
  Problem p = two_hosts();
  p.paths[2].reset();  // edge to camera
  try {
    static_cast<void>(cost(p, "edge:0-1"));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInfeasible);
    EXPECT_STREQ(error.what(), "plan \"edge:0-1\": no route from edge to camera");
  }
}

struct Break {
  const char* name;
  void (*change)(Problem&);
  const char* plan;
  const char* message;
};

class Violation : public ::testing::TestWithParam<Break> {};

TEST_P(Violation, SaysWhatIsBroken) {
  Problem p = two_hosts();
  GetParam().change(p);
  EXPECT_EQ(violation(p, plan(p, GetParam().plan)), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, Violation,
    ::testing::Values(
        Break{"None", [](Problem&) {}, "camera:0-0,edge:1-1", ""},
        Break{"MustRun", [](Problem& p) { host(p, "camera").must_run = blocks(p, {1}); },
              "camera:0-0,edge:1-1", "camera must run block 1 (b1)"},
        Break{"MustRunKept", [](Problem& p) { host(p, "camera").must_run = blocks(p, {0}); },
              "camera:0-0,edge:1-1", ""},
        Break{"MustNotRun", [](Problem& p) { host(p, "edge").must_not_run = blocks(p, {1}); },
              "camera:0-0,edge:1-1", "edge must not run block 1 (b1)"},
        Break{"MustBeUsed", [](Problem& p) { host(p, "edge").used = true; }, "camera:0-1",
              "edge must be used"},
        Break{"MustNotBeUsed", [](Problem& p) { host(p, "edge").used = false; }, "edge:0-1",
              "edge must not be used"},
        Break{"Absent", [](Problem& p) { host(p, "edge").instances.clear(); }, "edge:0-1",
              "edge is not on this platform"},
        Break{"Memory", [](Problem& p) { host(p, "camera").memory = Bytes(2); }, "camera:0-1",
              "camera needs 3 B of memory for blocks 0-1 and has 2 B"},
        Break{"MemoryKept", [](Problem& p) { host(p, "camera").memory = Bytes(3); }, "camera:0-1", ""},
        Break{"Upload", [](Problem& p) { host(p, "camera").upload = Bytes(45); }, "camera:0-0,edge:1-1",
              "camera uploads 50 B and may upload 45 B"},
        Break{"UploadOfTheInput", [](Problem& p) { host(p, "camera").upload = Bytes(39); }, "edge:0-1",
              "camera uploads 40 B and may upload 39 B"},
        Break{"UploadKept", [](Problem& p) { host(p, "camera").upload = Bytes(40); }, "edge:0-1", ""},
        Break{"TheWayBackIsNoUpload", [](Problem& p) { host(p, "edge").upload = Bytes(0); }, "edge:0-1", ""},
        Break{"Rank", [](Problem&) {}, "edge:0-0,camera:1-1",
              "edge (tier1) cannot hand on to camera (tier0): plans move to later tiers"},
        Break{"ComputeTime", [](Problem& p) { host(p, "edge").compute_cap.seconds = Seconds(1); }, "edge:0-1",
              "edge computes for 2.25 s and may for 1 s"},
        Break{"ComputeShare", [](Problem& p) { host(p, "edge").compute_cap.share = 0.1; },
              "camera:0-0,edge:1-1", "edge does 20 % of all computing and may do 10 %"},
        Break{"TierMustBeUsed", [](Problem& p) { add_tier(p, "tier1", 1).used = true; }, "camera:0-1",
              "tier1 must be used"},
        Break{"TierMustRun", [](Problem& p) { add_tier(p, "tier1", 1).must_run = blocks(p, {0}); },
              "camera:0-1", "tier1 must run block 0 (b0)"},
        Break{"Deadline", [](Problem& p) { p.deadline = Seconds(1); }, "camera:0-1",
              "it takes 6 s, and the deadline is 1 s"},
        Break{"Energy",
              [](Problem& p) {
                host(p, "camera").power.busy = Watts(2);
                p.energy = Joules(11);
              },
              "camera:0-1", "it takes 12 J and may take 11 J"},
        Break{"Price",
              [](Problem& p) {
                host(p, "camera").price = 2;
                p.price = 11;
              },
              "camera:0-1", "it costs 12 and may cost 11"},
        Break{"Private",
              [](Problem& p) {
                p.kept = {true, true, false};
              },
              "camera:0-0,edge:1-1", "what crosses cut 1 must not leave camera"},
        Break{"BytesOverALink",
              [](Problem& p) {
                p.link_budgets.push_back({"uplink", {false, true, true, false}, Bytes(39)});
              },
              "edge:0-1", "50 B cross uplink and 39 B may"},
        Break{"Slices", [](Problem& p) { p.rules.slices = 1; }, "camera:0-0,edge:1-1",
              "2 slices, and at most 1 are allowed"},
        Break{"AnyOrder", [](Problem& p) { p.rules.any_order = true; }, "camera:0-0,edge:1-1", ""},
        Break{"Route", [](Problem& p) { p.paths[1].reset(); }, "edge:0-1", "no route from camera to edge"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Revisit, IsAViolationUnlessTheRulesAllowIt) {
  Problem p = chain({100, 50, 20, 10});
  add_host(p, "camera", 0, {1, 1, 1});
  add_host(p, "edge", 1, {1, 1, 1});
  connect(p, "camera", "edge", Seconds(0), BytesPerSecond(10));
  const Plan back = plan(p, "camera:0-0,edge:1-1,camera:2-2");
  EXPECT_EQ(violation(p, back), "edge (tier1) cannot hand on to camera (tier0): plans move to later tiers");
  p.rules.any_order = true;
  EXPECT_EQ(violation(p, back), "camera runs two slices");
  p.rules.revisit = true;
  EXPECT_EQ(violation(p, back), "");
}

}  // namespace
}  // namespace kerf
