#pragma once
// The places where a model can be separated. A cut is a prefix of the graph's order together with the tensors
// that cross it: made before (or inputs), used after (or outputs). Cuts are nested: cut k's nodes are among
// cut k+1's; cut 0 is the input, the last is the output; block k lies between cut k and cut k+1.
//
// The rule. Constants never cross: slices copy them, and constant nodes are in no block. Of the computing
// nodes v1 .. vn, in the graph's order, prefix p is v1 .. vp; a tensor crosses it that is an input or made by
// the prefix, and is used by a later node or is an output. Prefixes 0 and n, the ends, are always cuts: 0
// with all inputs, n with all outputs. Between them a prefix is a candidate when 1 .. most_tensors tensors
// cross it. Prefixes with no multiply-adds between them form a run (a Conv-BatchNorm-activation run stays
// whole and can be fused). Of each run's candidates one survives: fewest bytes; of equals fewest tensors; of
// equals the latest. It must also have fewer bytes, or as many in fewer tensors, than each end in its run. So
// no two cuts have the same nodes, and every block computes something.

#include <vector>

#include "models/graph.hpp"

namespace kerf {

struct Cut {
  int index = 0;
  int nodes_before = 0;  // the cut's nodes are Graph::nodes[0 .. nodes_before), the constant ones included
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

// The graph has at least one computing node. O(nodes + edges), beside sorting what crosses.
[[nodiscard]] Chain find_cuts(const Graph& graph, int most_tensors = 3);

}  // namespace kerf
