#include "testbed/predictions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace kerf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Body>
std::string refusal(const Body& body) {
  try {
    static_cast<void>(body());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error.what();
  }
  return "accepted";
}

TEST(Predictions, OfASweepsTable) {
  const Predicted predicted = predictions_from_csv(
      "condition,network.uplink.rtt,candidate,plan,status,bound_s,mean_s,mean_half_width,p50_s,p95_s,p99_s\n"
      "0,0.02,0,a:0-3,simulated,1,1.5,0,1.4,1.9,2\n"
      "0,0.02,1,b:0-3,ruled out,2,,,,,\n"
      "1,0.05,,,,,,,,,\n",
      "sweep.csv");
  EXPECT_THAT(predicted.question.axes, ElementsAre("network.uplink.rtt"));
  ASSERT_EQ(predicted.rows.size(), 1U);
  EXPECT_EQ(predicted.rows[0].plan, "a:0-3");
  EXPECT_THAT(predicted.rows[0].settings, ElementsAre("0.02"));
  EXPECT_THAT(predicted.rows[0].seconds, ElementsAre(1.5, 1.4, 1.9, 2));
}

TEST(Predictions, OfASimulation) {
  const Predicted predicted = predictions_from_json(
      R"({"scenario": "s", "scenario_hash": "h", "model": "m", "model_hash": "x", "plan": "a:0-3", "mean_s": 1,
          "p50_s": 2, "p95_s": 3, "p99_s": 4})",
      "one.json");
  EXPECT_EQ(predicted.question.model_hash, "x");
  EXPECT_THAT(predicted.rows.at(0).seconds, ElementsAre(1, 2, 3, 4));
}

TEST(Predictions, RefuseOtherFiles) {
  EXPECT_THAT(refusal([] { return predictions_from_csv("a,b\n1,2\n", "x.csv"); }),
              HasSubstr("is no sweep's table"));
  EXPECT_THAT(
      refusal([] {
        return predictions_from_csv(
            "condition,candidate,plan,status,mean_s,p50_s,p95_s,p99_s\n0,0,a:0-1,simulated,1,nan,3,4\n",
            "x.csv");
      }),
      HasSubstr("x.csv:2: p50_s: \"nan\""));
  EXPECT_THAT(refusal([] { return predictions_from_json("{}", "x.json"); }),
              HasSubstr("is no simulation's answer"));
  EXPECT_THAT(refusal([] { return predictions_from_json("[1", "x.json"); }), HasSubstr("x.json"));
}

}  // namespace
}  // namespace kerf
