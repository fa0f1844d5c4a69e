#pragma once
// Random operator graphs for the tests of minimum cuts, small enough to try every partition.

#include <random>

#include "planner/search/operator_graph.hpp"

namespace kerf::testing {

// Tensors with several consumers, several inputs and outputs, tensors that are used and are outputs. Bytes
// are whole numbers below 10. Every operator is used or makes an output. Operators lie in blocks 0..blocks-1
// in order, with shares that are whole halves, quarters or the like only where blocks hold one or two.
inline OperatorGraph random_operators(std::mt19937& random, int operators, int blocks) {
  const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
  OperatorGraph graph;
  graph.operators.resize(static_cast<std::size_t>(operators));
  for (int v = 0; v < operators; ++v)
    graph.operators[static_cast<std::size_t>(v)].block = v * blocks / operators;
  for (int v = 0; v < operators; ++v) {
    int members = 0;
    for (const Operator& other : graph.operators)
      members += other.block == graph.operators[static_cast<std::size_t>(v)].block ? 1 : 0;
    graph.operators[static_cast<std::size_t>(v)].share = 1.0 / members;
  }
  const auto add = [&](int producer) {
    OperatorTensor tensor;
    tensor.producer = producer;
    tensor.bytes = Bytes(below(10));
    for (int v = producer + 1; v < operators; ++v) {
      if (below(3) == 0 || (below(2) == 0 && v == producer + 1)) tensor.consumers.push_back(v);
    }
    tensor.is_output = tensor.consumers.empty() || below(8) == 0;
    if (producer < 0 && tensor.consumers.empty()) tensor.consumers.push_back(0);
    graph.tensors.push_back(tensor);
  };
  for (int input = 0; input <= below(2); ++input) add(-1);
  for (int v = 0; v < operators; ++v) {
    for (int output = 0; output <= (below(5) == 0 ? 1 : 0); ++output) add(v);
  }
  return graph;
}

}  // namespace kerf::testing
