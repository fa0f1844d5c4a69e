#pragma once
// The order in which a graph's nodes stand. Any topological order has the same single-tensor cuts; cuts of
// two or three tensors depend on it: where branches run side by side, an order that finishes one before it
// begins the next keeps few tensors alive and so has many narrow prefixes, and one that goes layer by layer
// has none.

#include <vector>

#include "models/graph.hpp"

namespace kerf {

// Indices into graph.nodes: constant nodes first, as they stand, then the others by list scheduling. Of the
// nodes whose inputs are there, the next is the one that leaves the fewest tensors alive; of equals the one
// whose latest input is the youngest, which stays on the branch that was begun last; of equals the first in
// graph.nodes. graph.nodes itself is in some topological order; tensors' consumers are filled. O((nodes +
// edges) log nodes).
[[nodiscard]] std::vector<NodeId> narrow_order(const Graph& graph);

}  // namespace kerf
