#pragma once
// Values of small constant tensors, computed while shapes are inferred: exporters compute the operands of
// Reshape, Slice, Expand and Resize out of shapes with a dozen plain operators, and once the input shapes are
// fixed these are numbers. What is not understood here stays unknown, which is an error only if a shape
// depends on it. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace kerf {

// The value of the node's first output, or nothing. `inputs` has one entry an input (raw_data filled, nullptr
// for omitted or unknown ones); `type` is what inference knows of the output.
[[nodiscard]] std::optional<onnx::TensorProto> small_value(
    const onnx::NodeProto& node, const std::vector<const onnx::TensorProto*>& inputs,
    const onnx::TypeProto& type);

// The values of a Split's outputs, whose shapes are `shapes`; empty where they are not parts of `input` along
// `axis` (counted from the front).
[[nodiscard]] std::vector<onnx::TensorProto> split_value(
    const onnx::TensorProto& input, std::size_t axis, const std::vector<std::vector<std::int64_t>>& shapes);

}  // namespace kerf
