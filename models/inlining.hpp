#pragma once
// Graphs inside graphs written out: local functions (what PyTorch's newer exporter makes of modules) into the
// nodes that call them, and the branch of an If whose condition turned out constant (what `squeeze` becomes
// when it is exported for any shape). Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

namespace kerf {

// Afterwards no node of the main graph calls a function of the model. Nodes within branches still may:
// inlining a branch brings them up. Errors name the node: kUnsupported for functions that want another
// version of a domain than the model imports, and for ones that call themselves or grow without bounds.
void inline_functions(onnx::ModelProto& model, const std::string& file);

// Replaces node `index` of the model's graph, an If, by its then_branch or else_branch. Error(kBadInput)
// where that branch is missing or has not as many outputs as the node.
void inline_branch(onnx::GraphProto& graph, int index, bool condition, const std::string& file);

// What the graphs in the node's attributes use from outside of themselves; each name once.
[[nodiscard]] std::vector<std::string> captured_names(const onnx::NodeProto& node);

[[nodiscard]] bool has_graphs(const onnx::NodeProto& node);

}  // namespace kerf
