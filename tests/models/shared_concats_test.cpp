// Which Concats join another one's output, and that what they compute stays the same is in inference_test.

#include "models/shared_concats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/cuts.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::ElementsAre;

class SharedConcats : public testing::Test {
 protected:
  // Of the node that makes a tensor.
  [[nodiscard]] static std::vector<std::string> inputs_of(const Graph& graph, std::string_view tensor) {
    std::vector<std::string> names;
    const auto id = static_cast<std::size_t>(graph.find_tensor(std::string(tensor)));
    for (const TensorId input : graph.nodes[static_cast<std::size_t>(graph.tensors[id].producer)].inputs)
      names.push_back(graph.tensors[static_cast<std::size_t>(input)].name);
    return names;
  }
  [[nodiscard]] Graph graph(std::string_view text) const { return test::import_text(folder_, text); }
  test::TempFolder folder_;
};

constexpr std::string_view kDense = R"(
  input x 1,4,8,8
  weight w0 4,4,3,3
  weight w1 4,4,3,3
  weight w2 4,8,3,3
  weight w3 4,12,3,3
  a = Conv(x, w0) pads=1,1,1,1
  j1 = Concat(a) axis=1
  b = Conv(j1, w1) pads=1,1,1,1
  j2 = Concat(a, b) axis=1
  c = Conv(j2, w2) pads=1,1,1,1
  j3 = Concat(a, b, c) axis=1
  d = Conv(j3, w3) pads=1,1,1,1
  y = Concat(a, b, c, d) axis=1
  output y
)";

TEST_F(SharedConcats, OfDenseLayersJoinTheJoinBefore) {
  const Graph dense = graph(kDense);
  EXPECT_THAT(inputs_of(dense, "j2"), ElementsAre("j1", "b"));
  EXPECT_THAT(inputs_of(dense, "j3"), ElementsAre("j2", "c"));
  EXPECT_THAT(inputs_of(dense, "y"), ElementsAre("j3", "d"));
}

TEST_F(SharedConcats, LeaveOneTensorAliveBehindEveryDenseLayer) {
  std::vector<std::size_t> crossing;
  for (const Cut& cut : find_cuts(graph(kDense)).cuts) crossing.push_back(cut.tensors.size());
  EXPECT_THAT(crossing, ElementsAre(1, 1, 1, 1, 1));
}

TEST_F(SharedConcats, MayBeginWithATensorThatWasNotJoined) {
  const Graph dense = graph(R"(
    input x 1,4,8,8
    weight w1 4,4,3,3
    weight w2 4,8,3,3
    a = Relu(x)
    b = Conv(a, w1) pads=1,1,1,1
    j = Concat(a, b) axis=1
    c = Conv(j, w2) pads=1,1,1,1
    y = Concat(a, b, c) axis=1
    output y
  )");
  EXPECT_THAT(inputs_of(dense, "y"), ElementsAre("j", "c"));
}

TEST_F(SharedConcats, WhatIsUsedLaterByItselfIsNotJoinedTwice) {
  const Graph residual = graph(R"(
    input x 1,4,8,8
    weight w2 4,8,3,3
    weight w3 4,12,3,3
    a = Relu(x)
    b = Tanh(a)
    j = Concat(a, b) axis=1
    c = Conv(j, w2) pads=1,1,1,1
    k = Concat(a, b, c) axis=1
    d = Conv(k, w3) pads=1,1,1,1
    y = Add(a, d)
    output y
  )");
  EXPECT_THAT(inputs_of(residual, "k"), ElementsAre("a", "b", "c"));
}

TEST_F(SharedConcats, AnOutputIsUsedAtTheEnd) {
  const Graph both = graph(R"(
    input x 1,4
    a = Relu(x)
    b = Tanh(x)
    j = Concat(a, b) axis=1
    c = Neg(j)
    y = Concat(a, b, c) axis=1
    output y
    output b
  )");
  EXPECT_THAT(inputs_of(both, "y"), ElementsAre("a", "b", "c"));
}

TEST_F(SharedConcats, AlongAnotherAxisAreOthers) {
  const Graph other = graph(R"(
    input x 4,4
    a = Relu(x)
    b = Tanh(x)
    j = Concat(a, b) axis=0
    c = ReduceMax(j) axes=0, keepdims=0
    d = Expand(c, shape)
    ints shape 4,4
    y = Concat(a, b, d) axis=1
    output y
  )");
  EXPECT_THAT(inputs_of(other, "y"), ElementsAre("a", "b", "d"));
}

}  // namespace
}  // namespace kerf
