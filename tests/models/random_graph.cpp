#include "tests/models/random_graph.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace kerf::test {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  int roll(int sides) { return static_cast<int>(uniform({.seed = seed_, .request = next_++}) * sides); }
  bool one_in(int sides) { return roll(sides) == 0; }

 private:
  std::uint64_t seed_;
  std::uint32_t next_ = 0;
};

TensorId add_tensor(Graph& graph, Dice& dice) {
  Tensor& tensor = graph.tensors.emplace_back();
  tensor.name = "t" + std::to_string(graph.tensors.size() - 1);
  tensor.type = ElementType::kFloat32;
  tensor.shape = {1 + dice.roll(4)};  // few sizes, so that there are ties
  return static_cast<TensorId>(graph.tensors.size() - 1);
}

Tensor& tensor_of(Graph& graph, TensorId id) {
  return graph.tensors[static_cast<std::size_t>(id)];
}

void add_node(Graph& graph, Dice& dice, std::vector<TensorId> inputs, bool constant) {
  const auto id = static_cast<NodeId>(graph.nodes.size());
  Node node;
  node.name = "n" + std::to_string(id);
  node.op_type = "Test";
  node.constant = constant;
  node.multiply_adds = constant || dice.one_in(2) ? 0 : 1 + dice.roll(3);
  std::sort(inputs.begin(), inputs.end());
  for (const TensorId input : inputs) {
    std::vector<NodeId>& consumers = tensor_of(graph, input).consumers;
    if (consumers.empty() || consumers.back() != id) consumers.push_back(id);
  }
  node.inputs = std::move(inputs);
  for (int i = dice.one_in(4) ? 2 : 1; i > 0; --i) {
    const TensorId output = add_tensor(graph, dice);
    tensor_of(graph, output).producer = id;
    tensor_of(graph, output).constant = constant;
    node.outputs.push_back(output);
  }
  graph.nodes.push_back(std::move(node));
}

}  // namespace

Graph random_graph(std::uint64_t seed) {
  Dice dice(seed);
  Graph graph;
  std::vector<TensorId> values;
  std::vector<TensorId> constants;
  for (int i = 1 + dice.roll(3); i > 0; --i) {
    graph.inputs.push_back(add_tensor(graph, dice));
    values.push_back(graph.inputs.back());
  }
  for (int i = dice.roll(3); i > 0; --i) {
    constants.push_back(add_tensor(graph, dice));
    Tensor& weight = tensor_of(graph, constants.back());
    weight.weight = static_cast<std::int32_t>(graph.weights.size());
    weight.constant = true;
    graph.weights.push_back({});
  }
  const auto pick = [&](const std::vector<TensorId>& from) {
    // Mostly the latest: long thin graphs are the ones that have cuts.
    const int back = dice.one_in(2) ? 1 : 1 + dice.roll(static_cast<int>(from.size()));
    return from[from.size() - static_cast<std::size_t>(back)];
  };
  for (int i = constants.empty() ? 0 : dice.roll(3); i > 0; --i) {
    add_node(graph, dice, {pick(constants)}, true);
    constants.insert(constants.end(), graph.nodes.back().outputs.begin(), graph.nodes.back().outputs.end());
  }
  for (int i = 1 + dice.roll(9); i > 0; --i) {
    std::vector<TensorId> inputs = {pick(values)};
    while (dice.one_in(3)) inputs.push_back(pick(values));
    if (!constants.empty() && dice.one_in(3)) inputs.push_back(pick(constants));
    add_node(graph, dice, inputs, false);
    values.insert(values.end(), graph.nodes.back().outputs.begin(), graph.nodes.back().outputs.end());
  }
  // No node is without use: what nobody reads is an output (of a node with two, sometimes only one is).
  for (const Node& node : graph.nodes) {
    if (node.constant) continue;
    bool used = false;
    for (const TensorId output : node.outputs) {
      used = used || !tensor_of(graph, output).consumers.empty();
      if (tensor_of(graph, output).consumers.empty() ? !used || dice.one_in(2) : dice.one_in(8)) {
        graph.outputs.push_back(output);
        used = true;
      }
    }
  }
  return graph;
}

Graph reordered(const Graph& graph, const std::vector<NodeId>& order) {
  Graph result = graph;
  std::vector<NodeId> place(order.size());
  for (std::size_t n = 0; n < order.size(); ++n) {
    result.nodes[n] = graph.nodes[static_cast<std::size_t>(order[n])];
    place[static_cast<std::size_t>(order[n])] = static_cast<NodeId>(n);
  }
  for (Tensor& tensor : result.tensors) {
    if (tensor.producer >= 0) tensor.producer = place[static_cast<std::size_t>(tensor.producer)];
    for (NodeId& consumer : tensor.consumers) consumer = place[static_cast<std::size_t>(consumer)];
    std::sort(tensor.consumers.begin(), tensor.consumers.end());
  }
  return result;
}

}  // namespace kerf::test
