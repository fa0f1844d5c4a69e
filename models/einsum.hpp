#pragma once
// What an Einsum node computes, where its equation is plain ("ij,jk->ik", without an ellipsis): libonnx 1.12
// knows no more than the rank of its output. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <optional>
#include <vector>

namespace kerf {

struct Einsum {
  std::vector<std::int64_t> shape;  // of the output
  double multiply_adds = 0;         // every combination of all labels once; 0 with one operand
};

// Nothing for an ellipsis, and where equation and shapes do not fit.
[[nodiscard]] std::optional<Einsum> read_einsum(const onnx::NodeProto& node,
                                                const std::vector<std::vector<std::int64_t>>& inputs);

}  // namespace kerf
