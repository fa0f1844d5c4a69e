#include "cli/model_operators.hpp"

#include <algorithm>
#include <vector>

namespace kerf::cli {
namespace {

constexpr double kMultiplyAddsPerByte = 4;

double work_of(const Graph& graph, const Node& node) {
  Bytes moved;
  const auto add = [&](TensorId tensor) {
    if (tensor >= 0) moved += graph.tensors[static_cast<std::size_t>(tensor)].bytes();
  };
  std::for_each(node.inputs.begin(), node.inputs.end(), add);
  std::for_each(node.outputs.begin(), node.outputs.end(), add);
  return node.multiply_adds + kMultiplyAddsPerByte * moved.value();
}

void add_operators(const Graph& graph, const Block& block, int index, OperatorGraph& made) {
  const auto nodes = [&](auto visit) {
    for (int node = block.first_node; node < block.end_node; ++node)
      visit(graph.nodes[static_cast<std::size_t>(node)]);
  };
  double total = 0;
  nodes([&](const Node& node) { total += work_of(graph, node); });
  const double equal = 1.0 / (block.end_node - block.first_node);
  nodes([&](const Node& node) {
    made.operators.push_back({index, total > 0 ? work_of(graph, node) / total : equal});
  });
}

}  // namespace

OperatorGraph operators_of(const Graph& graph, const Chain& chain, int batch) {
  OperatorGraph made;
  for (std::size_t i = 0; i < chain.blocks.size(); ++i)
    add_operators(graph, chain.blocks[i], static_cast<int>(i), made);

  // Constant nodes come first and are no operators.
  const int constants = chain.blocks.front().first_node;
  for (std::size_t id = 0; id < graph.tensors.size(); ++id) {
    const Tensor& tensor = graph.tensors[id];
    if (tensor.constant) continue;
    OperatorTensor flow;
    flow.producer = tensor.producer < 0 ? -1 : tensor.producer - constants;
    for (const NodeId consumer : tensor.consumers) flow.consumers.push_back(consumer - constants);
    flow.is_output = std::find(graph.outputs.begin(), graph.outputs.end(), static_cast<TensorId>(id)) !=
                     graph.outputs.end();
    flow.bytes = tensor.bytes() * batch;
    if (flow.is_output || !flow.consumers.empty()) made.tensors.push_back(std::move(flow));
  }
  return made;
}

}  // namespace kerf::cli
