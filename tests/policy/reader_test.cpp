#include "policy/reader/policy_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "policy/reader/margin_code.hpp"
#include "policy/writer/axis_edges.hpp"
#include "tests/policy/sample.hpp"

namespace kerf {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Policy opened(const PolicyContent& content) {
  const std::string bytes = encode_policy(content);
  Policy policy;
  EXPECT_EQ(policy.open(bytes.data(), bytes.size()), PolicyStatus::kOk);
  return policy;
}

PolicyAnswer ask(const Policy& policy, std::vector<double> values) {
  return policy.query(values.data(), values.size());
}

// One numeric axis; the plan's number is the point's.
Policy one_axis(std::vector<double> points, bool logarithmic = false) {
  PolicyContent content;
  content.hosts = {"a"};
  content.axes = {{"x", "x", "", true, logarithmic, points, {}}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    content.axes[0].labels.push_back(std::to_string(i));
    content.plans.push_back({{{0, 0, static_cast<int>(i)}}});
    content.cells.push_back({static_cast<int>(i), Seconds(1), 0});
  }
  return opened(content);
}

TEST(PolicyReader, AnswersWithThePlanOfTheCell) {
  const PolicyAnswer answer = ask(opened(test::sample()), {500e3, 0.02, 1});
  EXPECT_EQ(answer.plan, 1);
  EXPECT_EQ(answer.latency, 0.5f);
  EXPECT_EQ(answer.margin, 0.0f);
  EXPECT_EQ(answer.cell, 5);
  EXPECT_EQ(answer.axis, -1);
  EXPECT_FALSE(answer.fallback);
  EXPECT_EQ(answer.reason, PolicyReason::kFromTable);
}

TEST(PolicyReader, ReadsBackTheTexts) {
  const Policy policy = opened(test::sample());
  EXPECT_EQ(policy.info().scenario, "cameras on a shared uplink");
  EXPECT_EQ(policy.info().model, "resnet50");
  EXPECT_EQ(policy.info().model_hash, "0123456789abcdef");
  EXPECT_EQ(policy.info().objective, "latency.p95");
  EXPECT_EQ(policy.info().made_by, "kerf 0.1.0");
  EXPECT_EQ(policy.profile_hash(1), "00000000000000bb");
  EXPECT_EQ(policy.platform_hash(0), "00000000000000cc");
}

TEST(PolicyReader, ReadsBackTheFigures) {
  const PolicyInfo info = opened(test::sample()).info();
  EXPECT_EQ(info.cells, 12u);
  EXPECT_EQ(info.plans, 3u);
  EXPECT_EQ(info.fallback_plan, 0);
  EXPECT_EQ(info.profile_hashes, 2u);
  EXPECT_EQ(info.platform_hashes, 1u);
  EXPECT_EQ(info.regret_conditions, 200u);
  EXPECT_EQ(info.regret_mean, 0.015625);
  EXPECT_EQ(info.regret_worst, 0.25);
}

TEST(PolicyReader, NamesThePlans) {
  const Policy policy = opened(test::sample());
  ASSERT_EQ(policy.plans(), 3u);
  EXPECT_EQ(policy.plan_text(0), "camera:0-60");
  EXPECT_EQ(policy.plan_text(1), "camera:0-12,edge:13-60");
  EXPECT_EQ(policy.plan_text(2), "cloud:0-60");
}

TEST(PolicyReader, DescribesTheAxes) {
  const Policy policy = opened(test::sample());
  ASSERT_EQ(policy.axes(), 3u);
  const PolicyAxisInfo goodput = policy.axis(0);
  EXPECT_EQ(goodput.name, "goodput");
  EXPECT_EQ(goodput.key, "network.uplink.bandwidth");
  EXPECT_EQ(goodput.unit, "B/s");
  EXPECT_TRUE(goodput.numeric);
  EXPECT_TRUE(goodput.logarithmic);
  EXPECT_EQ(goodput.size, 3u);
  EXPECT_EQ(policy.axis_point(0, 2), 2e6);
  EXPECT_EQ(policy.axis_label(0, 2), "16Mbps");
  EXPECT_FALSE(policy.axis(2).numeric);
  EXPECT_EQ(policy.axis_label(2, 1), "platforms/two-edges.xml");
}

TEST(PolicyReader, WhatDoesNotExistIsEmpty) {
  const Policy policy = opened(test::sample());
  EXPECT_EQ(policy.axis(3).name, "");
  EXPECT_EQ(policy.axis_point(0, 3), 0);
  EXPECT_EQ(policy.axis_point(2, 0), 0);
  EXPECT_EQ(policy.axis_point(3, 0), 0);
  EXPECT_EQ(policy.axis_label(0, 3), "");
  EXPECT_EQ(policy.axis_label(3, 0), "");
  EXPECT_EQ(policy.plan_text(3), "");
  EXPECT_EQ(policy.cell_plan(12), -1);
  EXPECT_EQ(policy.profile_hash(2), "");
  EXPECT_EQ(policy.platform_hash(1), "");
}

TEST(PolicyReader, AnEdgeBelongsToTheUpperCell) {
  const Policy policy = one_axis({1, 2, 4});
  EXPECT_EQ(ask(policy, {1.5}).plan, 1);
  EXPECT_EQ(ask(policy, {std::nextafter(1.5, 0)}).plan, 0);
  EXPECT_EQ(ask(policy, {3.0}).plan, 2);
  EXPECT_EQ(ask(policy, {std::nextafter(3.0, 0)}).plan, 1);
}

TEST(PolicyReader, LogarithmicCellsMeetAtGeometricMeans) {
  const Policy policy = one_axis({1, 4, 100}, true);
  EXPECT_EQ(ask(policy, {2.0}).plan, 1);
  EXPECT_EQ(ask(policy, {std::nextafter(2.0, 0)}).plan, 0);
  EXPECT_EQ(ask(policy, {20.0}).plan, 2);
  EXPECT_EQ(ask(policy, {std::nextafter(20.0, 0)}).plan, 1);
}

TEST(PolicyReader, TheOutermostPointsReachOutwardsAsFarAsInwards) {
  const Policy policy = one_axis({10, 12, 16});
  EXPECT_EQ(ask(policy, {9.0}).reason, PolicyReason::kFromTable);
  EXPECT_EQ(ask(policy, {std::nextafter(9.0, 0)}).reason, PolicyReason::kBelowRange);
  EXPECT_EQ(ask(policy, {18.0}).reason, PolicyReason::kFromTable);
  EXPECT_EQ(ask(policy, {std::nextafter(18.0, 99)}).reason, PolicyReason::kAboveRange);
}

TEST(PolicyReader, LogarithmicAxesReachOutwardsByTheSameFactor) {
  const Policy policy = one_axis({1, 4, 100}, true);
  EXPECT_EQ(ask(policy, {0.5}).reason, PolicyReason::kFromTable);
  EXPECT_EQ(ask(policy, {std::nextafter(0.5, 0)}).reason, PolicyReason::kBelowRange);
  EXPECT_EQ(ask(policy, {500.0}).reason, PolicyReason::kFromTable);
  EXPECT_EQ(ask(policy, {std::nextafter(500.0, 999)}).reason, PolicyReason::kAboveRange);
}

TEST(PolicyReader, ARangeThatStartsAboveZeroDoesNotReachBelowIt) {
  const Policy policy = one_axis({0.005, 0.020, 0.080});
  EXPECT_EQ(ask(policy, {0.0}).reason, PolicyReason::kFromTable);
  EXPECT_EQ(ask(policy, {-1e-9}).reason, PolicyReason::kBelowRange);
}

TEST(PolicyReader, AnAxisOfOnePointTakesAnyValueFromZero) {
  const Policy policy = one_axis({0.3});
  for (const double value : {0.0, 0.3, 1e300}) EXPECT_EQ(ask(policy, {value}).plan, 0) << value;
  EXPECT_EQ(ask(policy, {-0.1}).reason, PolicyReason::kBelowRange);
  EXPECT_EQ(ask(policy, {kInfinity}).reason, PolicyReason::kAboveRange);
  EXPECT_EQ(ask(policy, {kNaN}).reason, PolicyReason::kNotANumber);
}

TEST(PolicyReader, AFallbackSaysWhichAxisAndWhy) {
  PolicyContent content = test::sample();
  content.fallback_plan = 2;
  const Policy policy = opened(content);
  const PolicyAnswer answer = ask(policy, {500e3, 5.0, 0});
  EXPECT_TRUE(answer.fallback);
  EXPECT_EQ(answer.plan, 2);
  EXPECT_EQ(answer.axis, 1);
  EXPECT_EQ(answer.reason, PolicyReason::kAboveRange);
  EXPECT_EQ(answer.cell, -1);
  EXPECT_TRUE(std::isnan(answer.latency));
  EXPECT_TRUE(std::isnan(answer.margin));
}

TEST(PolicyReader, InfiniteAndMissingNumbersFallBack) {
  const Policy policy = opened(test::sample());
  EXPECT_EQ(ask(policy, {-kInfinity, 0.02, 0}).reason, PolicyReason::kBelowRange);
  EXPECT_EQ(ask(policy, {kInfinity, 0.02, 0}).reason, PolicyReason::kAboveRange);
  EXPECT_EQ(ask(policy, {kNaN, 0.02, 0}).reason, PolicyReason::kNotANumber);
  EXPECT_EQ(ask(policy, {-kNaN, 0.02, 0}).reason, PolicyReason::kNotANumber);
  EXPECT_EQ(ask(policy, {500e3, 0.02, kNaN}).reason, PolicyReason::kNotANumber);
}

TEST(PolicyReader, ALabelIsAWholeNumberThatExists) {
  const Policy policy = opened(test::sample());
  for (const double label : {-1.0, 0.5, 1e-300, 2.0, 1e300, kInfinity, -kInfinity}) {
    const PolicyAnswer answer = ask(policy, {500e3, 0.02, label});
    EXPECT_EQ(answer.reason, PolicyReason::kUnknownLabel) << label;
    EXPECT_EQ(answer.axis, 2) << label;
  }
}

TEST(PolicyReader, WhereNothingIsFeasibleItFallsBack) {
  const PolicyAnswer answer = ask(opened(test::sample()), {125e3, 0.08, 1});
  EXPECT_EQ(answer.reason, PolicyReason::kNoFeasiblePlan);
  EXPECT_TRUE(answer.fallback);
  EXPECT_EQ(answer.cell, 3);
  EXPECT_EQ(answer.axis, -1);
}

TEST(PolicyReader, AWrongNumberOfValuesFallsBack) {
  const Policy policy = opened(test::sample());
  EXPECT_EQ(ask(policy, {500e3, 0.02}).reason, PolicyReason::kWrongAxisCount);
  EXPECT_EQ(ask(policy, {500e3, 0.02, 0, 0}).reason, PolicyReason::kWrongAxisCount);
  EXPECT_EQ(policy.query(nullptr, 0).reason, PolicyReason::kWrongAxisCount);
}

TEST(PolicyReader, ATableWithoutAxesHasOneCell) {
  PolicyContent content = test::sample();
  content.axes.clear();
  content.cells.resize(1);
  EXPECT_EQ(opened(content).query(nullptr, 0).plan, 0);
}

TEST(PolicyReader, WithoutATableThereIsNoPlan) {
  const Policy policy;
  const PolicyAnswer answer = policy.query(nullptr, 0);
  EXPECT_EQ(answer.plan, -1);
  EXPECT_EQ(answer.reason, PolicyReason::kNotOpen);
  EXPECT_TRUE(answer.fallback);
  EXPECT_FALSE(policy.is_open());
  EXPECT_EQ(policy.axes(), 0u);
  EXPECT_EQ(policy.plans(), 0u);
  EXPECT_EQ(policy.info().cells, 0u);
}

TEST(PolicyReader, AMarginSaysWhenThereIsNoOtherPlan) {
  EXPECT_EQ(ask(opened(test::sample()), {500e3, 0.08, 1}).margin, std::numeric_limits<float>::infinity());
}

TEST(PolicyReader, ALargeMarginIsCut) {
  EXPECT_EQ(ask(opened(test::sample()), {500e3, 0.08, 0}).margin, 120.0f);
}

TEST(PolicyReader, MoreThan254PlansKeepTheirNumbers) {
  std::vector<double> points;
  for (int i = 0; i < 300; ++i) points.push_back(i);
  const Policy policy = one_axis(points);
  EXPECT_EQ(policy.plans(), 300u);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(ask(policy, {static_cast<double>(i)}).plan, i);
}

TEST(PolicyReader, TheLastNarrowPlanIsNotTakenForNone) {
  std::vector<double> points;
  for (int i = 0; i < 254; ++i) points.push_back(i);
  EXPECT_EQ(ask(one_axis(points), {253.0}).plan, 253);
}

TEST(PolicyReader, AFailedOpenLeavesThePolicyAsItWas) {
  Policy policy = opened(test::sample());
  EXPECT_EQ(policy.open("KERFPOL", 8), PolicyStatus::kTruncated);
  EXPECT_EQ(policy.plan_text(2), "cloud:0-60");
}

TEST(PolicyReader, OpensFromAnyAddress) {
  const std::string bytes = encode_policy(test::sample());
  for (std::size_t shift = 0; shift < 16; ++shift) {
    const std::string shifted = std::string(shift, '?') + bytes;
    Policy policy;
    EXPECT_EQ(policy.open(shifted.data() + shift, bytes.size()), PolicyStatus::kOk) << shift;
  }
}

TEST(PolicyReader, MovesLikeAPointer) {
  Policy policy = opened(test::sample());
  Policy other = std::move(policy);
  EXPECT_EQ(other.plans(), 3u);
  policy = std::move(other);
  EXPECT_EQ(policy.plans(), 3u);
  EXPECT_FALSE(other.is_open());
}

TEST(MarginCode, StepsAscendAndAreTheirOwnCode) {
  float before = -1;
  for (int code = 0; code < 256; ++code) {
    const float margin = policy_file::margin_of(static_cast<std::uint8_t>(code));
    EXPECT_LT(before, margin);
    EXPECT_EQ(policy_file::margin_code(static_cast<double>(margin)), code);
    before = margin;
  }
}

TEST(MarginCode, RoundsDownByLessThanASixteenth) {
  test::Draws draws(5);
  for (int i = 0; i < 20000; ++i) {
    const double margin = std::exp(14 * draws.next() - 9.2);
    const double kept = static_cast<double>(policy_file::margin_of(policy_file::margin_code(margin)));
    EXPECT_LE(kept, margin);
    EXPECT_TRUE(margin >= 120 || margin - kept < std::max(margin / 16, 1.0 / 4096)) << margin;
  }
}

// The cell of every axis by counting edges, one after the other.
PolicyAnswer by_hand(const PolicyContent& content, const std::vector<double>& values) {
  PolicyAnswer answer;
  answer.plan = content.fallback_plan;
  answer.fallback = true;
  std::size_t cell = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const PolicyAxisContent& axis = content.axes[i];
    answer.axis = static_cast<std::int32_t>(i);
    std::size_t step = 0;
    if (axis.numeric) {
      const AxisEdges edges = axis_edges(axis.points, axis.logarithmic);
      answer.reason = values[i] < edges.lowest ? PolicyReason::kBelowRange : PolicyReason::kAboveRange;
      if (values[i] < edges.lowest || values[i] > edges.highest) return answer;
      for (const double edge : edges.between) step += edge <= values[i] ? 1 : 0;
    } else {
      step = static_cast<std::size_t>(values[i]);
    }
    cell = cell * axis.labels.size() + step;
  }
  answer.axis = -1;
  answer.cell = static_cast<std::int64_t>(cell);
  answer.reason = content.cells[cell].plan < 0 ? PolicyReason::kNoFeasiblePlan : PolicyReason::kFromTable;
  answer.fallback = content.cells[cell].plan < 0;
  if (!answer.fallback) answer.plan = content.cells[cell].plan;
  return answer;
}

double random_value(const PolicyAxisContent& axis, test::Draws& draws) {
  const std::size_t point = draws.below(axis.labels.size());
  if (!axis.numeric) return static_cast<double>(point);
  const double at = axis.points[point];
  const double kind = draws.next();
  if (kind < 0.3) return at;
  if (axis.points.size() > 1 && kind < 0.6) {
    const AxisEdges edges = axis_edges(axis.points, axis.logarithmic);
    const double edge = edges.between[draws.below(edges.between.size())];
    return kind < 0.5 ? edge : std::nextafter(edge, -kInfinity);
  }
  return at + 4 * (draws.next() - 0.5) * (kind < 0.8 ? 1 : at);
}

TEST(PolicyReader, FindsTheSameCellsAsCountingEdges) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const PolicyContent content = test::random_content(seed);
    const Policy policy = opened(content);
    test::Draws draws(seed + 1'000'000);
    for (int i = 0; i < 50; ++i) {
      std::vector<double> values;
      for (const PolicyAxisContent& axis : content.axes) values.push_back(random_value(axis, draws));
      const PolicyAnswer found = ask(policy, values);
      const PolicyAnswer expected = by_hand(content, values);
      ASSERT_EQ(found.reason, expected.reason) << "seed " << seed;
      ASSERT_EQ(found.cell, expected.cell) << "seed " << seed;
      ASSERT_EQ(found.plan, expected.plan) << "seed " << seed;
      ASSERT_EQ(found.axis, expected.axis) << "seed " << seed;
    }
  }
}

// Points whose bits are crowded here and sparse there, so that one bucket of the search holds many edges.
TEST(PolicyReader, FindsTheCellsOfCrowdedAxes) {
  const std::vector<double> points{-1e300, -2,   -1,   -1e-300, 0, 5e-324, 1e-300, 1, std::nextafter(1.0, 2),
                                   1.5,    1e10, 1e300};
  const Policy policy = one_axis(points);
  for (std::size_t i = 0; i < points.size(); ++i)
    EXPECT_EQ(ask(policy, {points[i]}).plan, static_cast<int>(i));
  EXPECT_EQ(ask(policy, {-0.0}).plan, ask(policy, {0.0}).plan);

  std::vector<double> neighbours{1};
  for (int i = 0; i < 100; ++i) neighbours.push_back(std::nextafter(neighbours.back(), 2));
  neighbours.push_back(1e9);
  const Policy crowded = one_axis(neighbours);
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    EXPECT_EQ(ask(crowded, {neighbours[i]}).plan, static_cast<int>(i));
  }
}

// -0 has other bits than 0, and values below zero go another way than those above.
TEST(PolicyReader, MinusZeroIsZero) {
  const Policy from_zero = one_axis({0, 1});
  EXPECT_EQ(ask(from_zero, {-0.0}).reason, PolicyReason::kFromTable);
  EXPECT_EQ(ask(from_zero, {-0.0}).plan, 0);
  EXPECT_EQ(ask(from_zero, {-5e-324}).reason, PolicyReason::kBelowRange);
  const Policy across = one_axis({-3, -1, 1, 3});  // an edge at 0
  EXPECT_EQ(ask(across, {-0.0}).plan, 2);
  EXPECT_EQ(ask(across, {-5e-324}).plan, 1);
}

TEST(PolicyReader, AnAxisMayReachUpToZeroOrStayBelow) {
  const Policy below = one_axis({-4, -3, -2});
  EXPECT_EQ(ask(below, {-4.5}).plan, 0);
  EXPECT_EQ(ask(below, {-3.0}).plan, 1);
  EXPECT_EQ(ask(below, {-1.5}).plan, 2);
  EXPECT_EQ(ask(below, {-1.0}).reason, PolicyReason::kAboveRange);
  EXPECT_EQ(ask(below, {0.0}).reason, PolicyReason::kAboveRange);
  EXPECT_EQ(ask(below, {-5.0}).reason, PolicyReason::kBelowRange);
  const Policy to_zero = one_axis({-2, -1, -0.0});
  EXPECT_EQ(ask(to_zero, {0.0}).plan, 2);
  EXPECT_EQ(ask(to_zero, {0.5}).plan, 2);
  EXPECT_EQ(ask(to_zero, {std::nextafter(0.5, 1)}).reason, PolicyReason::kAboveRange);
}

TEST(PolicyReader, EveryCellComesBack) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const PolicyContent content = test::random_content(seed);
    const Policy policy = opened(content);
    for (std::size_t cell = 0; cell < content.cells.size(); ++cell) {
      std::vector<double> values(content.axes.size());
      std::size_t left = cell;
      for (std::size_t i = values.size(); i-- > 0;) {
        const PolicyAxisContent& axis = content.axes[i];
        const std::size_t step = left % axis.labels.size();
        left /= axis.labels.size();
        values[i] = axis.numeric ? axis.points[step] : static_cast<double>(step);
      }
      const PolicyCell& expected = content.cells[cell];
      const PolicyAnswer answer = ask(policy, values);
      ASSERT_EQ(answer.cell, static_cast<std::int64_t>(cell));
      ASSERT_EQ(policy.cell_plan(cell), expected.plan);
      ASSERT_EQ(answer.fallback, expected.plan < 0);
      if (expected.plan < 0) continue;
      ASSERT_EQ(answer.latency, static_cast<float>(expected.value.value()));
      ASSERT_EQ(answer.margin, policy_file::margin_of(policy_file::margin_code(expected.margin)));
    }
  }
}

}  // namespace
}  // namespace kerf
