// Why a plan is not feasible, judged on the whole plan and apart from the search.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "planner/search/budget.hpp"
#include "planner/search/constraints.hpp"
#include "planner/search/cost.hpp"
#include "planner/search/lattice.hpp"

namespace kerf {
namespace {

const ProblemHost& host_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)];
}

std::string block_text(const Problem& problem, int block) {
  const auto index = static_cast<std::size_t>(block);
  if (index >= problem.block_names.size() || problem.block_names[index].empty())
    return fmt::format("block {}", block);
  return fmt::format("block {} ({})", block, problem.block_names[index]);
}

// `here`: whether the stage's host is, or belongs to, the place.
std::string block_violation(const Problem& problem, const Stage& stage, const std::string& place,
                            const PlaceRules& rules, bool here) {
  for (int block = stage.first_block; block <= stage.last_block; ++block) {
    if (!here && marks(rules.must_run, block)) {
      return fmt::format("{} must run {}", place, block_text(problem, block));
    }
    if (here && marks(rules.must_not_run, block)) {
      return fmt::format("{} must not run {}", place, block_text(problem, block));
    }
  }
  return {};
}

std::string stage_violation(const Problem& problem, const Stage& stage) {
  const ProblemHost& host = host_of(problem, stage.host);
  if (host.instances.empty()) return fmt::format("{} is not on this platform", host.name);
  std::string why;
  for (std::size_t h = 0; h < problem.hosts.size() && why.empty(); ++h) {
    why = block_violation(problem, stage, problem.hosts[h].name, problem.hosts[h],
                          static_cast<int>(h) == stage.host);
  }
  for (const ProblemTier& tier : problem.tiers) {
    if (why.empty()) why = block_violation(problem, stage, tier.name, tier, tier.rank == host.rank);
  }
  return why;
}

// The hosts of a place: used or not, what they compute, what they send onwards.
std::string place_violation(const Problem& problem, const Plan& plan, const std::string& name,
                            const PlaceRules& rules, const std::vector<bool>& hosts) {
  const bool runs = std::any_of(plan.stages.begin(), plan.stages.end(), [&](const Stage& stage) {
    return hosts[static_cast<std::size_t>(stage.host)];
  });
  if (rules.used == true && !runs) return fmt::format("{} must be used", name);
  if (rules.used == false && runs) return fmt::format("{} must not be used", name);
  if (rules.upload) {
    const Bytes sum(upload_from(problem, hosts).of(problem, plan));
    if (!within(sum.value(), rules.upload->value())) {
      return fmt::format("{} uploads {} and may upload {}", name, format(sum), format(*rules.upload));
    }
  }
  if (!rules.compute_cap.seconds && !rules.compute_cap.share) return {};
  const Seconds busy(compute_on(problem, hosts).of(problem, plan));
  if (rules.compute_cap.seconds && !within(busy.value(), rules.compute_cap.seconds->value())) {
    return fmt::format("{} computes for {} and may for {}", name, format(busy),
                       format(*rules.compute_cap.seconds));
  }
  const std::vector<bool> everywhere(problem.hosts.size(), true);
  const Seconds all(compute_on(problem, everywhere).of(problem, plan));
  if (rules.compute_cap.share && !within(busy.value(), *rules.compute_cap.share * all.value())) {
    return fmt::format("{} does {:.3g} % of all computing and may do {:.3g} %", name, 100 * (busy / all),
                       100 * *rules.compute_cap.share);
  }
  return {};
}

std::string memory_violation(const Problem& problem, const Plan& plan, int index) {
  const ProblemHost& host = host_of(problem, index);
  if (!host.memory) return {};
  const Bytes need(memory_on(problem, index).of(problem, plan));
  if (within(need.value(), host.memory->value())) return {};
  std::string blocks;
  for (const Stage& stage : plan.stages) {
    if (stage.host == index)
      blocks += fmt::format("{}{}-{}", blocks.empty() ? "" : ", ", stage.first_block, stage.last_block);
  }
  return fmt::format("{} needs {} of memory for blocks {} and has {}", host.name, format(need), blocks,
                     format(*host.memory));
}

std::string private_violation(const Problem& problem, const Plan& plan) {
  int at = problem.source;
  for (const Stage& stage : plan.stages) {
    if (stage.host != at && !problem.may_leave(at, stage.first_block)) {
      return fmt::format("what crosses cut {} must not leave {}", stage.first_block,
                         host_of(problem, problem.source).name);
    }
    at = stage.host;
  }
  return {};
}

std::string total_violation(const Problem& problem, const Plan& plan) {
  for (const LinkBudget& budget : problem.link_budgets) {
    const Bytes sum(bytes_over(problem, budget).of(problem, plan));
    if (within(sum.value(), budget.bytes.value())) continue;
    return fmt::format("{} cross {} and {} may", format(sum), budget.network, format(budget.bytes));
  }
  const PlanCost cost = cost_of(problem, plan);
  if (problem.deadline && !within(cost.latency.value(), problem.deadline->value())) {
    return fmt::format("it takes {}, and the deadline is {}", format(cost.latency),
                       format(*problem.deadline));
  }
  if (problem.energy && !within(cost.energy.value(), problem.energy->value())) {
    return fmt::format("it takes {} and may take {}", format(cost.energy), format(*problem.energy));
  }
  if (problem.price && !within(cost.price, *problem.price)) {
    return fmt::format("it costs {:.4g} and may cost {:.4g}", cost.price, *problem.price);
  }
  return {};
}

std::string route_violation(const Problem& problem, const Plan& plan) {
  try {
    static_cast<void>(cost_of(problem, plan));
  } catch (const Error& error) {
    return error.found();
  }
  return {};
}

}  // namespace

std::string rule_violation(const Problem& problem, const Plan& plan) {
  for (std::size_t i = 1; i < plan.stages.size(); ++i) {
    const ProblemHost& from = host_of(problem, plan.stages[i - 1].host);
    const ProblemHost& to = host_of(problem, plan.stages[i].host);
    if (problem.rules.any_order || to.rank > from.rank) continue;
    return fmt::format("{} ({}) cannot hand on to {} ({}): plans move to later tiers", from.name, from.tier,
                       to.name, to.tier);
  }
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const ProblemHost& here = host_of(problem, plan.stages[i].host);
    for (std::size_t j = 0; j < i; ++j) {
      const ProblemHost& before = host_of(problem, plan.stages[j].host);
      if (&before == &here && one_slice_a_host(problem)) return fmt::format("{} runs two slices", here.name);
      if (&before != &here && before.rank == here.rank && one_host_a_tier(problem)) {
        return fmt::format("{} and {} are both of tier {}, which is used once", before.name, here.name,
                           here.tier);
      }
    }
  }
  if (problem.rules.slices && static_cast<int>(plan.stages.size()) > *problem.rules.slices) {
    return fmt::format("{} slices, and at most {} are allowed", plan.stages.size(), *problem.rules.slices);
  }
  return {};
}

std::string violation(const Problem& problem, const Plan& plan) {
  std::string why = rule_violation(problem, plan);
  const int hosts = static_cast<int>(problem.hosts.size());
  for (const Stage& stage : plan.stages) {
    if (why.empty()) why = stage_violation(problem, stage);
  }
  for (int host = 0; host < hosts && why.empty(); ++host) {
    why = place_violation(problem, plan, host_of(problem, host).name, host_of(problem, host),
                          only_host(problem, host));
    if (why.empty()) why = memory_violation(problem, plan, host);
  }
  for (const ProblemTier& tier : problem.tiers) {
    if (!why.empty()) break;
    why = place_violation(problem, plan, tier.name, tier, hosts_of_tier(problem, tier.rank));
  }
  if (why.empty()) why = private_violation(problem, plan);
  if (why.empty()) why = route_violation(problem, plan);
  if (why.empty()) why = total_violation(problem, plan);
  return why;
}

}  // namespace kerf
