// `kerf model info` on models whose shapes no rule knows, and on models without a cut.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/run_program.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ModelCommand : public testing::Test {
 protected:
  [[nodiscard]] Ran info(std::string_view text) const {
    const auto file = folder_.write("model.onnx", test::onnx_model(text));
    return run_kerf({"model", "info", file.string()}, {.folder = folder_.path()});
  }
  test::TempFolder folder_;
};

TEST_F(ModelCommand, AsksOnnxRuntimeWhereThereIsOne) {
  const Ran ran = info(R"(
    domain com.microsoft
    input x 1,8,8,16 uint8
    y = com.microsoft.NhwcMaxPool(x) kernel_shape=2,2 strides=2,2 @pool
    output y
  )");
#ifdef KERF_HAS_RUNTIME
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("output  y uint8 [1,4,4,16]"));
#else
  EXPECT_EQ(ran.exit_code, 31);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("node \"pool\" (NhwcMaxPool)"), HasSubstr("built with ONNX Runtime")));
#endif
}

TEST_F(ModelCommand, NamesAnOperatorThatNobodyKnows) {
  const Ran ran = info("domain com.example\n input x 8\n y = com.example.Op(x) @odd\n output y");
  EXPECT_EQ(ran.exit_code, 31);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("node \"odd\" (Op)"), HasSubstr("domain com.example")));
}

TEST_F(ModelCommand, SaysWhenThereIsNoCut) {
  const Ran ran = info("input x 4\n y = Relu(x)\n output y");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("No cut inside"));
}

}  // namespace
}  // namespace kerf
