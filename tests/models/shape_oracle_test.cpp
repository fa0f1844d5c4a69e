// When the oracle is asked, what about, and what is believed.

#include "models/shape_oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "base/error.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Two nodes alike, of a domain that nobody knows.
constexpr std::string_view kUnknown = R"(
  domain com.example
  input x 2,3
  ints operand 4,5
  a = com.example.Grow(x, operand) factor=2 @first
  b = com.example.Grow(x, operand) factor=2 @second
  y = Add(a, b)
  output y
)";

class AnOracle : public testing::Test {
 protected:
  [[nodiscard]] Graph import(std::string_view text, const ShapeOracle& oracle) const {
    return import_onnx(folder_.write("model.onnx", test::onnx_model(text)), {}, oracle);
  }
  static const Tensor& tensor(const Graph& graph, std::string_view name) {
    return graph.tensors.at(static_cast<std::size_t>(graph.find_tensor(name)));
  }
  test::TempFolder folder_;
};

TEST_F(AnOracle, GivesTheShapesThatNoRuleKnows) {
  const Graph graph = import(kUnknown, [](const std::string&) {
    return std::vector<TensorType>{{ElementType::kFloat32, {2, 6}}};
  });
  EXPECT_THAT(tensor(graph, "y").shape, ElementsAre(2, 6));
}

TEST_F(AnOracle, IsAskedAboutOneNodeWithItsOperands) {
  onnx::ModelProto asked;
  (void)import(kUnknown, [&](const std::string& model) {
    EXPECT_TRUE(asked.ParseFromString(model));
    return std::vector<TensorType>{{ElementType::kFloat32, {2, 6}}};
  });
  EXPECT_EQ(asked.graph().node_size(), 1);
  EXPECT_EQ(asked.graph().node(0).op_type(), "Grow");
  EXPECT_EQ(asked.graph().input_size(), 1);
  EXPECT_EQ(asked.graph().input(0).type().tensor_type().shape().dim(1).dim_value(), 3);
  EXPECT_EQ(asked.graph().initializer_size(), 1);
}

TEST_F(AnOracle, IsAskedOnceAboutEqualNodes) {
  int questions = 0;
  (void)import(kUnknown, [&](const std::string&) {
    ++questions;
    return std::vector<TensorType>{{ElementType::kFloat32, {2, 6}}};
  });
  EXPECT_EQ(questions, 1);
}

TEST_F(AnOracle, IsNotAskedWhatTheRulesKnow) {
  (void)import("input x 1,3,8,8\n weight w 4,3,3,3\n y = Conv(x, w)\n output y", [](const std::string&) {
    ADD_FAILURE();
    return std::vector<TensorType>{};
  });
}

TEST_F(AnOracle, ThatKnowsNothingEitherIsQuoted) {
  try {
    (void)import(kUnknown, [](const std::string&) -> std::vector<TensorType> {
      throw Error(ErrorCode::kUnsupported, "runtime", "Grow is not a registered operator");
    });
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(std::string(error.what()),
                AllOf(HasSubstr("node \"first\" (Grow)"), HasSubstr("operator Grow of domain com.example"),
                      HasSubstr("Grow is not a registered operator")));
  }
}

TEST_F(AnOracle, ThatDoesNotKnowTheShapeLeavesItUnknown) {
  try {
    (void)import("input x 8\n y = NonZero(x) @where\n z = Cast(y) to=1\n output z",
                 [](const std::string&) { return std::vector<TensorType>(1); });
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(std::string(error.what()), HasSubstr("cannot be inferred"));
  }
}

}  // namespace
}  // namespace kerf
