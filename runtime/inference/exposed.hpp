#pragma once
// A slice whose model also gives tensors from inside it: how the values at cuts are recorded from one run of
// the whole model.

#include <span>

#include "models/slicer.hpp"

namespace kerf {

// `tensors` are made by nodes of the slice; those it gives already are skipped.
[[nodiscard]] Slice expose(const Graph& graph, Slice slice, std::span<const TensorId> tensors);

}  // namespace kerf
