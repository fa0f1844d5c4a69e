#include "testbed/delivery_trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace kerf {
namespace {

using ::testing::HasSubstr;
constexpr std::int64_t kMs = 1'000'000;

std::string refusal(const std::string& text) {
  try {
    const DeliveryTrace trace(text, "t.up");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

// Opportunities at 0, 5, 5 and 10 ms, then 10, 15, 15, 20, ...
TEST(DeliveryTrace, GoesRound) {
  const DeliveryTrace trace("0\n5\n5\n10\n", "t.up");
  const std::int64_t expected[] = {0, 5, 5, 10, 10, 15, 15, 20, 20};
  for (std::int64_t i = 0; i < 9; ++i) EXPECT_EQ(trace.nanoseconds(i), expected[i] * kMs) << i;
}

TEST(DeliveryTrace, FindsTheFirstAtOrAfterAMoment) {
  const DeliveryTrace trace("0\n5\n5\n10\n", "t.up");
  EXPECT_EQ(trace.first_at(0), 0);
  EXPECT_EQ(trace.first_at(1), 1);
  EXPECT_EQ(trace.first_at(5 * kMs), 1);
  EXPECT_EQ(trace.first_at(5 * kMs + 1), 3);
  EXPECT_EQ(trace.first_at(10 * kMs), 3);
  EXPECT_EQ(trace.first_at(11 * kMs), 5);
  EXPECT_EQ(trace.first_at(20 * kMs), 7);
}

TEST(DeliveryTrace, FirstAtAgreesWithGoingThroughAll) {
  const DeliveryTrace trace("2\n3\n3\n7\n11\n", "t.up");
  for (std::int64_t moment = 0; moment <= 60; ++moment) {
    std::int64_t by_hand = 0;
    while (trace.nanoseconds(by_hand) < moment * kMs) ++by_hand;
    EXPECT_EQ(trace.first_at(moment * kMs), by_hand) << moment;
  }
}

TEST(DeliveryTrace, RefusesWhatIsNone) {
  EXPECT_THAT(refusal("1\ntwo\n"), HasSubstr("t.up:2: \"two\"; expected a whole number of milliseconds"));
  EXPECT_THAT(refusal("5\n4\n"),
              HasSubstr("t.up:2: \"4\"; expected a whole number of milliseconds, at least 5"));
  EXPECT_THAT(refusal("-1\n"), HasSubstr("t.up:1"));
  EXPECT_THAT(refusal("1.5\n"), HasSubstr("t.up:1"));
  EXPECT_THAT(refusal(""), HasSubstr("the trace has no length"));
  EXPECT_THAT(refusal("0\n"), HasSubstr("the trace has no length"));
}

}  // namespace
}  // namespace kerf
