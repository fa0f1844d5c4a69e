// PP-OCRv4's three networks, where scripts/ has installed them: they keep all weights in Constant nodes, have
// open dimensions, and come from another exporter than most.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "models/cuts.hpp"
#include "models/onnx_import.hpp"
#include "models/slicer.hpp"

namespace kerf {
namespace {

struct RealModel {
  std::string file;
  std::vector<std::int64_t> shape;
  std::size_t stored_tensors;
  int least_cuts;
};

class RealModels : public testing::TestWithParam<RealModel> {
 protected:
  void SetUp() override {
    file_ = std::filesystem::path(KERF_SOURCE_DIR) / ".deps/models" / GetParam().file;
    if (!std::filesystem::exists(file_))
      GTEST_SKIP() << file_ << " is not installed: run scripts/quickstart.sh";
    graph_ = import_onnx(file_, {{"x", GetParam().shape}});
    chain_ = find_cuts(graph_);
  }
  std::filesystem::path file_;
  Graph graph_;
  Chain chain_;
};

TEST_P(RealModels, ConstantNodesAreWeights) {
  EXPECT_EQ(std::ranges::count_if(graph_.weights, [](const WeightPlace& place) { return !place.literal; }),
            static_cast<std::ptrdiff_t>(GetParam().stored_tensors));
  EXPECT_EQ(std::ranges::count(graph_.nodes, "Constant", &Node::op_type), 0);
}

TEST_P(RealModels, HaveManyNarrowCuts) {
  EXPECT_GE(static_cast<int>(chain_.cuts.size()), GetParam().least_cuts);
  for (std::size_t k = 1; k + 1 < chain_.cuts.size(); ++k) EXPECT_LE(chain_.cuts[k].tensors.size(), 3U);
  RecordProperty("cuts", static_cast<int>(chain_.cuts.size()));
}

TEST_P(RealModels, BlocksAddUpToTheWhole) {
  double work = 0;
  Bytes weights;
  for (const Block& block : chain_.blocks) {
    work += block.multiply_adds;
    weights += block.weights;
  }
  EXPECT_EQ(work, graph_.multiply_adds());
  EXPECT_GE(weights, Bytes(0.9 * graph_.weight_bytes().value()));
}

TEST_P(RealModels, BlocksAsFilesPassOnnxsChecker) {
  for (int k = 0; k < static_cast<int>(chain_.blocks.size()); ++k) {
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(slice_file(graph_, chain_, k, k)));
    EXPECT_NO_THROW(onnx::checker::check_model(model)) << k;
  }
}

TEST_P(RealModels, WithoutAShapeTheInputIsNamed) {
  try {
    (void)import_onnx(file_);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr("--shape x="));
  }
}

INSTANTIATE_TEST_SUITE_P(PaddleOcr, RealModels,
                         testing::Values(RealModel{"ppocr-det.onnx", {1, 3, 320, 320}, 342, 25},
                                         RealModel{"ppocr-cls.onnx", {1, 3, 48, 192}, 250, 50},
                                         RealModel{"ppocr-rec.onnx", {1, 3, 48, 320}, 325, 45}),
                         [](const auto& model) { return model.param.file.substr(6, 3); });

}  // namespace
}  // namespace kerf
