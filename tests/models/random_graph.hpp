#pragma once
// Random small graphs made by hand, without a file: for the exact rules of order and cuts.

#include "models/graph.hpp"

namespace kerf::test {

// A function of the seed: 1-9 nodes with 1-2 outputs, 1-3 inputs, weights, constant nodes, outputs made
// early, inputs that nobody uses, some nodes without multiply-adds. The nodes stand in a topological order,
// constant ones first.
[[nodiscard]] Graph random_graph(std::uint64_t seed);

// The same graph with its nodes in another order (a permutation of graph.nodes, given as old indices).
[[nodiscard]] Graph reordered(const Graph& graph, const std::vector<NodeId>& order);

}  // namespace kerf::test
