#include "models/cuts.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <set>
#include <tuple>

namespace kerf {
namespace {

const Tensor& tensor_of(const Graph& graph, TensorId id) {
  return graph.tensors[static_cast<std::size_t>(id)];
}

// The tensors alive while the nodes run one after the other.
class LiveTensors {
 public:
  explicit LiveTensors(const Graph& graph) : graph_(graph), uses_left_(graph.tensors.size(), 0) {
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      uses_left_[t] = graph.tensors[t].constant ? 0 : static_cast<int>(graph.tensors[t].consumers.size());
    }
    for (const TensorId output : graph.outputs) {
      if (!tensor_of(graph, output).constant) ++uses_left_[static_cast<std::size_t>(output)];
    }
    for (const TensorId input : graph.inputs) {
      if (uses_left_[static_cast<std::size_t>(input)] > 0) make(input);
    }
  }

  void make(TensorId tensor) {
    if (live_.insert(tensor).second) bytes_ += tensor_of(graph_, tensor).bytes();
  }

  void run(const Node& node) {
    for (const TensorId output : node.outputs) {
      if (uses_left_[static_cast<std::size_t>(output)] > 0) make(output);
    }
    for (const TensorId input : std::set<TensorId>(node.inputs.begin(), node.inputs.end())) {
      if (input < 0 || tensor_of(graph_, input).constant) continue;
      if (--uses_left_[static_cast<std::size_t>(input)] == 0) {
        live_.erase(input);
        bytes_ -= tensor_of(graph_, input).bytes();
      }
    }
  }

  [[nodiscard]] const std::set<TensorId>& tensors() const { return live_; }
  [[nodiscard]] Bytes bytes() const { return bytes_; }  // sums of whole numbers below 2^53 are exact

 private:
  const Graph& graph_;
  std::vector<int> uses_left_;
  std::set<TensorId> live_;
  Bytes bytes_;
};

Cut end_cut(const Graph& graph, int nodes_before, std::vector<TensorId> tensors) {
  Cut cut;
  cut.nodes_before = nodes_before;
  std::sort(tensors.begin(), tensors.end());
  for (const TensorId tensor : tensors) cut.bytes += tensor_of(graph, tensor).bytes();
  cut.tensors = std::move(tensors);
  return cut;
}

bool narrower(const Cut& a, const Cut& b) {
  return std::make_tuple(a.bytes, a.tensors.size()) < std::make_tuple(b.bytes, b.tensors.size());
}

std::vector<Cut> choose_cuts(const Graph& graph, int first_node, int most_tensors) {
  const int end_node = static_cast<int>(graph.nodes.size());
  const Cut input = end_cut(graph, first_node, graph.inputs);
  const Cut output = end_cut(graph, end_node, graph.outputs);

  std::vector<Cut> cuts = {input};
  LiveTensors live(graph);
  std::optional<Cut> best;  // of the run so far
  bool first_run = true;
  const auto finish_run = [&](bool last_run) {
    const bool beaten =
        best && ((first_run && !narrower(*best, input)) || (last_run && !narrower(*best, output)));
    if (best && !beaten) cuts.push_back(std::move(*best));
    best.reset();
    first_run = false;
  };
  for (int n = first_node; n < end_node; ++n) {
    const Node& node = graph.nodes[static_cast<std::size_t>(n)];
    if (node.multiply_adds > 0) finish_run(false);
    live.run(node);
    const std::size_t crossing = live.tensors().size();
    if (n + 1 == end_node || crossing < 1 || crossing > static_cast<std::size_t>(most_tensors)) continue;
    Cut candidate;
    candidate.nodes_before = n + 1;
    candidate.tensors.assign(live.tensors().begin(), live.tensors().end());
    candidate.bytes = live.bytes();
    if (!best || !narrower(*best, candidate)) best = std::move(candidate);
  }
  finish_run(true);
  cuts.push_back(output);
  for (std::size_t k = 0; k < cuts.size(); ++k) cuts[k].index = static_cast<int>(k);
  return cuts;
}

// The weights that a tensor is made of: itself, or those behind the constant nodes that make it.
class WeightsBehind {
 public:
  explicit WeightsBehind(const Graph& graph) : graph_(graph) {}

  void collect(TensorId id, std::set<TensorId>& weights, std::set<TensorId>& seen) const {
    std::vector<TensorId> open = {id};
    while (!open.empty()) {
      const TensorId tensor = open.back();
      open.pop_back();
      if (tensor < 0 || !tensor_of(graph_, tensor).constant || !seen.insert(tensor).second) continue;
      if (tensor_of(graph_, tensor).weight >= 0) weights.insert(tensor);
      const NodeId producer = tensor_of(graph_, tensor).producer;
      if (producer < 0) continue;
      const Node& node = graph_.nodes[static_cast<std::size_t>(producer)];
      open.insert(open.end(), node.inputs.begin(), node.inputs.end());
    }
  }

 private:
  const Graph& graph_;
};

void fill_blocks(const Graph& graph, Chain& chain) {
  LiveTensors live(graph);
  const WeightsBehind behind(graph);
  for (std::size_t k = 0; k + 1 < chain.cuts.size(); ++k) {
    Block block;
    block.first_node = chain.cuts[k].nodes_before;
    block.end_node = chain.cuts[k + 1].nodes_before;
    block.activations = chain.cuts[k].bytes;
    std::set<TensorId> weights;
    std::set<TensorId> seen;
    const Node* heaviest = nullptr;
    for (int n = block.first_node; n < block.end_node; ++n) {
      const Node& node = graph.nodes[static_cast<std::size_t>(n)];
      Bytes while_running = live.bytes();
      for (const TensorId output : node.outputs) while_running += tensor_of(graph, output).bytes();
      block.activations = std::max(block.activations, while_running);
      live.run(node);
      for (const TensorId input : node.inputs) behind.collect(input, weights, seen);
      block.multiply_adds += node.multiply_adds;
      if (heaviest == nullptr || node.multiply_adds > heaviest->multiply_adds) heaviest = &node;
    }
    for (const TensorId weight : weights) block.weights += tensor_of(graph, weight).bytes();
    block.name = heaviest->name;  // node names are unique
    chain.blocks.push_back(std::move(block));
  }
}

}  // namespace

Chain find_cuts(const Graph& graph, int most_tensors) {
  const auto first =
      std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& n) { return !n.constant; });
  assert(first != graph.nodes.end() && "a graph that computes nothing has no cuts");
  Chain chain;
  chain.cuts = choose_cuts(graph, static_cast<int>(first - graph.nodes.begin()), most_tensors);
  fill_blocks(graph, chain);
  return chain;
}

}  // namespace kerf
