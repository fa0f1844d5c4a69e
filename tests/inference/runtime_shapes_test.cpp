#include "runtime/inference/runtime_shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/inference/inference_fixture.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class RuntimeShapes : public testing::Test {
 protected:
  [[nodiscard]] Graph import(std::string_view text) const {
    return import_onnx(folder_.write("model.onnx", test::onnx_model(text)), {}, runtime_shapes());
  }
  [[nodiscard]] std::vector<std::int64_t> shape(std::string_view text, std::string_view name) const {
    const Graph graph = import(text);
    return graph.tensors.at(static_cast<std::size_t>(graph.find_tensor(name))).shape;
  }
  test::TempFolder folder_;
};

TEST_F(RuntimeShapes, AreTakenForOperatorsThatNoRuleKnows) {
  EXPECT_THAT(shape(R"(
    domain com.microsoft
    input x 1,8,8,16 uint8
    y = com.microsoft.NhwcMaxPool(x) kernel_shape=2,2 strides=2,2
    output y
  )",
                    "y"),
              ElementsAre(1, 4, 4, 16));
}

TEST_F(RuntimeShapes, AreTakenForNewerOpsets) {
  EXPECT_THAT(shape(R"(
    opset 20
    input x 1,16,1
    scalar axis 1 int64
    y = DFT(x, _, axis) onesided=1
    output y
  )",
                    "y"),
              ElementsAre(1, 9, 2));
}

TEST_F(RuntimeShapes, ThatDependOnTheDataStayUnknown) {
  try {
    (void)import("opset 18\n input x 8\n y = NonZero(x) @where\n z = Cast(y) to=1\n output z");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(std::string(error.what()),
                AllOf(HasSubstr("node \"where\""), HasSubstr("cannot be inferred")));
  }
}

TEST_F(RuntimeShapes, AreNotKnownOfAnOperatorThatOnnxRuntimeHasNot) {
  try {
    (void)import("domain com.example\n input x 8\n y = com.example.Op(x) @odd\n output y");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(std::string(error.what()),
                AllOf(HasSubstr("node \"odd\" (Op)"), HasSubstr("unknown to ONNX Runtime")));
  }
}

}  // namespace
}  // namespace kerf
