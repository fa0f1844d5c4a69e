#pragma once
// The places where a model can be separated. A cut is a prefix of the graph's order together with the tensors that
// cross it: made before (or inputs), used after (or outputs). Cuts are nested: cut k's nodes are among cut k+1's; cut 0
// is the input, the last is the output; block k lies between cut k and cut k+1.
//
// Candidates are the prefixes that one, two or three tensors cross. A candidate is dropped when another beats it: when
// no multiply-adds lie between the two and the other has fewer bytes (of equal bytes: fewer tensors, then the later, so
// that a Conv-BatchNorm-activation run stays whole and can be fused). Constants never cross: slices copy them.

#include <vector>

#include "models/graph.hpp"

namespace kerf {

struct Cut {
  int index = 0;
  int nodes_before = 0;           // the cut's nodes are Graph::nodes[0 .. nodes_before)
  std::vector<TensorId> tensors;  // what crosses, ordered by tensor id
  Bytes bytes;
};

struct Block {
  int first_node = 0;  // Graph::nodes[first_node .. end_node)
  int end_node = 0;
  std::string name;  // of its heaviest node (most multiply-adds, then first); unique
  double multiply_adds = 0;
  Bytes weights;      // of the weights its nodes use; one used by several blocks counts in each
  Bytes activations;  // the most that its live tensors occupy at once, inputs and outputs included
};

struct Chain {
  std::vector<Cut> cuts;      // blocks.size() + 1
  std::vector<Block> blocks;  // at least one
};

[[nodiscard]] Chain find_cuts(const Graph& graph, int most_tensors = 3);

}  // namespace kerf
