// Graphs within graphs: what is written out, and what is refused.

#include "models/inlining.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Inlining : public testing::Test {
 protected:
  [[nodiscard]] Graph graph(std::string_view text) const { return test::import_text(folder_, text); }
  [[nodiscard]] std::vector<std::string> operators(std::string_view text) const {
    std::vector<std::string> names;
    for (const Node& node : graph(text).nodes) {
      if (!node.constant) names.push_back(node.op_type);
    }
    return names;
  }
  void expect_refused(std::string_view text, const testing::Matcher<std::string>& message) const {
    try {
      (void)graph(text);
      ADD_FAILURE() << "the import succeeds";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
      EXPECT_THAT(std::string(error.what()), message);
    }
  }
  test::TempFolder folder_;
};

constexpr std::string_view kBranches = R"(
  input x 2,3
  scalar condition 1 bool
  branch positive
    a = Relu(x)
    output a
  end
  branch negative
    a = Neg(x)
    b = Tanh(a)
    output b
  end
  v = If(condition) then_branch=&positive else_branch=&negative
  y = Sigmoid(v)
  output y
)";

TEST_F(Inlining, AnIfWhoseConditionIsTrueIsItsThenBranch) {
  EXPECT_THAT(operators(kBranches), ElementsAre("Relu", "Sigmoid"));
}

TEST_F(Inlining, AnIfWhoseConditionIsFalseIsItsElseBranch) {
  std::string text(kBranches);
  text.replace(text.find("condition 1"), 11, "condition 0");
  EXPECT_THAT(operators(text), ElementsAre("Neg", "Tanh", "Sigmoid"));
}

TEST_F(Inlining, WhatOnlyTheOtherBranchNeedsIsLeftOut) {
  const Graph g = graph(R"(
    input x 2,3
    scalar condition 1 bool
    expensive = Softmax(x)
    branch cheap
      a = Relu(x)
      output a
    end
    branch dear
      b = Tanh(expensive)
      output b
    end
    y = If(condition) then_branch=&cheap else_branch=&dear
    output y
  )");
  EXPECT_EQ(g.find_tensor("expensive"), -1);
  EXPECT_EQ(g.nodes.size(), 1U);
}

TEST_F(Inlining, ABranchThatGivesATensorFromOutsideCopiesIt) {
  EXPECT_THAT(operators(R"(
    input x 2,3
    scalar condition 1 bool
    h = Relu(x)
    branch through
      output h
    end
    branch other
      b = Tanh(h)
      output b
    end
    y = If(condition) then_branch=&through else_branch=&other
    output y
  )"),
              ElementsAre("Relu", "Identity"));
}

TEST_F(Inlining, WeightsOfABranchAreWeights) {
  const Graph g = graph(R"(
    input x 2,3
    scalar condition 1 bool
    branch with
      weight w 3,40
      a = MatMul(x, w)
      output a
    end
    branch without
      b = Tanh(x)
      output b
    end
    y = If(condition) then_branch=&with else_branch=&without
    output y
  )");
  EXPECT_EQ(g.parameters(), 120);
}

TEST_F(Inlining, BranchesWithinBranches) {
  EXPECT_THAT(operators(R"(
    input x 2,3
    scalar yes 1 bool
    scalar no 0 bool
    branch inner_then
      a = Relu(x)
      output a
    end
    branch inner_else
      a = Tanh(x)
      output a
    end
    branch outer_then
      a = If(no) then_branch=&inner_then else_branch=&inner_else
      b = Neg(a)
      output b
    end
    y = If(yes) then_branch=&outer_then else_branch=&inner_then
    output y
  )"),
              ElementsAre("Tanh", "Neg"));
}

TEST_F(Inlining, AnIfThatDependsOnTheDataIsRefusedByName) {
  expect_refused(R"(
    input x 2,3
    input switch 1 bool
    branch positive
      a = Relu(x)
      output a
    end
    y = If(switch) then_branch=&positive else_branch=&positive @chooses
    output y
  )",
                 AllOf(HasSubstr("node \"chooses\" (If)"),
                       HasSubstr("condition \"switch\" depends on the data"), HasSubstr("PyTorch")));
}

TEST_F(Inlining, LoopsAreRefusedByName) {
  expect_refused(R"(
    input x 2,3
    scalar turns 4 int64
    scalar yes 1 bool
    branch body
      a = Relu(x)
      output a
    end
    y = Loop(turns, yes, x) body=&body @again
    output y
  )",
                 AllOf(HasSubstr("node \"again\" (Loop)"), HasSubstr("control flow (Loop)")));
}

TEST_F(Inlining, ControlFlowThatNoOutputNeedsIsLeftOut) {
  EXPECT_THAT(operators(R"(
    input x 2,3
    input switch 1 bool
    branch positive
      a = Relu(x)
      output a
    end
    unused = If(switch) then_branch=&positive else_branch=&positive
    y = Tanh(x)
    output y
  )"),
              ElementsAre("Tanh"));
}

constexpr std::string_view kFunctions = R"(
  opset 18
  domain lib
  function lib.soft x y alpha
    h = Neg(x)
    y = LeakyRelu(h) alpha=$alpha
  end
  function lib.twice x y,first alpha
    first = lib.soft(x) alpha=$alpha
    y = lib.soft(first) alpha=0.5
  end
  input x 2,3
  a, b = lib.twice(x) alpha=0.25 @one
  c, _ = lib.twice(a) @two
  y = Add(b, c)
  output y
)";

TEST_F(Inlining, FunctionsBecomeTheirNodesHoweverDeep) {
  EXPECT_EQ(graph(kFunctions).nodes.size(), 9U);
}

TEST_F(Inlining, TensorsWithinFunctionsAreNamedAfterTheirCalls) {
  const Graph g = graph(kFunctions);
  EXPECT_GE(g.find_tensor("soft/h"), 0);
  EXPECT_GE(g.find_tensor("soft_2/h"), 0);
  EXPECT_EQ(g.tensors.size(), 1 + 9U);
}

TEST_F(Inlining, AttributesOfAFunctionComeFromItsCall) {
  int with_quarter = 0;
  for (const Node& node : graph(kFunctions).nodes) {
    const float quarter = 0.25F;
    const std::string bytes(reinterpret_cast<const char*>(&quarter), sizeof(quarter));
    if (node.op_type == "LeakyRelu" && node.proto.find(bytes) != std::string::npos) ++with_quarter;
  }
  EXPECT_EQ(with_quarter, 1);  // of the four: the others say 0.5, or nothing
}

TEST_F(Inlining, AFunctionThatCallsItselfIsRefused) {
  expect_refused(R"(
    domain lib
    function lib.forever x y
      h = lib.forever(x)
      y = Relu(h)
    end
    input x 2,3
    y = lib.forever(x) @start
    output y
  )",
                 AllOf(HasSubstr("function forever of domain lib"), HasSubstr("do not call themselves")));
}

TEST_F(Inlining, AFunctionThatDoublesWithEveryLevelIsRefused) {
  std::string text = "domain lib\n function lib.f0 x y\n y = Relu(x)\n end\n";
  for (int level = 1; level < 40; ++level) {
    text += "function lib.f" + std::to_string(level) + " x y\n h = lib.f" + std::to_string(level - 1) +
            "(x)\n y = lib.f" + std::to_string(level - 1) + "(h)\n end\n";
  }
  expect_refused(text + "input x 2,3\n y = lib.f39(x)\n output y", HasSubstr("become more than"));
}

}  // namespace
}  // namespace kerf
