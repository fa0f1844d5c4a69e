#pragma once
// A model's graph in the planner's terms. Only here, because the planner knows no models.

#include "models/cuts.hpp"
#include "models/graph.hpp"
#include "planner/search/operator_graph.hpp"

namespace kerf::cli {

// The computing nodes of `graph` as operators, the tensors between them at `batch` times their size. An
// operator's share of its block's time goes by its multiply-adds plus four for each byte that it reads
// (weights too) and writes: about what a processor core computes while it moves a byte.
[[nodiscard]] OperatorGraph operators_of(const Graph& graph, const Chain& chain, int batch);

}  // namespace kerf::cli
