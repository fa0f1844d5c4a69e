#pragma once
// Shapes from elsewhere. Our own rules and libonnx's know most operators; what they do not know (operators of
// other domains, opsets newer than they are) may be known to an inference runtime. This folder links none, so
// whoever has one hands in a function: runtime/inference's is runtime_shapes().
//
//   const Graph graph = import_onnx("bert.onnx", {}, runtime_shapes());

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/graph.hpp"

namespace kerf {

struct TensorType {
  ElementType type = ElementType::kUndefined;
  std::vector<std::int64_t> shape;

  bool operator==(const TensorType&) const = default;
};

// `model`: a serialized onnx.ModelProto of one node; its inputs have fixed shapes, operands that are known
// are initializers, outputs have names only. Gives the type of each of the model's outputs in their order,
// kUndefined for one whose shape depends on the data. Throws Error where the runtime refuses the node.
using ShapeOracle = std::function<std::vector<TensorType>(const std::string& model)>;

}  // namespace kerf
