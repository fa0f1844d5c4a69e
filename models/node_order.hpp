#pragma once
// The order in which a graph's nodes stand. Any topological order has the same single-tensor cuts; cuts of
// two or three tensors depend on it: where branches run side by side, an order that finishes one before it
// begins the next keeps few tensors alive and so has many narrow prefixes, and one that goes layer by layer
// has none.

#include <vector>

#include "models/graph.hpp"

namespace kerf {

// Indices into graph.nodes: constant nodes first, as they stand, then the others by list scheduling. Of the
// nodes whose inputs are there, the next is one that leaves fewer tensors alive than before, else as many,
// else more; of equals the first by demand. Demand is the order in which the outputs ask for what they need,
// the deepest first: a node's input that has the longest way behind it is made before its others, so that
// nothing is begun which then waits for long. graph.nodes itself is in some topological order; tensors'
// consumers are filled. O((nodes + edges) log nodes).
[[nodiscard]] std::vector<NodeId> narrow_order(const Graph& graph);

}  // namespace kerf
