#include "calibrate/measure/calibrate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

constexpr std::string_view kChain = R"(
  input x 1,3,16,16
  weight w1 8,3,3,3
  weight w2 4,8,3,3
  weight w3 2,4,3,3
  a = Conv(x, w1) pads=1,1,1,1
  b = Relu(a)
  c = Conv(b, w2) pads=1,1,1,1
  d = Relu(c)
  e = Conv(d, w3) pads=1,1,1,1
  y = Relu(e)
  output y
)";

class Calibrate : public ::testing::Test {
 protected:
  Profile profile_of(Seconds budget, const StopRequested& stop = {}) {
    CalibrateOptions options;
    options.host = "here";
    options.budget = budget;
    options.width = 0.5;  // a busy machine must not make this long
    return calibrate(graph_, chain_, options, {}, stop);
  }

  test::TempFolder folder_;
  Graph graph_ = test::import_text(folder_, kChain);
  Chain chain_ = find_cuts(graph_);
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
  EXPECT_EQ(profile.batch, 1);
  EXPECT_EQ(profile.provenance.tool, "kerf calibrate");
  EXPECT_THAT(profile.provenance.runtime, ::testing::StartsWith("onnxruntime"));
  EXPECT_THAT(profile.provenance.note, ::testing::HasSubstr("slices measured"));
}

TEST_F(Calibrate, FitsEveryBlock) {
  const Profile profile = profile_of(Seconds(60));
  EXPECT_EQ(profile.entry.size(), chain_.blocks.size());
  EXPECT_EQ(profile.exit.size(), chain_.blocks.size());
  EXPECT_FALSE(profile.ratios.empty());
}

TEST_F(Calibrate, IntervalsHoldTheirPercentile) {
  for (const SliceMeasurement& slice : profile_of(Seconds(60)).measurements) {
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

}  // namespace
}  // namespace kerf
