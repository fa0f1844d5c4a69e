#pragma once
// Dense connections as PyTorch exports them: each layer joins all earlier ones anew, Concat(a), Concat(a, b),
// Concat(a, b, c), ... so that at any place every layer so far is alive, and nowhere few tensors cross. Where
// a Concat begins with all that an earlier one joined, it joins that one's output instead: Concat(Concat(a,
// b), c) moves the same bytes to the same places, and one tensor crosses. Internal to the import: includes
// ONNX.

#include <onnx/onnx_pb.h>

namespace kerf {

// Only where from there on nothing else uses what was joined, so that no more is alive than before. The names
// of tensors and nodes stay. Linear in the size of the graph but for a logarithm; twice is the same as once.
void share_concats(onnx::GraphProto& graph);

}  // namespace kerf
