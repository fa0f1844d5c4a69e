#include "policy/reader/policy.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "tests/policy/sample.hpp"

namespace {

class PolicyC : public testing::Test {
 protected:
  PolicyC() { policy_ = kerf_policy_open(bytes_.data(), bytes_.size(), &status_); }
  PolicyC(const PolicyC&) = delete;
  PolicyC& operator=(const PolicyC&) = delete;
  ~PolicyC() override { kerf_policy_close(policy_); }

  std::string bytes_ = kerf::encode_policy(kerf::test::sample());
  kerf_policy_status status_ = KERF_POLICY_MALFORMED;
  kerf_policy* policy_ = nullptr;
};

TEST_F(PolicyC, Opens) {
  ASSERT_NE(policy_, nullptr);
  EXPECT_EQ(status_, KERF_POLICY_OK);
}

TEST_F(PolicyC, Queries) {
  const std::array<double, 3> at{500e3, 0.02, 1};
  const kerf_policy_answer answer = kerf_policy_query(policy_, at.data(), at.size());
  EXPECT_EQ(answer.plan, 1);
  EXPECT_EQ(answer.latency, 0.5f);
  EXPECT_FALSE(answer.fallback);
  EXPECT_EQ(answer.reason, KERF_POLICY_FROM_TABLE);
  EXPECT_EQ(answer.cell, 5);
  EXPECT_STREQ(kerf_policy_plan_text(policy_, 1), "camera:0-12,edge:13-60");
}

TEST_F(PolicyC, FallsBack) {
  const std::array<double, 3> at{500e3, 9.0, 1};
  const kerf_policy_answer answer = kerf_policy_query(policy_, at.data(), at.size());
  EXPECT_TRUE(answer.fallback);
  EXPECT_EQ(answer.axis, 1);
  EXPECT_EQ(answer.reason, KERF_POLICY_ABOVE_RANGE);
  EXPECT_TRUE(std::isnan(answer.latency));
  EXPECT_STREQ(kerf_policy_reason_text(answer.reason), "above the table's range");
}

TEST_F(PolicyC, DescribesTheAxes) {
  ASSERT_EQ(kerf_policy_axes(policy_), 3u);
  const kerf_policy_axis axis = kerf_policy_axis_at(policy_, 1);
  EXPECT_STREQ(axis.name, "rtt");
  EXPECT_STREQ(axis.key, "network.uplink.rtt");
  EXPECT_STREQ(axis.unit, "s");
  EXPECT_TRUE(axis.numeric);
  EXPECT_FALSE(axis.logarithmic);
  EXPECT_EQ(axis.size, 2u);
  EXPECT_EQ(kerf_policy_axis_point(policy_, 1, 1), 0.08);
  EXPECT_STREQ(kerf_policy_axis_label(policy_, 1, 1), "80ms");
}

TEST_F(PolicyC, DescribesTheRest) {
  EXPECT_EQ(kerf_policy_plans(policy_), 3u);
  EXPECT_EQ(kerf_policy_fallback_plan(policy_), 0);
  EXPECT_STREQ(kerf_policy_model_hash(policy_), "0123456789abcdef");
}

TEST_F(PolicyC, WhatDoesNotExistIsNull) {
  EXPECT_EQ(kerf_policy_axis_at(policy_, 3).name, nullptr);
  EXPECT_EQ(kerf_policy_axis_label(policy_, 0, 3), nullptr);
  EXPECT_EQ(kerf_policy_plan_text(policy_, 3), nullptr);
}

TEST(PolicyCFailure, SaysWhy) {
  kerf_policy_status status = KERF_POLICY_OK;
  EXPECT_EQ(kerf_policy_open("KERFPOL", 8, &status), nullptr);
  EXPECT_EQ(status, KERF_POLICY_TRUNCATED);
  EXPECT_STREQ(kerf_policy_status_text(status), "truncated");
  EXPECT_EQ(kerf_policy_open(nullptr, 0, nullptr), nullptr);
}

TEST(PolicyCFailure, NullIsATableThatIsNotOpen) {
  kerf_policy_close(nullptr);
  EXPECT_EQ(kerf_policy_query(nullptr, nullptr, 0).reason, KERF_POLICY_NOT_OPEN);
  EXPECT_EQ(kerf_policy_query(nullptr, nullptr, 0).plan, -1);
  EXPECT_EQ(kerf_policy_axes(nullptr), 0u);
  EXPECT_EQ(kerf_policy_axis_at(nullptr, 0).name, nullptr);
  EXPECT_EQ(kerf_policy_axis_point(nullptr, 0, 0), 0);
  EXPECT_EQ(kerf_policy_axis_label(nullptr, 0, 0), nullptr);
  EXPECT_EQ(kerf_policy_plans(nullptr), 0u);
  EXPECT_EQ(kerf_policy_plan_text(nullptr, 0), nullptr);
  EXPECT_EQ(kerf_policy_fallback_plan(nullptr), -1);
  EXPECT_EQ(kerf_policy_model_hash(nullptr), nullptr);
}

}  // namespace
