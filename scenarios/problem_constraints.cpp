// Constraints, from the names of the file to blocks, cuts and pairs of hosts.

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

// The whole of `text` as an index.
std::optional<int> as_index(std::string_view text) {
  int index = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (failure != std::errc{} || end != text.data() + text.size() || index < 0) return std::nullopt;
  return index;
}

// A cursor over the blocks that the texts of one constraint name.
class BlockMask {
 public:
  BlockMask(const Problem& problem, const PlaceConstraints& constraints, std::string_view key)
      : problem_(problem), constraints_(constraints), key_(key) {}

  std::vector<bool> read(const std::vector<std::string>& texts) {
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

  [[noreturn]] void refuse(const std::string& text, std::string expected, std::string hint) const {
    throw Error(ErrorCode::kBadInput, constraints_.where,
                fmt::format("constraints.{}.{} names \"{}\", which is no block of {}", constraints_.name,
                            key_, text, problem_.model),
                std::move(expected), std::move(hint));
  }

  const Problem& problem_;
  const PlaceConstraints& constraints_;
  std::string_view key_;
  std::vector<bool> mask_;
};

PlaceRules resolved(const Problem& problem, const PlaceConstraints& constraints) {
  PlaceRules rules;
  rules.must_run = BlockMask(problem, constraints, "must_run").read(constraints.must_run);
  rules.must_not_run = BlockMask(problem, constraints, "must_not_run").read(constraints.must_not_run);
  rules.used = constraints.used;
  rules.upload = constraints.upload;
  rules.compute_cap = constraints.compute;
  return rules;
}

void resolve_tier(const PlaceConstraints& constraints, Problem& problem) {
  bool present = false;
  int rank = 0;
  for (const ProblemHost& host : problem.hosts) {
    if (host.tier != constraints.name) continue;
    rank = host.rank;
    present = present || !host.instances.empty();
  }
  ProblemTier& tier = problem.tiers.emplace_back();
  static_cast<PlaceRules&>(tier) = resolved(problem, constraints);
  tier.name = constraints.name;
  tier.rank = rank;
  // Nothing can be asked of a tier that this platform is without.
  if (present) return;
  std::fill(tier.must_run.begin(), tier.must_run.end(), false);
  tier.used.reset();
}

// The cut that the scenario names, or a refusal.
int find_cut(const Scenario& scenario, const Problem& problem) {
  const std::string& text = scenario.plan_constraints.private_until;
  const std::vector<ProfileCut>& cuts = problem.hosts.front().costs->profile().cuts;
  if (const auto index = as_index(text); index && *index <= problem.blocks) return *index;
  std::vector<std::string> tensors;
  for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
    for (const std::string& tensor : cuts[cut].tensors) {
      if (tensor == text) return static_cast<int>(cut);
      tensors.push_back(tensor);
    }
  }
  const std::string near = did_you_mean(text, tensors);
  throw Error(ErrorCode::kBadInput, scenario.plan_constraints.private_where,
              fmt::format("constraints.private_until is \"{}\", which is no cut of {}", text, problem.model),
              fmt::format("a cut's index from 0 to {}, or a tensor that crosses it", problem.blocks),
              near.empty() ? "kerf model info lists them" : near);
}

// The input and what is made before the cut stay: no cut before it may be sent on, nor a later one that the
// input itself still crosses.
void keep_private(const Scenario& scenario, Problem& problem) {
  const int until = find_cut(scenario, problem);
  const std::vector<ProfileCut>& cuts = problem.hosts.front().costs->profile().cuts;
  problem.kept_until = scenario.plan_constraints.private_until;
  problem.kept.assign(cuts.size(), false);
  for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
    const auto is_input = [&](const std::string& tensor) {
      return std::find(cuts[0].tensors.begin(), cuts[0].tensors.end(), tensor) != cuts[0].tensors.end();
    };
    problem.kept[cut] = cut == 0 || static_cast<int>(cut) < until ||
                        std::any_of(cuts[cut].tensors.begin(), cuts[cut].tensors.end(), is_input);
  }
}

bool crosses(const Problem& problem, int from, int to, const std::vector<bool>& links) {
  if (from == to || !problem.path(from, to)) return false;
  const auto route = problem.platform->route(problem.instance(from, 0), problem.instance(to, 0));
  return std::any_of(route.begin(), route.end(),
                     [&](LinkId link) { return links[static_cast<std::size_t>(link)]; });
}

void add_link_budget(const NetworkGroup& group, Bytes bytes, Problem& problem) {
  std::vector<bool> links;
  for (const Link& link : problem.platform->links()) {
    links.push_back(std::any_of(group.links.begin(), group.links.end(), [&](const std::string& pattern) {
      return matches_pattern(pattern, link.base_name);
    }));
  }
  LinkBudget budget{group.name, {}, bytes};
  const auto hosts = static_cast<int>(problem.hosts.size());
  for (int from = 0; from < hosts; ++from) {
    for (int to = 0; to < hosts; ++to) budget.pairs.push_back(crosses(problem, from, to, links));
  }
  problem.link_budgets.push_back(std::move(budget));
}

}  // namespace

void resolve_constraints(const Scenario& scenario, Problem& problem) {
  const std::vector<bool> none(static_cast<std::size_t>(problem.blocks));
  for (ProblemHost& host : problem.hosts) host.must_run = host.must_not_run = none;
  for (const PlaceConstraints& constraints : scenario.constraints) {
    if (constraints.is_tier) {
      resolve_tier(constraints, problem);
      continue;
    }
    const auto host = std::find_if(problem.hosts.begin(), problem.hosts.end(),
                                   [&](const ProblemHost& known) { return known.name == constraints.name; });
    if (host == problem.hosts.end()) continue;
    PlaceRules rules = resolved(problem, constraints);
    // A class that is not there keeps used = false, and nothing can be asked of it.
    if (host->instances.empty()) {
      rules.must_run = none;
      rules.used = host->used;
    }
    static_cast<PlaceRules&>(*host) = std::move(rules);
  }
}

void resolve_plan_constraints(const Scenario& scenario, Problem& problem) {
  const PlanConstraints& constraints = scenario.plan_constraints;
  problem.deadline = constraints.deadline;
  problem.energy = constraints.energy;
  problem.price = constraints.price;
  if (!constraints.private_until.empty()) keep_private(scenario, problem);
  for (const NetworkConstraints& budget : scenario.network_constraints) {
    for (const NetworkGroup& group : scenario.networks) {
      if (group.name == budget.name && budget.bytes) add_link_budget(group, *budget.bytes, problem);
    }
  }
}

}  // namespace kerf::scenarios
