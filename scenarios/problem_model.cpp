// What the profiles say of the model, and the constraints on its blocks.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
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

// A cursor over the blocks that the texts of one constraint name.
class BlockMask {
 public:
  BlockMask(const Problem& problem, const HostConstraints& constraints, std::string_view key)
      : problem_(problem), constraints_(constraints), key_(key) {}

  std::vector<bool> read(const std::vector<std::string>& texts) {
    if (texts.empty()) return {};
    mask_.assign(static_cast<std::size_t>(problem_.blocks), false);
    for (const std::string& text : texts) add(text);
    return mask_;
  }

 private:
  void add(const std::string& text) {
    if (const auto range = as_range(text)) {
      const auto [first, last] = *range;
      if (first > last || last >= problem_.blocks) {
        refuse(text, fmt::format("blocks 0 to {}, the smaller first", problem_.blocks - 1), {});
      }
      for (int block = first; block <= last; ++block) mask_[static_cast<std::size_t>(block)] = true;
      return;
    }
    bool found = false;
    for (std::size_t i = 0; i < problem_.block_names.size(); ++i) {
      const std::string_view name = problem_.block_names[i];
      if (name != text && !(name.starts_with(text) && name[text.size()] == '.')) continue;
      mask_[i] = found = true;
    }
    if (!found) {
      refuse(text, "the index, a range of indices or the name of blocks",
             did_you_mean(text, problem_.block_names));
    }
  }

  // "12" and "3-9"; anything else is a name.
  static std::optional<std::pair<int, int>> as_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = as_index(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : as_index(text.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    return std::pair(*first, *last);
  }

  static std::optional<int> as_index(std::string_view text) {
    int index = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (failure != std::errc{} || end != text.data() + text.size() || index < 0) return std::nullopt;
    return index;
  }

  [[noreturn]] void refuse(const std::string& text, std::string expected, std::string hint) const {
    throw Error(ErrorCode::kBadInput, constraints_.where,
                fmt::format("constraints.{}.{} names \"{}\", which is no block of {}", constraints_.host,
                            key_, text, problem_.model),
                std::move(expected), std::move(hint));
  }

  const Problem& problem_;
  const HostConstraints& constraints_;
  std::string_view key_;
  std::vector<bool> mask_;
};

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

void resolve_constraints(const Scenario& scenario, Problem& problem) {
  const auto blocks = static_cast<std::size_t>(problem.blocks);
  for (ProblemHost& host : problem.hosts) {
    host.must_run.assign(blocks, false);
    host.must_not_run.assign(blocks, false);
  }
  for (const HostConstraints& constraints : scenario.constraints) {
    const auto host = std::find_if(problem.hosts.begin(), problem.hosts.end(),
                                   [&](const ProblemHost& known) { return known.name == constraints.host; });
    const auto resolve = [&](const std::vector<std::string>& texts, std::string_view key,
                             std::vector<bool>& mask) {
      if (!texts.empty()) mask = BlockMask(problem, constraints, key).read(texts);
    };
    if (host == problem.hosts.end()) continue;
    std::vector<bool> must_run = host->must_run;
    resolve(constraints.must_run, "must_run", must_run);
    resolve(constraints.must_not_run, "must_not_run", host->must_not_run);
    host->upload = constraints.upload;
    // A class that is not there keeps used = false, and nothing can be asked of it.
    if (host->instances.empty()) continue;
    host->must_run = std::move(must_run);
    host->used = constraints.used;
  }
}

}  // namespace kerf::scenarios
