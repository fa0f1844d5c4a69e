#include "runtime/inference/value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

using ::testing::HasSubstr;

Value floats(const std::vector<float>& elements) {
  Value value{ElementType::kFloat32, {static_cast<std::int64_t>(elements.size())}, {}};
  value.bytes.resize(elements.size() * sizeof(float));
  std::memcpy(value.bytes.data(), elements.data(), value.bytes.size());
  return value;
}

Graph graph_with_input(ElementType type, std::vector<std::int64_t> shape) {
  Graph graph;
  Tensor tensor;
  tensor.name = "x";
  tensor.type = type;
  tensor.shape = std::move(shape);
  graph.tensors.push_back(tensor);
  graph.inputs.push_back(0);
  return graph;
}

TEST(RandomInputs, AreTheSameForTheSameSeed) {
  const Graph graph = graph_with_input(ElementType::kFloat32, {2, 5});
  EXPECT_EQ(random_inputs(graph, 3), random_inputs(graph, 3));
}

TEST(RandomInputs, DifferBetweenSeeds) {
  const Graph graph = graph_with_input(ElementType::kFloat32, {2, 5});
  EXPECT_NE(random_inputs(graph, 3), random_inputs(graph, 4));
}

TEST(RandomInputs, FloatsLieBetweenMinusOneAndOneAndFillTheRange) {
  const Value value = random_inputs(graph_with_input(ElementType::kFloat32, {10001}), 1).at("x");
  std::vector<float> elements(10001);
  std::memcpy(elements.data(), value.bytes.data(), value.bytes.size());
  const auto [low, high] = std::minmax_element(elements.begin(), elements.end());
  EXPECT_GE(*low, -1.0F);
  EXPECT_LT(*low, -0.99F);
  EXPECT_LT(*high, 1.0F);
  EXPECT_GT(*high, 0.99F);
}

TEST(RandomInputs, IntegersAreZeroOrOne) {
  const Value value = random_inputs(graph_with_input(ElementType::kInt64, {64}), 1).at("x");
  std::vector<std::int64_t> elements(64);
  std::memcpy(elements.data(), value.bytes.data(), value.bytes.size());
  EXPECT_THAT(elements, ::testing::Each(::testing::AnyOf(0, 1)));
  EXPECT_THAT(elements, ::testing::Contains(0));
  EXPECT_THAT(elements, ::testing::Contains(1));
}

TEST(RandomInputs, StringsAreUnsupportedAndTheInputIsNamed) {
  try {
    (void)random_inputs(graph_with_input(ElementType::kString, {1}), 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_EQ(error.where(), "x");
  }
}

TEST(Difference, IsRelativeToTheLargestOfTheReference) {
  const Difference found = difference(floats({1.0F, -4.0F}), floats({1.5F, -4.0F}));
  EXPECT_DOUBLE_EQ(found.relative, 0.5 / 4);
  EXPECT_EQ(found.problem, "");
}

TEST(Difference, NotANumberIsAProblemEvenOnBothSides) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(difference(floats({1, nan}), floats({1, nan})).problem, HasSubstr("element 1 is nan"));
}

TEST(Difference, TheSameInfinityIsNoDifference) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(difference(floats({-inf, 2}), floats({-inf, 2})).problem, "");
  EXPECT_NE(difference(floats({-inf, 2}), floats({inf, 2})).problem, "");
}

TEST(Difference, AnotherShapeIsAProblem) {
  EXPECT_THAT(difference(floats({1, 2}), floats({1})).problem,
              HasSubstr("float32 [2] instead of float32 [1]"));
}

// 1.0 is 0x3C00 and 1.5 is 0x3E00 in half precision, 0x3F80 and 0x3FC0 in bfloat16; the smallest half is
// 2^-24.
TEST(Difference, WidensHalfPrecision) {
  const Value one{ElementType::kFloat16, {1}, std::string("\x00\x3C", 2)};
  const Value more{ElementType::kFloat16, {1}, std::string("\x00\x3E", 2)};
  EXPECT_DOUBLE_EQ(difference(one, more).relative, 0.5 / 1.5);
  const Value smallest{ElementType::kFloat16, {1}, std::string("\x01\x00", 2)};
  const Value zero{ElementType::kFloat16, {1}, std::string("\x00\x80", 2)};
  EXPECT_DOUBLE_EQ(difference(zero, smallest).relative, 1);
  const Value brain_one{ElementType::kBfloat16, {1}, std::string("\x80\x3F", 2)};
  const Value brain_more{ElementType::kBfloat16, {1}, std::string("\xC0\x3F", 2)};
  EXPECT_DOUBLE_EQ(difference(brain_one, brain_more).relative, 0.5 / 1.5);
}

}  // namespace
}  // namespace kerf
