// The order of nodes: always topological, and narrow where branches run side by side, whatever the file's
// order.

#include "models/node_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include "base/random.hpp"
#include "models/cuts.hpp"
#include "tests/models/onnx_text.hpp"
#include "tests/models/random_graph.hpp"

namespace kerf {
namespace {

void expect_topological(const Graph& graph, const std::vector<NodeId>& order, std::uint64_t seed) {
  std::vector<int> place(graph.nodes.size(), -1);
  for (std::size_t n = 0; n < order.size(); ++n)
    place[static_cast<std::size_t>(order[n])] = static_cast<int>(n);
  ASSERT_EQ(std::ranges::count(place, -1), 0) << seed;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const TensorId input : graph.nodes[n].inputs) {
      const NodeId producer = graph.tensors[static_cast<std::size_t>(input)].producer;
      ASSERT_LT(producer < 0 ? -1 : place[static_cast<std::size_t>(producer)], place[n]) << seed;
    }
  }
}

TEST(NodeOrder, IsTopologicalAndPutsConstantsFirst) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const Graph graph = test::random_graph(seed);
    const std::vector<NodeId> order = narrow_order(graph);
    expect_topological(graph, order, seed);
    const Graph ordered = test::reordered(graph, order);
    ASSERT_TRUE(std::ranges::is_partitioned(ordered.nodes, &Node::constant)) << seed;
  }
}

TEST(NodeOrder, OfAnOrderedGraphIsThatOrder) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Graph graph = test::random_graph(seed);
    const Graph once = test::reordered(graph, narrow_order(graph));
    const std::size_t cuts = find_cuts(once).cuts.size();
    ASSERT_EQ(find_cuts(test::reordered(once, narrow_order(once))).cuts.size(), cuts) << seed;
  }
}

// Two residual cells of four branches each, whose lines are then shuffled.
constexpr std::string_view kCells = R"(
  input x 1,32
  weight w 32,32
  a1 = MatMul(x, w)
  a2 = MatMul(a1, w)
  b1 = MatMul(x, w)
  b2 = MatMul(b1, w)
  c1 = MatMul(x, w)
  c2 = MatMul(c1, w)
  ab = Add(a2, b2)
  abc = Add(ab, c2)
  y = Add(abc, x)
  d1 = MatMul(y, w)
  d2 = MatMul(d1, w)
  e1 = MatMul(y, w)
  e2 = MatMul(e1, w)
  f1 = MatMul(y, w)
  f2 = MatMul(f1, w)
  de = Add(d2, e2)
  def = Add(de, f2)
  z = Add(def, y)
  output z
)";

std::string shuffled(std::string_view text, std::uint64_t seed) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  for (std::size_t i = lines.size() - 1; i > 0; --i) {
    const double u = uniform({.seed = seed, .request = static_cast<std::uint32_t>(i)});
    std::swap(lines[i], lines[static_cast<std::size_t>(u * static_cast<double>(i + 1))]);
  }
  std::string joined;
  for (const std::string& line : lines) joined += line + "\n";
  return joined;
}

TEST(NodeOrder, FinishesOneBranchBeforeTheNext) {
  const test::TempFolder folder;
  // Of each cell's six products all but the last branch's are behind a cut of at most three tensors.
  EXPECT_GE(find_cuts(test::import_text(folder, kCells)).cuts.size(), 12U);
}

TEST(NodeOrder, DoesNotDependOnTheFilesOrder) {
  const test::TempFolder folder;
  const std::size_t expected = find_cuts(test::import_text(folder, kCells)).cuts.size();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(find_cuts(test::import_text(folder, shuffled(kCells, seed))).cuts.size(), expected) << seed;
  }
}

TEST(NodeOrder, ALongChainIsNoMatter) {
  Graph graph;
  graph.tensors.resize(200001);
  graph.nodes.resize(200000);
  graph.inputs = {0};
  graph.outputs = {200000};
  for (NodeId n = 0; n < 200000; ++n) {
    graph.nodes[static_cast<std::size_t>(n)].inputs = {n};
    graph.nodes[static_cast<std::size_t>(n)].outputs = {n + 1};
    graph.tensors[static_cast<std::size_t>(n)].consumers = {n};
    graph.tensors[static_cast<std::size_t>(n) + 1].producer = n;
  }
  std::vector<NodeId> expected(200000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(narrow_order(graph), expected);
}

}  // namespace
}  // namespace kerf
