// What the importer makes of well-formed models.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/slicer.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using test::import_text;
using test::TempFolder;
using testing::ElementsAre;

class Import : public testing::Test {
 protected:
  [[nodiscard]] Graph graph(std::string_view text, const InputShapes& shapes = {}) const {
    return import_text(folder_, text, shapes);
  }
  [[nodiscard]] static const Tensor& tensor(const Graph& graph, std::string_view name) {
    return graph.tensors.at(static_cast<std::size_t>(graph.find_tensor(name)));
  }
  [[nodiscard]] static std::vector<std::string> operators(const Graph& graph) {
    std::vector<std::string> names;
    for (const Node& node : graph.nodes) names.push_back(node.op_type);
    return names;
  }
  TempFolder folder_;
};

constexpr std::string_view kSmallNetwork = R"(
  input x 1,3,8,8
  weight w 4,3,3,3
  constant b 4
  y = Conv(x, w, b) pads=1,1,1,1
  z = Relu(y)
  output z
)";

TEST_F(Import, EveryTensorHasItsShape) {
  EXPECT_THAT(tensor(graph(kSmallNetwork), "y").shape, ElementsAre(1, 4, 8, 8));
}

TEST_F(Import, AConstantNodeIsAWeight) {
  const Graph g = graph(kSmallNetwork);
  EXPECT_GE(tensor(g, "b").weight, 0);
  EXPECT_THAT(operators(g), ElementsAre("Conv", "Relu"));
  EXPECT_EQ(g.parameters(), 4 * 27 + 4);
}

TEST_F(Import, ConvolutionsCountTheirMultiplyAdds) {
  EXPECT_EQ(graph(kSmallNetwork).multiply_adds(), 4 * 8 * 8 * 27);
}

TEST_F(Import, AnInitializerThatIsListedAsInputIsNoInput) {
  const Graph g = graph("input x 1,3,8,8\n input w 4,3,1,1\n weight w 4,3,1,1\n y = Conv(x, w)\n output y");
  ASSERT_EQ(g.inputs.size(), 1U);
  EXPECT_EQ(g.tensors[static_cast<std::size_t>(g.inputs[0])].name, "x");
}

TEST_F(Import, LargeWeightsStayInTheFile) {
  const Graph g = graph("input x 1,64\n weight w 64,64\n y = MatMul(x, w)\n output y");
  const WeightPlace& place = g.weights.at(0);
  EXPECT_FALSE(place.file.empty());
  EXPECT_TRUE(place.inlined.empty());
  EXPECT_EQ(place.length, 64U * 64 * 4);
  EXPECT_EQ(read_weight(g, tensor(g, "w").weight >= 0 ? g.find_tensor("w") : -1).size(), 64U * 64 * 4);
}

TEST_F(Import, ShapeOfAnInputIsAConstantAndSoIsWhatFollows) {
  const Graph g = graph(R"(
    input x 2,3,4
    s = Shape(x)
    ints zero 0
    n = Gather(s, zero)
    ints rest -1
    target = Concat(n, rest) axis=0
    y = Reshape(x, target)
    output y
  )");
  EXPECT_THAT(tensor(g, "y").shape, ElementsAre(2, 12));
  EXPECT_GE(tensor(g, "s").weight, 0);
  EXPECT_TRUE(tensor(g, "target").constant);
  EXPECT_THAT(operators(g), ElementsAre("Gather", "Concat", "Reshape"));
  EXPECT_TRUE(g.nodes[0].constant);
  EXPECT_FALSE(g.nodes[2].constant);
}

TEST_F(Import, ComputedShapesAreNoParameters) {
  EXPECT_EQ(graph("input x 2,3\n s = Shape(x)\n y = Reshape(x, s)\n output y").parameters(), 0);
}

TEST_F(Import, LiteralNumbersAreNoParameters) {
  // A scalar in a Constant node's value_float, as a bound of Clip, is no weight that anyone trained.
  EXPECT_EQ(
      graph("input x 4\n top = Constant() value_float=6.0\n y = Clip(x, _, top)\n output y").parameters(), 0);
}

TEST_F(Import, ShapeArithmeticOfATransformerExportIsFollowed) {
  // The size of an upsampling computed in floats, as exporters of old write it.
  const Graph g = graph(R"(
    input x 1,2,5,7
    s = Shape(x)
    ints two 2
    ints four 4
    ints axis 0
    hw = Slice(s, two, four, axis)
    f = Cast(hw) to=1
    half = Div(hw, two)
    big = Mul(hw, two)
    ints nc 1,2
    sizes = Concat(nc, big) axis=0
    y = Resize(x, _, _, sizes)
    small = Concat(nc, half) axis=0
    z = Resize(x, _, _, small)
    output y
    output z
  )");
  EXPECT_THAT(tensor(g, "y").shape, ElementsAre(1, 2, 10, 14));
  EXPECT_THAT(tensor(g, "z").shape, ElementsAre(1, 2, 2, 3));
}

TEST_F(Import, RangeExpandAndWhereAreFollowed) {
  const Graph g = graph(R"(
    opset 13
    input x 3,4
    s = Shape(x)
    ints i0 0
    n = Gather(s, i0)
    one = ConstantOfShape(i1)
    ints i1 2
    eq = Equal(s, s)
    chosen = Where(eq, s, one)
    y = Expand(row, chosen)
    ints a 1
    row = Slice(x, i0, a, i0)
    output y
  )");
  EXPECT_THAT(tensor(g, "y").shape, ElementsAre(3, 4));
}

TEST_F(Import, GivenShapesCloseOpenDimensions) {
  const Graph g = graph("input x N,3,H,W\n y = Relu(x)\n output y", {{"x", {1, 3, 10, 20}}});
  EXPECT_THAT(tensor(g, "y").shape, ElementsAre(1, 3, 10, 20));
}

TEST_F(Import, ADimensionsNameStandsForOneNumberEverywhere) {
  const Graph g = graph("input x N,3\n input y N,3\n z = Add(x, y)\n output z", {{"x", {5, 3}}});
  EXPECT_THAT(tensor(g, "y").shape, ElementsAre(5, 3));
}

TEST_F(Import, GivenShapesReplaceFixedOnes) {
  EXPECT_THAT(tensor(graph(kSmallNetwork, {{"x", {2, 3, 16, 16}}}), "z").shape, ElementsAre(2, 4, 16, 16));
}

TEST_F(Import, TheHashTellsShapesApart) {
  EXPECT_NE(graph(kSmallNetwork).hash, graph(kSmallNetwork, {{"x", {1, 3, 16, 16}}}).hash);
}

TEST_F(Import, TheHashIsTheSameWhenTheFilesShapeIsGiven) {
  EXPECT_EQ(graph(kSmallNetwork).hash, graph(kSmallNetwork, {{"x", {1, 3, 8, 8}}}).hash);
}

TEST_F(Import, TheHashTellsContentsApart) {
  EXPECT_NE(graph("input x 4\n y = Relu(x)\n output y").hash,
            graph("input x 4\n y = Tanh(x)\n output y").hash);
}

TEST_F(Import, OmittedInputsAreMinusOne) {
  const Graph g = graph("input x 4\n weight top 1\n y = Clip(x, _, high)\n high = Squeeze(top)\n output y");
  EXPECT_THAT(g.nodes.back().inputs, ElementsAre(g.find_tensor("x"), -1, g.find_tensor("high")));
}

TEST_F(Import, NodesWithoutNamesGetUniqueOnes) {
  const Graph g = graph("input x 4\n a = Relu(x)\n b = Relu(a) @twin\n c = Relu(b) @twin\n output c");
  EXPECT_EQ(g.nodes[0].name, "Relu_0");
  EXPECT_EQ(g.nodes[1].name, "twin");
  EXPECT_EQ(g.nodes[2].name, "twin_2");
}

TEST_F(Import, NodesStandInATopologicalOrderWhateverTheFilesOrder) {
  const Graph g = graph("input x 4\n c = Tanh(b)\n a = Relu(x)\n b = Sigmoid(a)\n output c");
  EXPECT_THAT(operators(g), ElementsAre("Relu", "Sigmoid", "Tanh"));
}

TEST_F(Import, WhatNoOutputNeedsIsLeftOut) {
  const Graph g = graph("input x 4\n a = Relu(x)\n unused = Tanh(x)\n output a");
  EXPECT_THAT(operators(g), ElementsAre("Relu"));
  EXPECT_EQ(g.find_tensor("unused"), -1);
}

TEST_F(Import, RandomNumbersAreNoConstants) {
  const Graph g = graph("input x 4\n r = RandomNormalLike(w)\n weight w 4\n y = Add(x, r)\n output y");
  EXPECT_FALSE(tensor(g, "r").constant);
}

TEST_F(Import, AUsersEachTensorOnce) {
  const Graph g = graph("input x 4\n y = Mul(x, x)\n output y");
  EXPECT_THAT(tensor(g, "x").consumers, ElementsAre(0));
}

TEST_F(Import, ShapesThatTheFileStatesAreBelievedWhereNoRuleFindsThem) {
  const Graph g =
      graph("input x 8\n y = NonZero(x)\n z = Relu(f)\n f = Cast(y) to=1\n shape y 1,5 int64\n output z");
  EXPECT_THAT(tensor(g, "z").shape, ElementsAre(1, 5));
}

TEST_F(Import, ScalarsHaveNoDimensions) {
  const Graph g = graph("input x 2,3\n y = ReduceMax(x) keepdims=0\n output y");
  EXPECT_TRUE(tensor(g, "y").shape.empty());
  EXPECT_EQ(tensor(g, "y").elements(), 1);
}

TEST_F(Import, ReductionsOfOpset18TakeTheirAxesFromAnInput) {
  const Graph g =
      graph("opset 18\n input x 2,3,4,5\n ints axes 2,3\n y = ReduceMean(x, axes) keepdims=0\n output y");
  EXPECT_THAT(tensor(g, "y").shape, ElementsAre(2, 3));
}

TEST_F(Import, OperatorsUnchangedInNewerOpsetsAreKnown) {
  const Graph g =
      graph("opset 21\n input x 1,3,8,8\n weight w 4,3,3,3\n y = Conv(x, w)\n z = Gelu(y)\n output z");
  EXPECT_THAT(tensor(g, "z").shape, ElementsAre(1, 4, 6, 6));
}

struct Work {
  std::string_view text;
  double expected;
};

class MultiplyAdds : public testing::TestWithParam<Work> {};

TEST_P(MultiplyAdds, CountAsByHand) {
  const TempFolder folder;
  EXPECT_EQ(import_text(folder, GetParam().text).multiply_adds(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Operators, MultiplyAdds,
    testing::Values(
        // Grouped: each of 8 x 5 x 5 outputs sums over 2 of 4 channels.
        Work{"input x 1,4,7,7\n weight w 8,2,3,3\n y = Conv(x, w) group=2\n output y", 8.0 * 25 * 2 * 9},
        // Transposed: each of 4 x 3 x 3 inputs spreads over 2 x 2 x 2 outputs.
        Work{"input x 1,4,3,3\n weight w 4,2,2,2\n y = ConvTranspose(x, w) strides=2,2\n output y",
             4.0 * 9 * 8},
        Work{"input x 3,4\n weight w 5,4\n y = Gemm(x, w) transB=1\n output y", 3.0 * 4 * 5},
        Work{"input x 4,3\n weight w 4,5\n y = Gemm(x, w) transA=1\n output y", 3.0 * 4 * 5},
        Work{"input x 2,6,3,4\n weight w 4,5\n y = MatMul(x, w)\n output y", 2.0 * 6 * 3 * 4 * 5},
        Work{"input x 2,3\n input z 3,4\n y = Einsum(x, z) equation='ij,jk->ik'\n output y", 2.0 * 3 * 4},
        // Four gates of 6: 5 steps of 2 sequences through 4x6x3 and 4x6x6.
        Work{"input x 5,2,3\n weight w 1,24,3\n weight r 1,24,6\n y, _, _ = LSTM(x, w, r) hidden_size=6\n "
             "output y",
             5.0 * 2 * (24 * 3 + 24 * 6)},
        Work{"input x 1,3,8,8\n y = Relu(x)\n output y", 0}));

TEST(ParseShape, ReadsNameAndDimensions) {
  EXPECT_EQ(parse_shape("x=1,3,320,320"),
            (std::pair<std::string, std::vector<std::int64_t>>{"x", {1, 3, 320, 320}}));
}

TEST(ParseShape, TheLastEqualsSignDivides) {
  EXPECT_EQ(parse_shape("a=b=7").first, "a=b");
}

}  // namespace
}  // namespace kerf
