#pragma once
// The values at cuts, recorded from one run of the whole model on given inputs.

#include <span>
#include <vector>

#include "models/cuts.hpp"
#include "runtime/inference/session.hpp"

namespace kerf {

// Consecutive cuts first..last, none of whose groups exceeds `most` (a single cut may).
struct CutRange {
  int first = 0;
  int last = 0;
};
[[nodiscard]] std::vector<CutRange> groups_of_cuts(const Graph& graph, const Chain& chain, Bytes most);

// Every tensor that crosses one of the cuts, for each of the inputs: one session of the whole model with
// those tensors exposed, one run an input.
[[nodiscard]] std::vector<Values> record(WeightStore& weights, const Graph& graph, const Chain& chain,
                                         CutRange cuts, std::span<const Values> inputs,
                                         const SessionOptions& options);

}  // namespace kerf
