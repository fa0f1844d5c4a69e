// Cuts against the rule's own words, and by hand.

#include "models/cuts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/models/onnx_text.hpp"
#include "tests/models/random_graph.hpp"

namespace kerf {
namespace {

using testing::ElementsAre;

// The rule of models/cuts.hpp word by word, in quadratic time.
class Rule {
 public:
  Rule(const Graph& graph, std::size_t most_tensors) : graph_(graph), most_tensors_(most_tensors) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      if (!graph.nodes[n].constant) computing_.push_back(static_cast<NodeId>(n));
    }
  }

  [[nodiscard]] std::vector<Cut> cuts() const {
    std::vector<Cut> survivors;
    const std::size_t last = computing_.size();
    for (std::size_t p = 0; p <= last; ++p) {
      const Cut cut = prefix(p);
      if (p != 0 && p != last) {
        if (!is_candidate(cut)) continue;
        if (beaten(p, cut)) continue;
      }
      survivors.push_back(cut);
      survivors.back().index = static_cast<int>(survivors.size()) - 1;
    }
    return survivors;
  }

  [[nodiscard]] bool crosses(std::size_t p, TensorId id) const {
    const Tensor& tensor = graph_.tensors[static_cast<std::size_t>(id)];
    if (tensor.constant) return false;
    const bool made = tensor.producer < 0 || position(tensor.producer) < p;
    const bool output = std::ranges::count(graph_.outputs, id) > 0;
    const bool used = std::ranges::any_of(tensor.consumers, [&](NodeId user) { return position(user) >= p; });
    return made && (used || output);
  }

  [[nodiscard]] Cut prefix(std::size_t p) const {
    Cut cut;
    cut.nodes_before = p < computing_.size() ? computing_[p] : static_cast<int>(graph_.nodes.size());
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      const bool crossing = p == 0                   ? std::ranges::count(graph_.inputs, id) > 0
                            : p == computing_.size() ? std::ranges::count(graph_.outputs, id) > 0
                                                     : crosses(p, id);
      if (!crossing) continue;
      cut.tensors.push_back(id);
      cut.bytes += graph_.tensors[t].bytes();
    }
    return cut;
  }

 private:
  [[nodiscard]] std::size_t position(NodeId node) const {
    return static_cast<std::size_t>(std::ranges::find(computing_, node) - computing_.begin());
  }
  [[nodiscard]] bool is_candidate(const Cut& cut) const {
    return !cut.tensors.empty() && cut.tensors.size() <= most_tensors_;
  }
  [[nodiscard]] bool one_run(std::size_t p, std::size_t q) const {
    for (std::size_t between = std::min(p, q); between < std::max(p, q); ++between) {
      if (graph_.nodes[static_cast<std::size_t>(computing_[between])].multiply_adds > 0) return false;
    }
    return true;
  }
  [[nodiscard]] bool beaten(std::size_t p, const Cut& cut) const {
    for (std::size_t q = 0; q <= computing_.size(); ++q) {
      if (q == p || !one_run(p, q)) continue;
      const Cut other = prefix(q);
      const bool end = q == 0 || q == computing_.size();
      if (!end && !is_candidate(other)) continue;
      if (other.bytes < cut.bytes) return true;
      if (other.bytes > cut.bytes) continue;
      if (other.tensors.size() < cut.tensors.size()) return true;
      if (other.tensors.size() == cut.tensors.size() && (end || q > p)) return true;
    }
    return false;
  }

  const Graph& graph_;
  std::size_t most_tensors_;
  std::vector<NodeId> computing_;
};

TEST(Cuts, AreWhatTheRuleSaysOnRandomGraphs) {
  std::size_t inner = 0;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Graph graph = test::random_graph(seed);
    for (const int most : {1, 2, 3}) {
      const std::vector<Cut> expected = Rule(graph, static_cast<std::size_t>(most)).cuts();
      const Chain chain = find_cuts(graph, most);
      ASSERT_EQ(chain.cuts.size(), expected.size()) << "seed " << seed << ", at most " << most;
      for (std::size_t k = 0; k < expected.size(); ++k) {
        ASSERT_EQ(chain.cuts[k].index, expected[k].index) << seed;
        ASSERT_EQ(chain.cuts[k].nodes_before, expected[k].nodes_before) << seed;
        ASSERT_EQ(chain.cuts[k].tensors, expected[k].tensors) << seed;
        ASSERT_EQ(chain.cuts[k].bytes, expected[k].bytes) << seed;
      }
      inner += expected.size() - 2;
    }
  }
  EXPECT_GT(inner, 10000U);  // the graphs are worth cutting
}

TEST(Cuts, BlocksPartitionTheComputingNodesOfRandomGraphs) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Graph graph = test::random_graph(seed);
    const Chain chain = find_cuts(graph);
    std::set<std::string> names;
    double work = 0;
    for (std::size_t k = 0; k < chain.blocks.size(); ++k) {
      const Block& block = chain.blocks[k];
      ASSERT_EQ(block.first_node, chain.cuts[k].nodes_before) << seed;
      ASSERT_EQ(block.end_node, chain.cuts[k + 1].nodes_before) << seed;
      ASSERT_LT(block.first_node, block.end_node) << seed;
      ASSERT_FALSE(graph.nodes[static_cast<std::size_t>(block.first_node)].constant) << seed;
      names.insert(block.name);
      work += block.multiply_adds;
    }
    ASSERT_EQ(names.size(), chain.blocks.size()) << seed;
    ASSERT_EQ(work, graph.multiply_adds()) << seed;
    ASSERT_EQ(chain.blocks.back().end_node, static_cast<int>(graph.nodes.size())) << seed;
  }
}

TEST(Cuts, ActivationsAreTheMostThatIsAliveAtOnceInRandomGraphs) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Graph graph = test::random_graph(seed);
    const Rule rule(graph, 3);
    const Chain chain = find_cuts(graph);
    const int first = chain.blocks[0].first_node;
    for (const Block& block : chain.blocks) {
      Bytes most = chain.cuts[static_cast<std::size_t>(&block - chain.blocks.data())].bytes;
      for (int n = block.first_node; n < block.end_node; ++n) {
        std::set<TensorId> alive;
        for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
          if (rule.crosses(static_cast<std::size_t>(n - first), static_cast<TensorId>(t))) {
            alive.insert(static_cast<TensorId>(t));
          }
        }
        const Node& node = graph.nodes[static_cast<std::size_t>(n)];
        alive.insert(node.outputs.begin(), node.outputs.end());
        Bytes sum;
        for (const TensorId tensor : alive) sum += graph.tensors[static_cast<std::size_t>(tensor)].bytes();
        most = std::max(most, sum);
      }
      ASSERT_EQ(block.activations, most) << seed;
    }
  }
}

class CutsByHand : public testing::Test {
 protected:
  // The names of what crosses each cut, joined by "+".
  [[nodiscard]] std::vector<std::string> crossing(std::string_view text) {
    graph_ = test::import_text(folder_, text);
    chain_ = find_cuts(graph_);
    std::vector<std::string> names;
    for (const Cut& cut : chain_.cuts) {
      std::string joined;
      for (const TensorId id : cut.tensors) {
        joined += (joined.empty() ? "" : "+") + graph_.tensors[static_cast<std::size_t>(id)].name;
      }
      names.push_back(joined);
    }
    return names;
  }
  test::TempFolder folder_;
  Graph graph_;
  Chain chain_;
};

TEST_F(CutsByHand, AConvolutionAndItsActivationStayTogether) {
  EXPECT_THAT(crossing(R"(
    input x 1,4,8,8
    weight v 4,4,1,1
    weight w 4,4,1,1
    a = Conv(x, v)
    b = Relu(a)
    c = Conv(b, w)
    d = Relu(c)
    output d
  )"),
              ElementsAre("x", "b", "d"));
}

TEST_F(CutsByHand, PoolingMovesTheCutBehindItself) {
  EXPECT_THAT(crossing(R"(
    input x 1,4,8,8
    weight v 4,4,1,1
    weight w 4,4,1,1
    a = Conv(x, v)
    b = MaxPool(a) kernel_shape=2,2 strides=2,2
    c = Conv(b, w)
    output c
  )"),
              ElementsAre("x", "b", "c"));
}

TEST_F(CutsByHand, UpsamplingKeepsTheCutBeforeItself) {
  EXPECT_THAT(crossing(R"(
    input x 1,4,8,8
    weight v 4,4,1,1
    weight w 4,1,1,1
    weight scales 4
    ints sizes 1,4,16,16
    a = Conv(x, v)
    b = Resize(a, _, _, sizes)
    c = Conv(b, w) group=4
    output c
  )"),
              ElementsAre("x", "a", "c"));
}

TEST_F(CutsByHand, AResidualConnectionCrossesBesideTheBranch) {
  EXPECT_THAT(crossing(R"(
    input x 1,4,8,8
    weight u 4,4,1,1
    weight v 4,4,1,1
    weight w 4,4,1,1
    a = Conv(x, u)
    b = Conv(a, v)
    c = Conv(b, w)
    d = Add(a, c)
    output d
  )"),
              ElementsAre("x", "a", "a+b", "d"));
}

TEST_F(CutsByHand, AnOutputMadeEarlyCrossesUntilTheEnd) {
  EXPECT_THAT(crossing(R"(
    input x 1,4,8,8
    weight u 4,4,1,1
    weight v 4,4,1,1
    weight w 4,4,1,1
    a = Conv(x, u)
    b = Conv(a, v)
    c = Conv(b, w)
    output a
    output c
  )"),
              ElementsAre("x", "a", "a+b", "a+c"));
}

TEST_F(CutsByHand, AnInputUsedLateCrossesUntilThen) {
  EXPECT_THAT(crossing(R"(
    input x 1,8
    input late 1,8
    weight v 8,8
    weight w 8,8
    a = MatMul(x, v)
    b = Add(a, late)
    c = MatMul(b, w)
    output c
  )"),
              ElementsAre("x+late", "b", "c"));
}

TEST_F(CutsByHand, NothingToCutIsOneBlock) {
  EXPECT_THAT(crossing("input x 4\n y = Relu(x)\n z = Tanh(y)\n output z"), ElementsAre("x", "z"));
  EXPECT_EQ(chain_.blocks.size(), 1U);
}

TEST_F(CutsByHand, MoreThanThreeInputsAreStillTheFirstCut) {
  EXPECT_THAT(crossing(R"(
    input a 1,8
    input b 1,8
    input c 1,8
    input d 1,8
    weight w 8,8
    ab = Add(a, b)
    cd = Add(c, d)
    e = Add(ab, cd)
    f = MatMul(e, w)
    output f
  )"),
              ElementsAre("a+b+c+d", "e", "f"));
}

TEST_F(CutsByHand, AWeightCountsInEachBlockThatUsesIt) {
  (void)crossing("input x 1,8\n weight w 8,8\n a = MatMul(x, w)\n b = MatMul(a, w)\n output b");
  ASSERT_EQ(chain_.blocks.size(), 2U);
  EXPECT_EQ(chain_.blocks[0].weights, Bytes(8 * 8 * 4));
  EXPECT_EQ(chain_.blocks[1].weights, Bytes(8 * 8 * 4));
}

TEST_F(CutsByHand, WeightsBehindConstantNodesCount) {
  (void)crossing("input x 1,8\n weight w 8,8\n t = Transpose(w)\n a = MatMul(x, t)\n output a");
  EXPECT_EQ(chain_.blocks[0].weights, Bytes(8 * 8 * 4));
}

}  // namespace
}  // namespace kerf
