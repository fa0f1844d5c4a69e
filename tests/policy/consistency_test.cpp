// Payloads that FlatBuffers' verifier accepts and whose checksum is right, but which mean nothing: each is
// malformed.

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "policy/reader/file_header.hpp"
#include "policy/reader/policy_reader.hpp"
#include "policy_generated.h"

namespace kerf {
namespace {

struct LooseAxis {
  std::string name = "x";
  std::string key = "key";
  bool numeric = true;
  bool logarithmic = false;
  double lowest = 0;
  double highest = 3;
  std::vector<double> points{1, 2};
  std::vector<double> edges{1.5};
  std::vector<std::string> labels{"1", "2"};
};

// The fields of the schema as they are: nothing is checked here.
struct Loose {
  std::vector<LooseAxis> axes{LooseAxis{}};
  std::vector<std::string> plans{"a:0-1", "b:0-1"};
  std::vector<std::string> profiles{"hash"};
  std::vector<std::string> platforms{"hash"};
  std::uint16_t fallback = 0;
  std::vector<flat::Cell> cells{{0, 0}, {1, 255}};
  std::vector<flat::WideCell> wide;
  bool has_cells = true;
  bool has_wide = false;
  std::vector<float> predictions{1, 2};
  std::uint32_t regret_conditions = 0;
  double regret_mean = 0;
  double regret_worst = 0;
};

std::string file_of(const Loose& loose) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<flat::Axis>> axes;
  for (const LooseAxis& axis : loose.axes) {
    axes.push_back(flat::CreateAxis(
        builder, builder.CreateString(axis.name), builder.CreateString(axis.key), builder.CreateString(""),
        axis.numeric, axis.logarithmic, axis.lowest, axis.highest, builder.CreateVector(axis.points),
        builder.CreateVector(axis.edges), builder.CreateVectorOfStrings(axis.labels)));
  }
  const auto text = builder.CreateString("text");
  const auto profiles = builder.CreateVectorOfStrings(loose.profiles);
  const auto platforms = builder.CreateVectorOfStrings(loose.platforms);
  const auto axis_vector = builder.CreateVector(axes);
  const auto plans = builder.CreateVectorOfStrings(loose.plans);
  flatbuffers::Offset<flatbuffers::Vector<const flat::Cell*>> cells;
  flatbuffers::Offset<flatbuffers::Vector<const flat::WideCell*>> wide;
  if (loose.has_cells) cells = builder.CreateVectorOfStructs(loose.cells);
  if (loose.has_wide) wide = builder.CreateVectorOfStructs(loose.wide);
  const auto predictions = builder.CreateVector(loose.predictions);
  builder.Finish(flat::CreatePolicy(builder, text, text, text, text, text, profiles, platforms, axis_vector,
                                    plans, loose.fallback, cells, wide, predictions, loose.regret_conditions,
                                    loose.regret_mean, loose.regret_worst));
  const std::string payload(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  const auto header = policy_file::header_bytes({.payload_size = payload.size(), .checksum = xxh64(payload)});
  return std::string(header.data(), header.size()) + payload;
}

PolicyStatus status_of(const std::function<void(Loose&)>& change) {
  Loose loose;
  change(loose);
  const std::string bytes = file_of(loose);
  Policy policy;
  return policy.open(bytes.data(), bytes.size());
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr auto kOk = PolicyStatus::kOk;
constexpr auto kMalformed = PolicyStatus::kMalformed;

TEST(PolicyConsistency, UnchangedItOpens) {
  EXPECT_EQ(status_of([](Loose&) {}), kOk);
}

TEST(PolicyConsistency, AxesSpanTheCells) {
  EXPECT_EQ(status_of([](Loose& l) { l.predictions.push_back(1); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.cells.push_back({0, 0}); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.axes.clear(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.axes.push_back(l.axes[0]), l.axes[1].name = "y"; }), kMalformed);
}

TEST(PolicyConsistency, ThereIsOneKindOfCells) {
  EXPECT_EQ(status_of([](Loose& l) { l.has_cells = false; }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.has_wide = true, l.wide = {{0, 0}, {0, 0}}; }), kMalformed);
  const auto wide = [](Loose& l) {
    l.has_cells = false, l.has_wide = true, l.wide = {{0, 0}, {65535, 0}}, l.predictions[1] = 0;
  };
  EXPECT_EQ(status_of(wide), kOk);
}

TEST(PolicyConsistency, PlanNumbersExist) {
  EXPECT_EQ(status_of([](Loose& l) { l.cells[0] = {2, 0}; }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) {
              l.has_cells = false, l.has_wide = true, l.wide = {{0, 0}, {2, 0}};
            }),
            kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.fallback = 2; }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) {
              l.plans.clear(), l.cells = {{255, 0}, {255, 0}}, l.predictions = {0, 0};
            }),
            kMalformed);
}

TEST(PolicyConsistency, NarrowCellsCannotNameManyPlans) {
  EXPECT_EQ(status_of([](Loose& l) { l.plans.assign(254, "a:0-1"); }), kOk);
  EXPECT_EQ(status_of([](Loose& l) { l.plans.assign(255, "a:0-1"); }), kMalformed);
}

TEST(PolicyConsistency, MarginsAreCodes) {
  EXPECT_EQ(status_of([](Loose& l) {
              l.has_cells = false, l.has_wide = true, l.wide = {{0, 0}, {1, 256}};
            }),
            kMalformed);
}

TEST(PolicyConsistency, PredictionsAreTimes) {
  for (const double value : {-1.0, kNaN, kInfinity}) {
    EXPECT_EQ(status_of([&](Loose& l) { l.predictions[0] = static_cast<float>(value); }), kMalformed)
        << value;
  }
}

TEST(PolicyConsistency, CellsWithoutAPlanAreEmpty) {
  EXPECT_EQ(status_of([](Loose& l) { l.cells[0] = {255, 0}, l.predictions[0] = 0; }), kOk);
  EXPECT_EQ(status_of([](Loose& l) { l.cells[0] = {255, 0}; }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.cells[0] = {255, 1}, l.predictions[0] = 0; }), kMalformed);
}

// 150 cells on a named axis, every seventh without a plan.
Loose many_cells(bool wide) {
  Loose loose;
  loose.axes[0] = {"x", "key", false, false, 0, 0, {}, {}, std::vector<std::string>(150, "label")};
  loose.has_cells = !wide;
  loose.has_wide = wide;
  loose.cells.clear();
  loose.predictions.clear();
  for (int cell = 0; cell < 150; ++cell) {
    const bool none = cell % 7 == 0;
    const auto margin = static_cast<std::uint8_t>(none ? 0 : cell + 100);
    loose.cells.emplace_back(static_cast<std::uint8_t>(none ? 255 : cell % 2), margin);
    loose.wide.emplace_back(static_cast<std::uint16_t>(none ? 65535 : cell % 2), margin);
    loose.predictions.push_back(none ? 0.0f : static_cast<float>(cell));
  }
  return loose;
}

PolicyStatus status_of_many(bool wide, const std::function<void(Loose&)>& change) {
  return status_of([&](Loose& loose) {
    loose = many_cells(wide);
    change(loose);
  });
}

TEST(PolicyConsistency, OneWrongCellOfManyIsSeenWhereverItIs) {
  EXPECT_EQ(status_of_many(false, [](Loose&) {}), kOk);
  EXPECT_EQ(status_of_many(true, [](Loose&) {}), kOk);
  for (std::size_t cell = 0; cell < 150; ++cell) {
    for (const bool wide : {false, true}) {
      EXPECT_EQ(status_of_many(wide,
                               [&](Loose& l) {
                                 l.cells[cell] = {2, 0};
                                 l.wide[cell] = {2, 0};
                               }),
                kMalformed)
          << cell;
      for (const double value : {-1.0, kNaN, kInfinity}) {
        EXPECT_EQ(status_of_many(wide, [&](Loose& l) { l.predictions[cell] = static_cast<float>(value); }),
                  kMalformed)
            << cell;
      }
    }
    EXPECT_EQ(status_of_many(true, [&](Loose& l) { l.wide[cell] = {0, 256}; }), kMalformed) << cell;
    if (cell % 7 != 0) continue;
    EXPECT_EQ(status_of_many(false, [&](Loose& l) { l.cells[cell] = {255, 1}; }), kMalformed) << cell;
    EXPECT_EQ(status_of_many(false, [&](Loose& l) { l.predictions[cell] = 1; }), kMalformed) << cell;
  }
}

TEST(PolicyConsistency, MinusZeroIsNoTimeBelowZero) {
  EXPECT_EQ(status_of([](Loose& l) { l.predictions[0] = -0.0f; }), kOk);
  EXPECT_EQ(status_of([](Loose& l) { l.cells[0] = {255, 0}, l.predictions[0] = -0.0f; }), kOk);
}

TEST(PolicyConsistency, PointsAscendWithEdgesBetween) {
  for (const std::vector<double>& points :
       std::vector<std::vector<double>>{{2, 1}, {1, 1}, {1, kNaN}, {kNaN, 2}, {1, kInfinity}, {1}}) {
    EXPECT_EQ(status_of([&](Loose& l) { l.axes[0].points = points; }), kMalformed);
  }
  for (const std::vector<double>& edges :
       std::vector<std::vector<double>>{{1}, {2.5}, {kNaN}, {kInfinity}, {}, {1.5, 1.7}}) {
    EXPECT_EQ(status_of([&](Loose& l) { l.axes[0].edges = edges; }), kMalformed);
  }
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].edges = {2}; }), kOk);
}

TEST(PolicyConsistency, TheRangeHoldsThePoints) {
  for (const double lowest : {1.25, kNaN, -kInfinity}) {
    EXPECT_EQ(status_of([&](Loose& l) { l.axes[0].lowest = lowest; }), kMalformed) << lowest;
  }
  for (const double highest : {1.75, kNaN, kInfinity}) {
    EXPECT_EQ(status_of([&](Loose& l) { l.axes[0].highest = highest; }), kMalformed) << highest;
  }
}

TEST(PolicyConsistency, TextsAreNotEmpty) {
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].name.clear(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].key.clear(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].labels[1].clear(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.plans[1].clear(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.profiles[0].clear(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.platforms[0].clear(); }), kMalformed);
}

TEST(PolicyConsistency, EveryPointHasALabel) {
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].labels.pop_back(); }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].labels.clear(), l.cells.clear(), l.predictions.clear(); }),
            kMalformed);
}

TEST(PolicyConsistency, ANamedAxisHasLabelsOnly) {
  const auto named = [](Loose& l) {
    l.axes[0].numeric = false, l.axes[0].points.clear(), l.axes[0].edges.clear();
  };
  EXPECT_EQ(status_of(named), kOk);
  EXPECT_EQ(status_of([](Loose& l) { l.axes[0].numeric = false; }), kMalformed);
}

TEST(PolicyConsistency, AxesHaveNamesOfTheirOwn) {
  const auto one_point = [](const char* name) {
    return LooseAxis{name, "key", true, false, 0, 3, {1}, {}, {"1"}};
  };
  EXPECT_EQ(status_of([&](Loose& l) { l.axes.push_back(one_point("y")); }), kOk);
  EXPECT_EQ(status_of([&](Loose& l) { l.axes.push_back(one_point("x")); }), kMalformed);
}

TEST(PolicyConsistency, ThereAreAtMost32Axes) {
  const auto many = [](Loose& l, int count) {
    for (int i = 1; i < count; ++i)
      l.axes.push_back({"axis " + std::to_string(i), "key", true, false, 0, 3, {1}, {}, {"1"}});
  };
  EXPECT_EQ(status_of([&](Loose& l) { many(l, 32); }), kOk);
  EXPECT_EQ(status_of([&](Loose& l) { many(l, 33); }), kMalformed);
}

TEST(PolicyConsistency, RegretIsMeasuredSomewhere) {
  EXPECT_EQ(status_of([](Loose& l) { l.regret_conditions = 1, l.regret_mean = 0.1, l.regret_worst = 0.2; }),
            kOk);
  EXPECT_EQ(status_of([](Loose& l) { l.regret_mean = 0.1, l.regret_worst = 0.2; }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.regret_conditions = 1, l.regret_mean = kNaN; }), kMalformed);
  EXPECT_EQ(status_of([](Loose& l) { l.regret_conditions = 1, l.regret_mean = 0.3, l.regret_worst = 0.2; }),
            kMalformed);
}

}  // namespace
}  // namespace kerf
