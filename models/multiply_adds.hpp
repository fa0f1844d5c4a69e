#pragma once
// How much arithmetic a node is, from its shapes: multiply-accumulate operations of convolutions, matrix
// products, attention and recurrent cells, which take nearly all of a network's time. 0 for every other
// operator.
// Internal to the import.

#include <onnx/onnx_pb.h>

#include <vector>

#include "models/graph.hpp"

namespace kerf {

// `inputs` has one entry an input, nullptr for an omitted one; `output` is the first output.
[[nodiscard]] double multiply_adds(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs,
                                   const Tensor& output);

}  // namespace kerf
