// Slices: what they contain, that ONNX's checker accepts their files, and that they fit together.

#include "models/slicer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <set>

#include "tests/models/onnx_text.hpp"
#include "tests/models/random_graph.hpp"

namespace kerf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::vector<std::string> list;
  for (const TensorId id : tensors) list.push_back(graph.tensors[static_cast<std::size_t>(id)].name);
  return list;
}

std::vector<std::string> names(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& values) {
  std::vector<std::string> list;
  for (const auto& value : values) list.push_back(value.name());
  return list;
}

onnx::ModelProto parse(const std::string& bytes) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(bytes));
  return model;
}

class Slicing : public testing::Test {
 protected:
  void cut(std::string_view text) {
    graph_ = test::import_text(folder_, text);
    chain_ = find_cuts(graph_);
  }
  [[nodiscard]] int blocks() const { return static_cast<int>(chain_.blocks.size()); }
  test::TempFolder folder_;
  Graph graph_;
  Chain chain_;
};

// Blocks: x -> a | a -> b | b + a -> d, with `late` needed only in the last.
constexpr std::string_view kResidual = R"(
  input x 1,16
  input late 1,16
  weight u 16,32
  weight v 32,32
  weight w 32,16
  constant bias 16
  a = MatMul(x, u)
  b = MatMul(a, v)
  c = Add(a, b)
  d = MatMul(c, w)
  e = Add(d, late)
  f = Add(e, bias)
  output f
)";

TEST_F(Slicing, InputsAndOutputsAreWhatCrosses) {
  cut(kResidual);
  ASSERT_EQ(blocks(), 3);
  const Slice slice = make_slice(graph_, chain_, 1, 1);
  EXPECT_THAT(names(graph_, slice.inputs), ElementsAre("a"));
  EXPECT_THAT(names(graph_, slice.outputs), ElementsAre("c"));
  const onnx::ModelProto model = parse(slice.model);
  EXPECT_THAT(names(model.graph().input()), ElementsAre("a"));
  EXPECT_THAT(names(model.graph().output()), ElementsAre("c"));
}

TEST_F(Slicing, ATensorThatCrossesBothCutsIsPassed) {
  cut(kResidual);
  EXPECT_THAT(names(graph_, make_slice(graph_, chain_, 1, 1).passed), ElementsAre("late"));
  EXPECT_THAT(make_slice(graph_, chain_, 1, 2).passed, IsEmpty());
}

TEST_F(Slicing, APassedTensorThatIsAlsoUsedIsAnInput) {
  cut(R"(
    input x 1,64
    weight u 64,32
    weight v 32,32
    weight w 32,32
    a = MatMul(x, u)
    b = MatMul(a, v)
    c = MatMul(b, w)
    d = Add(a, c)
    output d
  )");
  const Slice slice = make_slice(graph_, chain_, 1, 1);
  EXPECT_THAT(names(graph_, slice.inputs), ElementsAre("a"));
  EXPECT_THAT(names(graph_, slice.passed), ElementsAre("a"));
  EXPECT_THAT(names(graph_, slice.outputs), ElementsAre("b"));
}

TEST_F(Slicing, InAFileWhatIsPassedIsInputAndOutput) {
  cut(kResidual);
  const onnx::ModelProto model = parse(slice_file(graph_, chain_, 1, 1));
  EXPECT_THAT(names(model.graph().input()), ElementsAre("late", "a"));
  EXPECT_THAT(names(model.graph().output()), ElementsAre("late", "c"));
}

TEST_F(Slicing, LargeWeightsAreDeclaredAndLeftOut) {
  cut(kResidual);
  const Slice slice = make_slice(graph_, chain_, 1, 1);
  EXPECT_THAT(names(graph_, slice.weights), ElementsAre("v"));
  EXPECT_EQ(slice.weight_bytes, Bytes(32 * 32 * 4));
  const onnx::ModelProto model = parse(slice.model);
  ASSERT_EQ(model.graph().initializer_size(), 1);
  const onnx::TensorProto& weight = model.graph().initializer(0);
  EXPECT_EQ(weight.data_location(), onnx::TensorProto::EXTERNAL);
  EXPECT_EQ(weight.external_data(0).value(), kWeightsElsewhere);
  EXPECT_FALSE(weight.has_raw_data());
}

TEST_F(Slicing, SmallWeightsAreInside) {
  cut(kResidual);
  const Slice slice = make_slice(graph_, chain_, 2, 2);
  EXPECT_THAT(names(graph_, slice.weights), ElementsAre("w"));
  const onnx::ModelProto model = parse(slice.model);
  for (const auto& weight : model.graph().initializer()) {
    EXPECT_EQ(weight.raw_data().size(), weight.name() == "bias" ? 64U : 0U);
  }
}

TEST_F(Slicing, AFileHoldsItsWeights) {
  cut(kResidual);
  const onnx::ModelProto model = parse(slice_file(graph_, chain_, 1, 1));
  ASSERT_EQ(model.graph().initializer_size(), 1);
  EXPECT_EQ(model.graph().initializer(0).raw_data(), read_weight(graph_, graph_.find_tensor("v")));
}

TEST_F(Slicing, EverySliceOfAModelPassesOnnxsChecker) {
  cut(kResidual);
  for (int first = 0; first < blocks(); ++first) {
    for (int last = first; last < blocks(); ++last) {
      onnx::ModelProto model = parse(slice_file(graph_, chain_, first, last));
      EXPECT_NO_THROW(onnx::checker::check_model(model)) << first << "-" << last;
    }
  }
}

TEST_F(Slicing, TheWholeIsASlice) {
  cut(kResidual);
  const Graph again = import_onnx(folder_.write("whole.onnx", slice_file(graph_, chain_, 0, blocks() - 1)));
  EXPECT_EQ(again.multiply_adds(), graph_.multiply_adds());
  EXPECT_EQ(again.parameters(), graph_.parameters());
  EXPECT_EQ(again.nodes.size(), graph_.nodes.size());
}

TEST_F(Slicing, SlicesOfSlicesImportAndAddUp) {
  cut(kResidual);
  double work = 0;
  for (int k = 0; k < blocks(); ++k) {
    work += import_onnx(folder_.write("block.onnx", slice_file(graph_, chain_, k, k))).multiply_adds();
  }
  EXPECT_EQ(work, graph_.multiply_adds());
}

TEST_F(Slicing, ConstantNodesAreCopiedIntoTheSlicesThatNeedThem) {
  cut(R"(
    input x 1,16
    weight u 16,32
    weight v 16,32
    t = Transpose(v)
    a = MatMul(x, u)
    b = MatMul(a, t)
    output b
  )");
  ASSERT_EQ(blocks(), 2);
  EXPECT_EQ(parse(make_slice(graph_, chain_, 0, 0).model).graph().node_size(), 1);
  EXPECT_EQ(parse(make_slice(graph_, chain_, 1, 1).model).graph().node_size(), 2);
  EXPECT_THAT(names(graph_, make_slice(graph_, chain_, 1, 1).weights), ElementsAre("v"));
}

TEST_F(Slicing, StaticShapesTravelAsNumbers) {
  cut(R"(
    input x 1,2,8
    weight u 8,8
    weight v 16,4
    a = MatMul(x, u)
    s = Shape(x)
    ints first 0
    n = Gather(s, first)
    ints rest -1
    target = Concat(n, rest) axis=0
    b = Reshape(a, target)
    c = MatMul(b, v)
    output c
  )");
  const Slice slice = make_slice(graph_, chain_, blocks() - 1, blocks() - 1);
  EXPECT_EQ(names(graph_, slice.inputs).size(), 1U);
  onnx::ModelProto whole = parse(slice_file(graph_, chain_, 0, blocks() - 1));
  EXPECT_NO_THROW(onnx::checker::check_model(whole));
}

TEST_F(Slicing, OldModelsBecomeValidWithFreeInitializers) {
  cut("ir 3\n opset 9\n input x 1,16\n input w 16,16\n weight w 16,16\n y = MatMul(x, w)\n output y");
  const onnx::ModelProto model = parse(slice_file(graph_, chain_, 0, 0));
  EXPECT_EQ(model.ir_version(), 4);
  EXPECT_THAT(names(model.graph().input()), ElementsAre("x"));
}

TEST_F(Slicing, AConstantOutputIsMadeByTheLastSlice) {
  cut("input x 1,16\n weight w 16,16\n k = Transpose(w)\n y = MatMul(x, w)\n z = MatMul(y, w)\n output k\n "
      "output z");
  EXPECT_THAT(names(graph_, make_slice(graph_, chain_, blocks() - 1, blocks() - 1).outputs),
              ElementsAre("k", "z"));
}

// Handing on outputs and passed tensors gives each next slice all that it reads, and in the end every output.
TEST(SlicesOfRandomGraphs, Chain) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Graph graph = test::random_graph(seed);
    const Chain chain = find_cuts(graph);
    std::set<TensorId> now(graph.inputs.begin(), graph.inputs.end());
    for (int k = 0; k < static_cast<int>(chain.blocks.size()); ++k) {
      const Slice slice = make_slice(graph, chain, k, k);
      for (const TensorId input : slice.inputs) ASSERT_TRUE(now.contains(input)) << seed;
      std::set<TensorId> next(slice.outputs.begin(), slice.outputs.end());
      for (const TensorId passed : slice.passed) {
        ASSERT_TRUE(now.contains(passed)) << seed;
        ASSERT_TRUE(next.insert(passed).second) << seed;
      }
      const std::vector<TensorId>& crossing = chain.cuts[static_cast<std::size_t>(k) + 1].tensors;
      ASSERT_EQ(next, std::set<TensorId>(crossing.begin(), crossing.end())) << seed;
      now = next;
    }
    ASSERT_EQ(now, std::set<TensorId>(graph.outputs.begin(), graph.outputs.end())) << seed;
  }
}

}  // namespace
}  // namespace kerf
