#pragma once
// Tensors that are known without an input: what Constant nodes hold, and what Shape and Size give once shapes
// are fixed. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <optional>

#include "models/graph.hpp"

namespace kerf {

struct ConstantValue {
  onnx::TensorProto data;
  bool literal = false;  // as WeightPlace has it
};

// The numbers of a Constant node with one attribute; nothing for strings and sparse tensors, which stay
// nodes.
[[nodiscard]] std::optional<ConstantValue> value_of_constant(const onnx::NodeProto& node);

// The value of a Shape or Size node that reads `input`; nothing for other nodes.
[[nodiscard]] std::optional<ConstantValue> value_of_shape(const onnx::NodeProto& node, const Tensor& input);

}  // namespace kerf
