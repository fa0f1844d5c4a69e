#pragma once
// What libonnx's shape rules believe without counting: that a Reshape keeps the number of elements, that the
// channels of a convolution, the rows of a Gemm and the features of a recurrent layer are those of its
// weights. Models that were exported for one size of their inputs are met here when another size is given.
// Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <span>
#include <string>

#include "models/onnx_shapes.hpp"

namespace kerf {

// `node` is of ONNX's own domain; operands whose type is unknown are kUndefined and are not looked at.
// Error(kBadInput) names the node.
void check_operand_sizes(const onnx::NodeProto& node, std::span<const TensorType> operands,
                         const TensorType& output, const std::string& where);

}  // namespace kerf
