// What is refused, with which code and in which words.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadModel : public testing::Test {
 protected:
  void expect_text(std::string_view text, ErrorCode code, const testing::Matcher<std::string>& message,
                   const InputShapes& shapes = {}) const {
    expect_file(folder_.write("bad.onnx", test::onnx_model(text)), code, message, shapes);
  }
  static void expect_file(const std::filesystem::path& file, ErrorCode code,
                          const testing::Matcher<std::string>& message, const InputShapes& shapes = {}) {
    try {
      (void)import_onnx(file, shapes);
      ADD_FAILURE() << "the import succeeds";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(std::string(error.what()), message);
    }
  }
  test::TempFolder folder_;
};

TEST_F(BadModel, MissingFile) {
  expect_file(folder_.path() / "none.onnx", ErrorCode::kBadInput,
              AllOf(HasSubstr("none.onnx"), HasSubstr("No such file")));
}

TEST_F(BadModel, EmptyFile) {
  expect_file(folder_.write("empty.onnx", ""), ErrorCode::kBadInput, HasSubstr("is empty"));
}

TEST_F(BadModel, Folder) {
  expect_file(folder_.path(), ErrorCode::kBadInput, HasSubstr("is a folder"));
}

TEST_F(BadModel, Text) {
  expect_file(folder_.write("text.onnx", "model: resnet50\nlayers: 50\n"), ErrorCode::kBadInput,
              HasSubstr("it does not begin like an ONNX model"));
}

TEST_F(BadModel, Picture) {
  expect_file(folder_.write("p.onnx", std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)),
              ErrorCode::kBadInput, HasSubstr("an ONNX"));
}

TEST_F(BadModel, TruncatedFile) {
  const std::string whole = test::onnx_model("input x 1,64\n weight w 64,64\n y = MatMul(x, w)\n output y");
  expect_file(folder_.write("t.onnx", std::string_view(whole).substr(0, whole.size() - 9000)),
              ErrorCode::kBadInput, AllOf(HasSubstr("t.onnx"), HasSubstr("at byte"), HasSubstr("truncated")));
}

TEST_F(BadModel, NoGraph) {
  expect_file(folder_.write("g.onnx", std::string_view("\x08\x08", 2)), ErrorCode::kBadInput,
              HasSubstr("no graph"));
}

TEST_F(BadModel, NothingComputed) {
  expect_text("input x 4\n output x", ErrorCode::kBadInput, HasSubstr("no node that computes"));
}

TEST_F(BadModel, NoOutputs) {
  expect_text("input x 4\n y = Relu(x)", ErrorCode::kBadInput, HasSubstr("no outputs"));
}

TEST_F(BadModel, OpenDimensionSaysHowToCloseIt) {
  expect_text("input x 1,3,H,W\n y = Relu(x)\n output y", ErrorCode::kBadInput,
              AllOf(HasSubstr("input \"x\""), HasSubstr("dimension 2 (H)"), HasSubstr("--shape x=1,3,H,W"),
                    HasSubstr("[model] shape = { x = [1, 3, H, W] }")));
}

TEST_F(BadModel, NamelessDimensionsGetLetters) {
  expect_text("input x ?,3,?,?\n y = Relu(x)\n output y", ErrorCode::kBadInput,
              HasSubstr("--shape x=1,3,H,W"));
}

TEST_F(BadModel, OneNameForTwoNumbers) {
  expect_text("input x N,3\n input y N,3\n z = Add(x, y)\n output z", ErrorCode::kBadInput,
              AllOf(HasSubstr("dimension N"), HasSubstr("another input")), {{"x", {2, 3}}, {"y", {4, 3}}});
}

TEST_F(BadModel, ShapeForAnInputThatIsNotThere) {
  expect_text("input image 4\n y = Relu(image)\n output y", ErrorCode::kBadInput,
              AllOf(HasSubstr("no input \"imag\""), HasSubstr("did you mean \"image\"")), {{"imag", {4}}});
}

TEST_F(BadModel, ShapeWithTooFewDimensions) {
  expect_text("input x 1,3,8,8\n y = Relu(x)\n output y", ErrorCode::kBadInput,
              AllOf(HasSubstr("2 dimensions given"), HasSubstr("expected 4")), {{"x", {8, 8}}});
}

TEST_F(BadModel, Cycle) {
  expect_text("input x 4\n a = Add(x, c)\n b = Relu(a)\n c = Tanh(b) @closing\n output c",
              ErrorCode::kBadInput, AllOf(HasSubstr("node "), HasSubstr("a cycle")));
}

TEST_F(BadModel, ATensorThatNobodyMakes) {
  expect_text("input x 4\n y = Add(x, ghost) @adder\n output y", ErrorCode::kBadInput,
              AllOf(HasSubstr("node \"adder\" (Add)"), HasSubstr("tensor \"ghost\" is used")));
}

TEST_F(BadModel, AnOutputThatNobodyMakes) {
  expect_text("input x 4\n y = Relu(x)\n output ghost", ErrorCode::kBadInput, HasSubstr("\"ghost\""));
}

TEST_F(BadModel, ATensorMadeTwice) {
  expect_text("input x 4\n y = Relu(x)\n y = Tanh(x) @again\n output y", ErrorCode::kBadInput,
              AllOf(HasSubstr("node \"again\""), HasSubstr("a second time")));
}

TEST_F(BadModel, ANodeThatMakesAnInput) {
  expect_text("input x 4\n x = Relu(x)\n output x", ErrorCode::kBadInput, HasSubstr("a second time"));
}

TEST_F(BadModel, AnOutputListedTwice) {
  expect_text("input x 4\n y = Relu(x)\n output y\n output y", ErrorCode::kBadInput,
              HasSubstr("listed twice"));
}

TEST_F(BadModel, UnknownOperator) {
  expect_text("input x 4\n y = Frobnicate(x) @odd\n output y", ErrorCode::kUnsupported,
              AllOf(HasSubstr("node \"odd\""), HasSubstr("operator Frobnicate of opset 13")));
}

TEST_F(BadModel, OperatorOfAnotherDomain) {
  expect_text("domain com.example\n input x 4\n y = com.example.Op(x) @odd\n output y",
              ErrorCode::kUnsupported,
              AllOf(HasSubstr("node \"odd\""), HasSubstr("operator Op of domain com.example")));
}

TEST_F(BadModel, DomainThatIsNotImported) {
  expect_text("input x 4\n y = com.example.Op(x)\n output y", ErrorCode::kBadInput,
              HasSubstr("does not import"));
}

TEST_F(BadModel, ANewerOperatorNamesItsOpset) {
  expect_text("opset 22\n input x 1,4,8,8\n y = Hypothetical(x) @new\n output y", ErrorCode::kUnsupported,
              AllOf(HasSubstr("node \"new\""), HasSubstr("operator Hypothetical of opset 22"),
                    HasSubstr("up to opset 17"), HasSubstr("built with ONNX Runtime")));
}

TEST_F(BadModel, AnOperatorThatChangedSinceNamesItsOpset) {
  // Pads for two axes, but which is not said: neither the old form nor the new.
  expect_text("opset 18\n input x 1,4,8,8\n ints pads 1,1,1,1\n y = Pad(x, pads) @frame\n output y",
              ErrorCode::kUnsupported,
              AllOf(HasSubstr("node \"frame\""), HasSubstr("Pad as opset 18 has it")));
}

TEST_F(BadModel, ShapesThatDoNotFit) {
  expect_text("input x 2,3\n weight w 4,5\n y = MatMul(x, w) @product\n output y", ErrorCode::kBadInput,
              AllOf(HasSubstr("node \"product\" (MatMul)"), HasSubstr("follows the rules of MatMul")));
}

// torch.onnx.export without dynamic axes writes the batch into every Reshape.
TEST_F(BadModel, AShapeThatTheFileWasNotExportedFor) {
  try {
    (void)test::import_text(folder_, R"(
      input x 1,8
      ints shape 1,2,4
      y = Reshape(x, shape) @heads
      output y
    )",
                            {{"x", {2, 8}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("heads"), HasSubstr("Reshape of [2, 8] to [1, 2, 4]"),
                                             HasSubstr("dynamic_axes")));
  }
}

struct Mismatch {
  std::string_view text;
  const char* message;
};

// Each is right but for the input's size, which libonnx does not look at.
TEST_F(BadModel, InputsThatWeightsAreNotMadeFor) {
  const Mismatch all[] = {
      {R"(
        input x 1,4,8,8
        weight w 8,3,3,3
        y = Conv(x, w)
        output y
      )",
       "Conv of [1, 4, 8, 8] with weights [8, 3, 3, 3]"},
      {R"(
        input x 1,4,8,8
        weight w 4,3,3,3
        y = Conv(x, w) group=2
        output y
      )",
       "Conv of [1, 4, 8, 8] with weights [4, 3, 3, 3]"},
      {R"(
        input x 1,4,8,8
        weight w 3,8,3,3
        y = ConvTranspose(x, w)
        output y
      )",
       "ConvTranspose of [1, 4, 8, 8] with weights [3, 8, 3, 3]"},
      {R"(
        input x 1,4,8,8
        weight w 10,128
        f = Flatten(x)
        y = Gemm(f, w) transB=1
        output y
      )",
       "Gemm of [1, 256] with weights [10, 128]"},
      {R"(
        input x 5,1,6
        weight w 1,32,4
        weight r 1,32,8
        y = LSTM(x, w, r) hidden_size=8
        output y
      )",
       "LSTM of [5, 1, 6] with weights [1, 32, 4]"},
      {R"(
        input x 5,2,4
        input h 1,1,8
        weight w 1,8,4
        weight r 1,8,8
        y = RNN(x, w, r, _, _, h) hidden_size=8
        output y
      )",
       "RNN of [5, 2, 4] with state [1, 1, 8]"},
  };
  for (const Mismatch& one : all) {
    try {
      (void)test::import_text(folder_, one.text);
      ADD_FAILURE() << one.message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
      EXPECT_THAT(error.what(), HasSubstr(one.message));
    }
  }
}

TEST_F(BadModel, AShapeThatDependsOnTheData) {
  expect_text(
      "input x 8\n y = NonZero(x) @where\n z = Cast(y) to=1\n output z", ErrorCode::kUnsupported,
      AllOf(HasSubstr("node \"where\" (NonZero)"), HasSubstr("shape of tensor \"y\" cannot be inferred")));
}

TEST_F(BadModel, AStrideOfZero) {
  expect_text("input x 1,3,8,8\n weight w 4,3,3,3\n y = Conv(x, w) strides=0,1\n output y",
              ErrorCode::kBadInput, HasSubstr("strides 0"));
}

TEST_F(BadModel, ATensorLargerThanAnyMemory) {
  expect_text("input x 4000000000,4000000000\n y = Relu(x)\n output y", ErrorCode::kBadInput,
              HasSubstr("fits in memory"));
}

TEST(ParseShape, RefusesWhatIsNoShape) {
  for (const char* text :
       {"", "x", "x=", "=1", "x=1,", "x=0", "x=-1", "x=1,a", "x=1;2", "x=99999999999999999999"}) {
    EXPECT_THROW((void)parse_shape(text), Error) << text;
  }
}

}  // namespace
}  // namespace kerf
