#include "planner/search/search.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "planner/search/infeasible.hpp"
#include "planner/search/k_best.hpp"
#include "planner/search/lattice.hpp"
#include "planner/search/load.hpp"

namespace kerf {
namespace {

constexpr int kSpare = 3;  // more than asked for: see k_best.hpp on ties made by rounding
constexpr double kStable = 1;

bool before(const PlanCost& a, const PlanCost& b) {
  if (a.latency != b.latency) return a.latency < b.latency;
  return a.plan < b.plan;
}

std::vector<PlanCost> cheapest(const Problem& problem, const Lattice& lattice, int top,
                               bool one_per_host_sequence) {
  std::vector<PlanCost> costs;
  if (top < 1) return costs;
  for (const Plan& plan : k_best(lattice, top + kSpare, one_per_host_sequence))
    costs.push_back(cost_of(problem, plan));
  std::sort(costs.begin(), costs.end(), before);
  costs.resize(std::min(costs.size(), static_cast<std::size_t>(top)));
  return costs;
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
  result.plans = cheapest(problem, make_lattice(problem, fill), options.top, options.one_per_host_sequence);
  if (result.plans.empty() && options.top > 0) result.infeasible_because = explain_infeasible(problem, fill);
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
  const Lattice lattice = make_lattice(problem, std::nullopt);
  std::vector<PlanCost> all = cheapest(problem, lattice, at_least, true);
  if (all.empty()) return all;
  join(all, one_host_plans(problem));
  if (has_rate(problem.workload)) {
    join(all, cheapest(problem, make_lattice(problem, kStable), at_least, true));
    for (const double fill : {0.75, 0.5}) join(all, cheapest(problem, make_lattice(problem, fill), 1, true));
  }
  if (all.size() < static_cast<std::size_t>(std::max(0, at_least))) {
    join(all, cheapest(problem, lattice, at_least, false));
  }
  return all;
}

}  // namespace kerf
