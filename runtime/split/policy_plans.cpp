#include "runtime/split/policy_plans.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace kerf {

std::vector<std::vector<HostSlice>> plans_of(const Policy& policy, const std::string& file,
                                             const Graph& graph, int last_block) {
  const std::string_view hash = policy.info().model_hash;
  if (!hash.empty() && hash != graph.hash) {
    throw Error(ErrorCode::kBadInput, file, fmt::format("made for a model with the hash {}", hash),
                fmt::format("{}, which {} has", graph.hash, graph.name),
                "use the model and the --shape that were calibrated, or sweep again");
  }
  std::vector<std::vector<HostSlice>> plans;
  for (std::size_t plan = 0; plan < policy.plans(); ++plan) {
    try {
      plans.push_back(parse_host_slices(policy.plan_text(plan), 0, last_block, file));
    } catch (const Error& error) {
      throw Error(ErrorCode::kBadInput, error.where(), error.found(), error.expected(), error.hint());
    }
  }
  return plans;
}

}  // namespace kerf
