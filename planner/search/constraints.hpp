#pragma once
// Small questions about a problem that cost, search and explanation all ask.

#include <vector>

#include "scenarios/problem.hpp"

namespace kerf {

// A mask that was left empty marks no block.
[[nodiscard]] inline bool marks(const std::vector<bool>& mask, int block) {
  return static_cast<std::size_t>(block) < mask.size() && mask[static_cast<std::size_t>(block)];
}

[[nodiscard]] inline Bytes result_bytes(const Problem& problem) {
  return problem.cut_bytes[static_cast<std::size_t>(problem.blocks)];
}

}  // namespace kerf
