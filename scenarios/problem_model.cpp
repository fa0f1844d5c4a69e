// What the profiles say of the model.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "scenarios/problem_parts.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

// How the second profile's model differs from the first's; "" where it is the same.
std::string difference(const Profile& first, const Profile& second) {
  if (!first.model_hash.empty() && !second.model_hash.empty() && first.model_hash != second.model_hash) {
    return fmt::format("models {} ({}) and {} ({})", first.model, first.model_hash, second.model,
                       second.model_hash);
  }
  if (first.cuts.size() != second.cuts.size()) {
    return fmt::format("{} and {} blocks", first.blocks.size(), second.blocks.size());
  }
  for (std::size_t i = 0; i < first.cuts.size(); ++i) {
    if (first.cuts[i].bytes == second.cuts[i].bytes) continue;
    return fmt::format("{} and {} at cut {}", format(first.cuts[i].bytes), format(second.cuts[i].bytes), i);
  }
  return {};
}

void check_same_model(const Scenario& scenario, const Problem& problem) {
  const auto& first = problem.hosts.front().costs;
  for (std::size_t i = 1; i < problem.hosts.size(); ++i) {
    const auto& costs = problem.hosts[i].costs;
    if (costs == first) continue;
    const std::string differs = difference(first->profile(), costs->profile());
    if (differs.empty()) continue;
    throw Error(ErrorCode::kBadInput, scenario.hosts[i].where,
                fmt::format("the profiles {} and {} differ: {}", scenario.hosts.front().profile.string(),
                            scenario.hosts[i].profile.string(), differs),
                "profiles of one model, at one input shape", "calibrate all hosts with the same model file");
  }
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

void check_model_section(const Scenario& scenario, const HostClass& host, const Profile& profile) {
  const std::string where = host.where;
  const std::string file = host.profile.string();
  if (!scenario.model.zoo.empty() && profile.model != scenario.model.zoo) {
    throw Error(ErrorCode::kBadInput, where,
                fmt::format("the profile {} is of the model {}", file, profile.model),
                fmt::format("{}, which [model] zoo names", scenario.model.zoo));
  }
  if (profile.input_shapes.empty()) return;
  std::vector<std::string> inputs;
  for (const auto& [name, shape] : profile.input_shapes) inputs.push_back(name);
  for (const auto& [name, shape] : scenario.model.shape) {
    const auto measured = profile.input_shapes.find(name);
    if (measured == profile.input_shapes.end()) {
      throw Error(ErrorCode::kBadInput, where,
                  fmt::format("model.shape.{}: the profile {} knows no such input", name, file),
                  listed(inputs), did_you_mean(name, inputs));
    }
    if (measured->second == shape) continue;
    throw Error(
        ErrorCode::kBadInput, where,
        fmt::format("the profile {} was measured with {} = {}", file, name, shape_text(measured->second)),
        fmt::format("{}, as [model] shape says", shape_text(shape)), "calibrate with that shape");
  }
}

}  // namespace

void take_model(const Scenario& scenario, Problem& problem) {
  check_same_model(scenario, problem);
  const Profile& first = problem.hosts.front().costs->profile();
  problem.model = first.model;
  problem.blocks = static_cast<int>(first.blocks.size());
  problem.batch = scenario.model.batch;
  for (const ProfileCut& cut : first.cuts) problem.cut_bytes.push_back(cut.bytes * problem.batch);
  for (const ProfileBlock& block : first.blocks) problem.block_names.push_back(block.name);
  for (std::size_t i = 0; i < problem.hosts.size(); ++i) {
    const Profile& profile = problem.hosts[i].costs->profile();
    if (problem.model_hash.empty()) problem.model_hash = profile.model_hash;
    check_model_section(scenario, scenario.hosts[i], profile);
  }
  problem.wire_bytes =
      scenario.model.wire_bytes ? *scenario.model.wire_bytes * problem.batch : problem.cut_bytes.front();
  problem.decode = scenario.model.decode * problem.batch;
}

}  // namespace kerf::scenarios
