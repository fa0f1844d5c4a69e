#pragma once
// The importer behind import_onnx() and zoo_graph(): from a model without its weights, wherever they are, to
// a graph. Internal to models: includes ONNX.

#include <cstdint>
#include <string>

#include "models/graph.hpp"
#include "models/onnx_import.hpp"
#include "models/onnx_skeleton.hpp"

namespace kerf {

// The graph without its name and its hash. `where` names the model in errors, which are those of
// import_onnx(). The skeleton's nodes are complete afterwards: large attributes are inside.
[[nodiscard]] Graph import_skeleton(Skeleton& skeleton, const InputShapes& shapes, const std::string& where,
                                    const ShapeOracle& oracle = {});

// Graph::hash, from the hash of the model's content (hash_content()) and the graph's inputs.
[[nodiscard]] std::string graph_hash(std::uint64_t content, const Graph& graph);

}  // namespace kerf
