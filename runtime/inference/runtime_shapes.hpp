#pragma once
// The shape oracle that ONNX Runtime is: what it infers of one node, and where it has no rule for the
// operator, what two runs on different made-up inputs agree on. An operator whose output shape depends on its
// data stays unknown.

#include "models/shape_oracle.hpp"

namespace kerf {

// Milliseconds a question. Error(kUnsupported) from the oracle names an operator that the runtime does not
// know. Not to be used by two threads at once.
[[nodiscard]] ShapeOracle runtime_shapes();

}  // namespace kerf
