// A model of six gigabytes, its weights in a file of their own with holes instead of data: shapes and offsets
// are all that an import looks at.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include "base/error.hpp"
#include "models/cuts.hpp"
#include "models/slicer.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

constexpr std::int64_t kWidth = 16384;
constexpr std::uint64_t kWeight = std::uint64_t{kWidth} * 2 * kWidth * 4;  // 2 GiB
constexpr int kWeights = 3;

class LargeModel : public testing::Test {
 protected:
  void SetUp() override {
    onnx::ModelProto model;
    model.ParseFromString(test::onnx_model(R"(
      input x 1,16384
      a = Relu(x)
      b = MatMul(a, w0)
      c = MatMul(b, w1)
      d = MatMul(c, w2)
      output d
    )"));
    for (int w = 0; w < kWeights; ++w) {
      onnx::TensorProto& weight = *model.mutable_graph()->add_initializer();
      weight.set_name("w" + std::to_string(w));
      weight.set_data_type(onnx::TensorProto::FLOAT);
      weight.add_dims(w % 2 == 0 ? kWidth : 2 * kWidth);
      weight.add_dims(w % 2 == 0 ? 2 * kWidth : kWidth);
      weight.set_data_location(onnx::TensorProto::EXTERNAL);
      const auto entry = [&](const std::string& key, const std::string& value) {
        auto* pair = weight.add_external_data();
        pair->set_key(key);
        pair->set_value(value);
      };
      entry("location", "weights.bin");
      entry("offset", std::to_string(static_cast<std::uint64_t>(w) * kWeight));
      entry("length", std::to_string(kWeight));
    }
    file_ = folder_.write("large.onnx", model.SerializeAsString());
    weights_ = folder_.write("weights.bin", "");
    std::filesystem::resize_file(weights_, kWeights * kWeight);
  }
  void write_weights(std::uint64_t offset, char byte) const {
    const int file = ::open(weights_.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_EQ(::pwrite(file, &byte, 1, static_cast<off_t>(offset)), 1);
    ::close(file);
  }
  test::TempFolder folder_;
  std::filesystem::path file_, weights_;
};

TEST_F(LargeModel, IsImportedAndCut) {
  const Graph graph = import_onnx(file_);
  EXPECT_EQ(graph.weight_bytes(), Bytes(static_cast<double>(kWeights * kWeight)));
  EXPECT_EQ(graph.weights[2].offset, 2 * kWeight);
  EXPECT_EQ(find_cuts(graph).blocks.size(), 3U);
}

TEST_F(LargeModel, IsSlicedWithoutItsWeights) {
  const Graph graph = import_onnx(file_);
  const Slice slice = make_slice(graph, find_cuts(graph), 0, 2);
  EXPECT_LT(slice.model.size(), 2000U);
  EXPECT_EQ(slice.weights.size(), 3U);
}

TEST_F(LargeModel, IsRefusedAsOneFileWithAdvice) {
  const Graph graph = import_onnx(file_);
  try {
    (void)slice_file(graph, find_cuts(graph), 0, 2);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr("cut the model in more places"));
  }
}

TEST_F(LargeModel, ItsHashSeesTheEndsOfItsWeights) {
  const std::string before = import_onnx(file_).hash;
  EXPECT_EQ(import_onnx(file_).hash, before);
  write_weights(0, 'x');
  const std::string first = import_onnx(file_).hash;
  EXPECT_NE(first, before);
  write_weights(kWeights * kWeight - 1, 'x');
  EXPECT_NE(import_onnx(file_).hash, first);
}

TEST_F(LargeModel, ATruncatedWeightFileIsNamed) {
  std::filesystem::resize_file(weights_, kWeight);
  try {
    (void)import_onnx(file_);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(std::string(error.what()), testing::HasSubstr("weights.bin"));
  }
}

}  // namespace
}  // namespace kerf
