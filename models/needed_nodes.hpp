#pragma once
// Which nodes of an ONNX graph the import has to look at, and in which order: those that an output needs, and
// the Constant nodes, which are weights; each after the nodes it reads from, else as the file has them.
// Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <string>
#include <unordered_set>
#include <vector>

namespace kerf {

// A node in an error message: `m.onnx: node "conv1" (Conv)`.
[[nodiscard]] std::string place_of_node(const onnx::GraphProto& graph, int index, const std::string& file);

[[nodiscard]] bool is_constant_node(const onnx::NodeProto& node);

// Indices into graph.node. `given` are the tensors that no node makes: inputs and initializers.
// Error(kBadInput) for a tensor that nothing makes or two nodes make, and for a cycle; kUnsupported for
// control flow.
[[nodiscard]] std::vector<int> needed_nodes(const onnx::GraphProto& graph,
                                            const std::unordered_set<std::string>& given,
                                            const std::string& file);

}  // namespace kerf
