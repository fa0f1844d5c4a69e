#include "planner/search/search.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "planner/search/infeasible.hpp"
#include "planner/search/load.hpp"
#include "planner/search/solve.hpp"

namespace kerf {
namespace {

constexpr double kStable = 1;

bool before(const PlanCost& a, const PlanCost& b) {
  if (a.latency != b.latency) return a.latency < b.latency;
  return a.plan < b.plan;
}

void join(std::vector<PlanCost>& all, std::vector<PlanCost> more) {
  for (PlanCost& cost : more) all.push_back(std::move(cost));
  std::sort(all.begin(), all.end(), before);
  const auto same_plan = [](const PlanCost& a, const PlanCost& b) { return a.plan == b.plan; };
  all.erase(std::unique(all.begin(), all.end(), same_plan), all.end());
}

}  // namespace

SearchResult best_plans(const Problem& problem, const SearchOptions& options) {
  const auto fill = options.stable_only ? std::optional(kStable) : std::nullopt;
  SearchResult result;
  result.plans =
      solve(problem, fill, Goal::of(problem),
            {.width = options.top, .one_per_host_sequence = options.one_per_host_sequence, .pareto = false});
  if (result.plans.empty() && options.top > 0) result.infeasible_because = explain_infeasible(problem, fill);
  return result;
}

SearchResult pareto_front(const Problem& problem, const std::vector<Criterion>& criteria) {
  SearchResult result;
  result.plans = solve(problem, std::nullopt, Goal::of(criteria),
                       {.width = 1, .one_per_host_sequence = false, .pareto = true});
  if (result.plans.empty()) result.infeasible_because = explain_infeasible(problem, std::nullopt);
  return result;
}

std::vector<PlanCost> one_host_plans(const Problem& problem) {
  std::vector<PlanCost> costs;
  for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
    const Plan plan{{{host, 0, problem.blocks - 1}}};
    if (!violation(problem, plan).empty()) continue;
    PlanCost cost = cost_of(problem, plan);
    if (std::isfinite(cost.latency.value())) costs.push_back(std::move(cost));
  }
  return costs;
}

std::vector<PlanCost> candidates(const Problem& problem, int at_least) {
  const auto by_latency = [&](int width, std::optional<double> fill, bool one_per_host_sequence) {
    return solve(problem, fill, Goal::of({Criterion::kLatency}),
                 {.width = width, .one_per_host_sequence = one_per_host_sequence, .pareto = false});
  };
  std::vector<PlanCost> all = by_latency(at_least, std::nullopt, true);
  if (all.empty()) return all;
  join(all, one_host_plans(problem));
  if (has_rate(problem.workload)) {
    join(all, by_latency(at_least, kStable, true));
    for (const double fill : {0.75, 0.5}) join(all, by_latency(1, fill, true));
  }
  if (all.size() < static_cast<std::size_t>(std::max(0, at_least))) {
    join(all, by_latency(at_least, std::nullopt, false));
  }
  return all;
}

}  // namespace kerf
