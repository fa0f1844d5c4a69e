#pragma once
// Between sessions and the wire: the protocol's names of types, and tensors handed over without being copied.

#include <string>
#include <vector>

#include "models/graph.hpp"
#include "runtime/executor/infer_message.hpp"
#include "runtime/inference/value.hpp"

namespace kerf {

// "FP32"; Error(kUnsupported) naming the tensor for strings, which sessions do not take.
[[nodiscard]] TensorSignature signature_of(const Tensor& tensor);
[[nodiscard]] std::vector<TensorSignature> signatures_of(const Graph& graph,
                                                         const std::vector<TensorId>& tensors);

[[nodiscard]] std::vector<NamedTensor> to_wire(const LiveTensors& tensors);
// Gathers each tensor in one aligned place where it came in pieces. A type that no session takes is
// Error(kBadInput).
[[nodiscard]] LiveTensors from_wire(std::vector<NamedTensor> tensors);

[[nodiscard]] Bytes bytes_of(const std::vector<NamedTensor>& tensors);

}  // namespace kerf
