#pragma once
// The plans of a policy table, read for one model.

#include <string>
#include <vector>

#include "models/graph.hpp"
#include "policy/reader/policy_reader.hpp"
#include "runtime/split/host_slice.hpp"

namespace kerf {

// In the table's order. Error(kBadInput) at `file` where the table was made for another model, or a plan is
// none of its. A table of imported profiles knows no model's hash: then only the blocks are checked.
[[nodiscard]] std::vector<std::vector<HostSlice>> plans_of(const Policy& policy, const std::string& file,
                                                           const Graph& graph, int last_block);

}  // namespace kerf
