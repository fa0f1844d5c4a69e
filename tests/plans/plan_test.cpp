#include "planner/plans/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"

namespace kerf {
namespace {

const std::vector<std::string> kHosts{"camera", "edge", "cloud"};

Plan parse(std::string_view text, int blocks = 61) {
  return parse_plan(text, kHosts, blocks);
}

// The message of the Error(kUsage) that parsing `text` throws.
std::string refusal(std::string_view text, int blocks = 61) {
  try {
    static_cast<void>(parse(text, blocks));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(PlanText, NamesHostsAndBlocks) {
  EXPECT_EQ(to_text({{{0, 0, 12}, {1, 13, 40}, {2, 41, 60}}}, kHosts), "camera:0-12,edge:13-40,cloud:41-60");
}

TEST(PlanText, ASingleBlockIsARangeToo) {
  EXPECT_EQ(to_text({{{1, 0, 0}}}, kHosts), "edge:0-0");
}

TEST(PlanText, ReadsBackWhatItWrites) {
  const Plan plan{{{0, 0, 12}, {1, 13, 13}, {2, 14, 60}}};
  EXPECT_EQ(parse(to_text(plan, kHosts)), plan);
}

TEST(PlanText, AcceptsSpacesAndASingleNumber) {
  EXPECT_EQ(parse(" camera : 0 - 1 , edge:2 ", 3), (Plan{{{0, 0, 1}, {1, 2, 2}}}));
}

TEST(PlanText, AHostNameMayHoldAColon) {
  const std::vector<std::string> hosts{"rack:1"};
  EXPECT_EQ(parse_plan("rack:1:0-2", hosts, 3), (Plan{{{0, 0, 2}}}));
}

TEST(PlanText, UnknownHostNamesTheNearest) {
  EXPECT_EQ(refusal("camera:0-12,egde:13-60"),
            "plan \"camera:0-12,egde:13-60\": unknown host \"egde\"; expected one of camera, edge, cloud; "
            "did you mean \"edge\"?");
}

TEST(PlanText, AGapIsRefused) {
  EXPECT_EQ(refusal("camera:0-12,edge:14-60"),
            "plan \"camera:0-12,edge:14-60\": block 13 is missing; expected every block once, in order");
  EXPECT_EQ(refusal("camera:2-60"),
            "plan \"camera:2-60\": blocks 0-1 are missing; expected every block once, in order");
}

TEST(PlanText, AnOverlapIsRefused) {
  EXPECT_EQ(refusal("camera:0-12,edge:12-60"),
            "plan \"camera:0-12,edge:12-60\": block 12 twice; expected every block once, in order");
}

TEST(PlanText, BlocksBeyondTheModelAreRefused) {
  EXPECT_EQ(refusal("camera:0-61"),
            "plan \"camera:0-61\": block 61; expected at most 60, the model's last block");
}

TEST(PlanText, MissingBlocksAtTheEndAreRefused) {
  EXPECT_EQ(refusal("camera:0-59"),
            "plan \"camera:0-59\": it ends with block 59; expected block 60, the model's last");
}

TEST(PlanText, AHostTwiceInARowIsRefused) {
  EXPECT_EQ(refusal("edge:0-3,camera:4-12,camera:13-60"),
            "plan \"edge:0-3,camera:4-12,camera:13-60\": host \"camera\" twice in a row; expected one stage, "
            "\"camera:4-60\"");
}

// [plans] revisit = true yields such plans.
TEST(PlanText, AHostMayComeAgain) {
  const Plan plan{{{0, 0, 3}, {1, 4, 9}, {0, 10, 60}}};
  EXPECT_EQ(parse("camera:0-3,edge:4-9,camera:10-60"), plan);
  EXPECT_EQ(parse(to_text(plan, kHosts)), plan);
}

TEST(PlanText, FallingRangesAreRefused) {
  EXPECT_EQ(refusal("camera:9-3"), "plan \"camera:9-3\": blocks 9-3; expected the lower number first");
}

TEST(PlanText, WhatIsNotANumberIsRefused) {
  for (const char* text : {"camera:", "camera:a-3", "camera:0-", "camera:-3", "camera:0-3x", "camera:0--3",
                           "camera:0-99999999999", "camera:0x1-3"}) {
    EXPECT_NE(refusal(text).find("expected two numbers, as in \"0-12\""), std::string::npos) << refusal(text);
  }
}

TEST(PlanText, WhatIsNotAStageIsRefused) {
  for (const char* text : {"", "camera", "camera:0-60,", ",camera:0-60"}) {
    EXPECT_NE(refusal(text).find("has no \":\"; expected HOST:FIRST-LAST"), std::string::npos)
        << refusal(text);
  }
}

TEST(PlanOrder, IsThatOfTheStages) {
  std::vector<Plan> plans{parse("cloud:0-3", 4), parse("camera:0-1,edge:2-3", 4), parse("camera:0-3", 4),
                          parse("camera:0-1,cloud:2-3", 4), parse("camera:0-0,cloud:1-3", 4)};
  std::sort(plans.begin(), plans.end());
  std::vector<std::string> order;
  for (const Plan& plan : plans) order.push_back(to_text(plan, kHosts));
  EXPECT_EQ(order, (std::vector<std::string>{"camera:0-0,cloud:1-3", "camera:0-1,edge:2-3",
                                             "camera:0-1,cloud:2-3", "camera:0-3", "cloud:0-3"}));
}

}  // namespace
}  // namespace kerf
