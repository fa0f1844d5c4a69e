#include "calibrate/measure/calibrate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "calibrate/measure/slice_set.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

constexpr std::string_view kChain = R"(
  input x 1,3,16,16
  weight w1 8,3,3,3
  weight w2 4,8,3,3
  weight w3 4,4,3,3
  weight w4 3,4,3,3
  weight w5 3,3,3,3
  weight w6 2,3,3,3
  a = Conv(x, w1) pads=1,1,1,1
  b = Relu(a)
  c = Conv(b, w2) pads=1,1,1,1
  d = Relu(c)
  e = Conv(d, w3) pads=1,1,1,1
  f = Relu(e)
  g = Conv(f, w4) pads=1,1,1,1
  h = Relu(g)
  i = Conv(h, w5) pads=1,1,1,1
  j = Relu(i)
  k = Conv(j, w6) pads=1,1,1,1
  y = Relu(k)
  output y
)";

class Calibrate : public ::testing::Test {
 protected:
  Calibrate() {
    options_.host = "here";
    options_.budget = Seconds(60);
    options_.width = 0.5;  // a busy machine must not make this long
  }

  Calibration calibration(const StopRequested& stop = {}) {
    return calibrate([&](int batch) { return at_batch(batch); }, options_, {}, stop);
  }
  Profile profile_of(Seconds budget, const StopRequested& stop = {}) {
    options_.budget = budget;
    return calibration(stop).profile;
  }

  [[nodiscard]] CutModel at_batch(int batch) const {
    Graph graph = graph_;
    if (batch > 1) graph = test::import_text(folder_, kChain, {{"x", {batch, 3, 16, 16}}});
    Chain chain = find_cuts(graph);
    return {std::move(graph), std::move(chain)};
  }

  test::TempFolder folder_;
  Graph graph_ = test::import_text(folder_, kChain);
  Chain chain_ = find_cuts(graph_);
  CalibrateOptions options_;
};

TEST_F(Calibrate, GivesAProfileThatReadsBack) {
  const Profile profile = profile_of(Seconds(60));
  const std::string json = to_json(profile);
  EXPECT_EQ(to_json(profile_from_json(json, "profile")), json);
}

TEST_F(Calibrate, DescribesModelAndMachine) {
  const Profile profile = profile_of(Seconds(60));
  EXPECT_EQ(profile.host, "here");
  EXPECT_EQ(profile.model_hash, graph_.hash);
  EXPECT_EQ(profile.blocks.size(), chain_.blocks.size());
  EXPECT_EQ(profile.cuts.size(), chain_.cuts.size());
  EXPECT_EQ(profile.rows[0].mode.batch, 1);
  EXPECT_EQ(profile.provenance.tool, "kerf calibrate");
  EXPECT_THAT(profile.provenance.runtime, ::testing::StartsWith("onnxruntime"));
  EXPECT_THAT(profile.rows[0].note, ::testing::HasSubstr("slices measured"));
}

TEST_F(Calibrate, FitsEveryBlock) {
  const Profile profile = profile_of(Seconds(60));
  EXPECT_EQ(profile.rows[0].entry.size(), chain_.blocks.size());
  EXPECT_EQ(profile.rows[0].exit.size(), chain_.blocks.size());
  EXPECT_FALSE(profile.rows[0].ratios.empty());
}

TEST_F(Calibrate, IntervalsHoldTheirPercentile) {
  const Profile profile = profile_of(Seconds(60));
  for (const SliceMeasurement& slice : profile.rows[0].measurements) {
    EXPECT_LE(slice.low, slice.p20);
    EXPECT_LE(slice.p20, slice.high);
    EXPECT_GT(slice.p20, Seconds(0));
  }
}

TEST_F(Calibrate, ABudgetOfNothingIsALimit) {
  try {
    (void)profile_of(Seconds(1e-6));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
  }
}

TEST_F(Calibrate, StopsWhenAsked) {
  try {
    (void)profile_of(Seconds(60), [] { return true; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
}

TEST_F(Calibrate, EachWayOfRunningIsARow) {
  options_.modes = {{.batch = 2, .threads = 1, .sessions = 1}, {}, {.batch = 1, .threads = 2, .sessions = 2}};
  const Calibration result = calibration();
  ASSERT_EQ(result.profile.rows.size(), 3U);
  EXPECT_EQ(result.profile.rows[0].mode, RunMode{});
  EXPECT_EQ(result.profile.rows[1].mode, (RunMode{1, 2, 2}));
  EXPECT_EQ(result.profile.rows[2].mode, (RunMode{2, 1, 1}));
  EXPECT_EQ(result.profile.input_shapes.at("x"), (std::vector<std::int64_t>{1, 3, 16, 16}));
  EXPECT_EQ(to_json(profile_from_json(to_json(result.profile), "profile")), to_json(result.profile));
}

// The first dimension of a recurrent network's state is its layers.
TEST_F(Calibrate, ABatchThatDoesNotRunIsSaidBeforeAnythingIsMeasured) {
  constexpr std::string_view kRecurrent = R"(
    input x 3,1,4
    input h 1,1,8
    weight w 1,8,4
    weight r 1,8,8
    y, last = RNN(x, w, r, _, _, h) hidden_size=8
    output y
    output last
  )";
  const auto model_at = [&](int batch) -> CutModel {
    Graph graph = test::import_text(folder_, kRecurrent, {{"x", {3 * batch, 1, 4}}, {"h", {batch, 1, 8}}});
    Chain chain = find_cuts(graph);
    return {std::move(graph), std::move(chain)};
  };
  options_.modes = {{}, {.batch = 2, .threads = 1, .sessions = 1}};
  options_.journal = folder_.path() / "model-here.json.partial";
  try {
    (void)calibrate(model_at, options_, {}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(),
                ::testing::AllOf(::testing::HasSubstr("at batch 2"), ::testing::HasSubstr("--shape")));
  }
  EXPECT_FALSE(std::filesystem::exists(options_.journal));
}

TEST_F(Calibrate, HeldOutSlicesAreComparedAndNotFitted) {
  options_.validate = 3;
  const Calibration result = calibration();
  EXPECT_EQ(result.held_out.size(), 3U);
  EXPECT_TRUE(result.profile.rows[0].validation.has_value());
  for (const HeldOut& slice : result.held_out) {
    for (const SliceMeasurement& fitted : result.profile.rows[0].measurements) {
      EXPECT_NE(std::pair(slice.first_block, slice.last_block),
                std::pair(fitted.first_block, fitted.last_block));
    }
  }
  for (const HeldOut& slice : result.held_out) EXPECT_GT(slice.predicted, Seconds(0));
}

TEST_F(Calibrate, RecordsLoadTimeOfEverySlice) {
  const Profile profile = profile_of(Seconds(60));
  for (const SliceMeasurement& slice : profile.rows[0].measurements) {
    EXPECT_GT(slice.load, Seconds(0));
  }
}

TEST_F(Calibrate, AnInterruptedOneGoesOn) {
  options_.journal = folder_.path() / "model-here.json.partial";
  int asked = 0;
  EXPECT_THROW((void)calibration([&] { return ++asked > 35; }), Error);
  EXPECT_TRUE(std::filesystem::exists(options_.journal));
  const Calibration result = calibration();
  EXPECT_TRUE(result.resumed);
  EXPECT_FALSE(result.profile.rows[0].measurements.empty());
}

TEST_F(Calibrate, AnotherModelDoesNotGoOnFromItsJournal) {
  options_.journal = folder_.path() / "model-here.json.partial";
  (void)calibration();
  graph_.hash = "0000000000000000";
  try {
    (void)calibration();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("0000000000000000"));
  }
}

TEST_F(Calibrate, SaysThatItRested) {
  options_.pause = Seconds(1e-3);
  EXPECT_THAT(profile_of(Seconds(60)).rows[0].note, ::testing::HasSubstr("1 ms of rest before each run"));
}

}  // namespace
}  // namespace kerf
