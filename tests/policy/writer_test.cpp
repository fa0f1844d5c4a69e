#include "policy/writer/policy_writer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "base/error.hpp"
#include "policy/writer/axis_edges.hpp"
#include "tests/policy/sample.hpp"

namespace kerf {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMost = std::numeric_limits<double>::max();

// What encode_policy says of the sample after a change: the code and the message.
std::string refusal(ErrorCode code, const std::function<void(PolicyContent&)>& change) {
  PolicyContent content = test::sample();
  change(content);
  try {
    (void)encode_policy(content);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "accepted";
}

TEST(PolicyWriter, CountsAgree) {
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.cells.pop_back(); }),
            "policy table: 11 cells; expected 12, the product of the axes");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[1].points.pop_back(); }),
            "policy table: axis rtt with 1 points; expected 2");
  EXPECT_EQ(refusal(ErrorCode::kBug,
                    [](PolicyContent& c) {
                      c.axes[2].points = {1, 2};
                    }),
            "policy table: axis site with 2 points; expected 0");
}

TEST(PolicyWriter, PlansExist) {
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.cells[4].plan = 3; }),
            "policy table: plan 3 in cell 4; expected -1 to 2");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.fallback_plan = -1; }),
            "policy table: fallback plan -1; expected one of 3 plans");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.plans[2].stages[0].host = 3; }),
            "policy table: a plan on host 3; expected one of 3 hosts");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.plans[2].stages.clear(); }),
            "policy table: a plan without stages; expected at least one stage");
}

TEST(PolicyWriter, ValuesAreTimesAndMarginsAreNotNegative) {
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.cells[4].value = Seconds(kNaN); }),
            "policy table: nan s predicted in cell 4; expected a finite time >= 0");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.cells[4].value = Seconds(1e39); }),
            "policy table: 1e+39 s predicted in cell 4; expected a finite time >= 0");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.cells[4].margin = -0.5; }),
            "policy table: a margin of -0.5 in cell 4; expected at least 0");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.cells[4].margin = kNaN; }),
            "policy table: a margin of nan in cell 4; expected at least 0");
}

TEST(PolicyWriter, PointsAscend) {
  EXPECT_EQ(refusal(ErrorCode::kBug,
                    [](PolicyContent& c) {
                      c.axes[1].points = {0.08, 0.02};
                    }),
            "policy table: 0.02 as point 1 of axis rtt; expected finite, strictly ascending points");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[0].points[0] = 0; }),
            "policy table: 0 as point 0 of axis goodput; expected positive, strictly ascending points");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[1].points[1] = kInfinity; }),
            "policy table: inf as point 1 of axis rtt; expected finite, strictly ascending points");
}

TEST(PolicyWriter, TextsAreThere) {
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[1].name = "goodput"; }),
            "policy table: two axes named goodput; expected distinct names");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[1].key = ""; }),
            "policy table: an axis without a name or key; expected both");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[2].labels[0] = ""; }),
            "policy table: an empty label on axis site; expected text");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.axes[2].labels.clear(); }),
            "policy table: axis site without points; expected at least one");
  EXPECT_EQ(refusal(ErrorCode::kBug, [](PolicyContent& c) { c.profile_hashes.push_back(""); }),
            "policy table: an empty hash; expected text");
}

TEST(PolicyWriter, RegretHasAFigure) {
  EXPECT_EQ(refusal(ErrorCode::kBug,
                    [](PolicyContent& c) {
                      c.regret = PolicyRegret{0, 0, 0};
                    }),
            "policy table: a regret of 0 (worst 0) at 0 conditions; expected finite figures of at least one "
            "condition");
}

TEST(PolicyWriter, LimitsSayWhatToDo) {
  EXPECT_EQ(refusal(ErrorCode::kLimit,
                    [](PolicyContent& c) {
                      for (int i = 0; i < 30; ++i) c.axes.push_back(c.axes[2]);
                    }),
            "policy table: 33 axes; expected at most 32; sweep fewer points, or leave an axis out");
  EXPECT_EQ(refusal(ErrorCode::kLimit, [](PolicyContent& c) { c.plans.assign(65535, c.plans[0]); }),
            "policy table: 65535 plans; expected at most 65534; sweep fewer points, or leave an axis out");
  EXPECT_EQ(refusal(ErrorCode::kLimit,
                    [](PolicyContent& c) {
                      c.axes[2].labels.assign(20000, "l");
                      c.axes.push_back(c.axes[2]);
                      c.axes[3].name = "more";
                    }),
            "policy table: axes that span too many cells; expected at most 268435456; sweep fewer points, or "
            "leave an "
            "axis out");
}

TEST(AxisEdges, LieHalfwayBetweenPoints) {
  const std::vector<double> points{10, 12, 16};
  const AxisEdges edges = axis_edges(points, false);
  EXPECT_EQ(edges.between, (std::vector<double>{11, 14}));
  EXPECT_EQ(edges.lowest, 9);
  EXPECT_EQ(edges.highest, 18);
}

TEST(AxisEdges, LieAtGeometricMeans) {
  const std::vector<double> points{1, 4, 100};
  const AxisEdges edges = axis_edges(points, true);
  EXPECT_EQ(edges.between, (std::vector<double>{2, 20}));
  EXPECT_EQ(edges.lowest, 0.5);
  EXPECT_EQ(edges.highest, 500);
}

TEST(AxisEdges, ReachBelowZeroOnlyWhereAPointDoes) {
  EXPECT_EQ(axis_edges(std::vector<double>{1, 8}, false).lowest, 0);
  EXPECT_EQ(axis_edges(std::vector<double>{-1, 8}, false).lowest, -5.5);
}

TEST(AxisEdges, OfOnePointReachEverywhere) {
  const AxisEdges edges = axis_edges(std::vector<double>{0.3}, false);
  EXPECT_TRUE(edges.between.empty());
  EXPECT_EQ(edges.lowest, 0);
  EXPECT_EQ(edges.highest, kMost);
  EXPECT_EQ(axis_edges(std::vector<double>{-2.0}, false).lowest, -kMost);
}

TEST(AxisEdges, SeparateAnyTwoPoints) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  const std::vector<std::vector<double>> axes{{1, std::nextafter(1, 2)}, {tiny, 2 * tiny}, {tiny, kMost},
                                              {kMost / 2, kMost},        {1e-200, 1e-199}, {1e200, 1e201}};
  for (const std::vector<double>& points : axes) {
    for (const bool logarithmic : {false, true}) {
      const AxisEdges edges = axis_edges(points, logarithmic);
      EXPECT_LT(points[0], edges.between[0]);
      EXPECT_LE(edges.between[0], points[1]);
      EXPECT_LE(edges.lowest, points[0]);
      EXPECT_GE(edges.highest, points[1]);
      EXPECT_TRUE(std::isfinite(edges.lowest) && std::isfinite(edges.highest));
    }
  }
  EXPECT_EQ(axis_edges(std::vector<double>{-kMost, kMost}, false).between[0], 0);
}

}  // namespace
}  // namespace kerf
