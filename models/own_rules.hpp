#pragma once
// Shapes of operators that libonnx 1.12 does not know: those that ONNX gained or changed in opsets 18 to 24,
// and of com.microsoft those that ONNX Runtime's optimiser writes most. Where operands leave a shape open, or
// do not fit, a rule gives nothing: then the oracle is asked (shape_oracle.hpp). Internal to the import:
// includes ONNX.

#include <onnx/onnx_pb.h>

#include <vector>

#include "models/shape_oracle.hpp"

namespace kerf {

struct Operand {
  TensorType type;                           // kUndefined for one that is left out
  const onnx::TensorProto* value = nullptr;  // of a small constant
};

// One type an output that the node names (an omitted one in between is kUndefined), or nothing at all.
[[nodiscard]] std::vector<TensorType> own_rule(const onnx::NodeProto& node,
                                               const std::vector<Operand>& operands);

}  // namespace kerf
