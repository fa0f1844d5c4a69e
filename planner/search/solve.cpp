#include "planner/search/solve.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "planner/search/fastest.hpp"
#include "planner/search/k_best.hpp"

namespace kerf {
namespace {

constexpr double kRounding = 1e-12;
constexpr int kSpare = 3;  // more than asked for: see k_best.hpp on ties made by rounding

struct Ranked {
  Rank rank;
  std::vector<double> values;  // one a criterion
  PlanCost cost;
};

// By rank, level after level, then by plan. What differs on a level by no more than `rounding`, relative, is
// equal there.
void sort(std::span<Ranked> plans, double rounding, std::size_t level = 0) {
  if (level == Rank{}.size()) {
    std::sort(plans.begin(), plans.end(),
              [](const Ranked& a, const Ranked& b) { return a.cost.plan < b.cost.plan; });
    return;
  }
  std::sort(plans.begin(), plans.end(),
            [level](const Ranked& a, const Ranked& b) { return a.rank[level] < b.rank[level]; });
  for (std::size_t begin = 0, end = 0; begin < plans.size(); begin = end) {
    const double most = plans[begin].rank[level] + rounding * std::abs(plans[begin].rank[level]);
    while (end < plans.size() && plans[end].rank[level] <= most) ++end;
    sort(plans.subspan(begin, end - begin), rounding, level + 1);
  }
}

// Whether what may follow depends on nothing but the last host.
bool forgets_its_way(const Problem& problem) {
  const PlanRules& rules = problem.rules;
  if (rules.slices) return false;
  if (!rules.any_order) return true;
  const auto must_be_used = [](const PlaceRules& place) { return place.used == true; };
  return rules.revisit && !rules.one_per_tier &&
         std::none_of(problem.hosts.begin(), problem.hosts.end(), must_be_used) &&
         std::none_of(problem.tiers.begin(), problem.tiers.end(), must_be_used);
}

bool is_sum_of_steps(const Goal& goal) {
  return goal.is_one_sum() && (!goal.measure || goal.measure->is_of_time_and_bytes());
}

std::vector<Plan> find(const Problem& problem, std::optional<double> fill, const Goal& goal,
                       const LabelOptions& options) {
  const Lattice lattice(problem, fill);
  std::vector<Budget> budgets = budgets_of(problem);
  if (!options.pareto && is_sum_of_steps(goal) && forgets_its_way(problem)) {
    // Ranked by latency, the plans that keep a deadline come first.
    const bool by_latency = !goal.measure && goal.criteria == std::vector{Criterion::kLatency};
    if (budgets.empty() || (by_latency && problem.deadline && budgets.size() == 1)) {
      const Measure sum = sum_of(problem, goal);
      Fastest fastest(lattice, sum);
      const Plan* const plan = fastest.run();
      if (plan == nullptr) return {};
      if (options.width == 1 && !fastest.is_tied()) return {*plan};
      return k_best(lattice, sum, fastest, options.width + kSpare, options.one_per_host_sequence);
    }
  }
  LabelOptions wider = options;
  wider.width += kSpare;
  return search_labels(lattice, goal, budgets, wider);
}

// Of plans with the same criteria the first in plan order stays, of others those that no plan betters.
void keep_front(std::vector<Ranked>& plans) {
  std::vector<Ranked> front;
  for (Ranked& plan : plans) {
    const bool bettered = std::any_of(plans.begin(), plans.end(), [&](const Ranked& other) {
      if (&other == &plan) return false;
      for (std::size_t i = 0; i < plan.values.size(); ++i) {
        if (other.values[i] > plan.values[i]) return false;
      }
      return other.values != plan.values || other.cost.plan < plan.cost.plan;
    });
    if (!bettered) front.push_back(plan);
  }
  plans = std::move(front);
}

void keep_first_of_each_sequence(std::vector<Ranked>& plans) {
  std::set<std::vector<int>> seen;
  std::erase_if(plans, [&](const Ranked& plan) {
    std::vector<int> sequence;
    for (const Stage& stage : plan.cost.plan.stages) sequence.push_back(stage.host);
    return !seen.insert(sequence).second;
  });
}

}  // namespace

std::vector<PlanCost> solve(const Problem& problem, std::optional<double> fill, const Goal& goal,
                            const LabelOptions& options) {
  std::vector<PlanCost> costs;
  if (options.width < 1) return costs;
  std::optional<Stations> stations;
  if (goal.has_period()) stations.emplace(problem);
  std::vector<Ranked> plans;
  for (const Plan& plan : find(problem, fill, goal, options)) {
    Ranked ranked{{}, {}, cost_of(problem, plan)};
    const double latency = ranked.cost.latency.value();
    if (!std::isfinite(latency) || (problem.deadline && !within(latency, problem.deadline->value())))
      continue;
    ranked.values = goal.measure ? std::vector{goal.measure->of(problem, plan)}
                                 : values_of(goal.criteria, ranked.cost, stations ? &*stations : nullptr);
    const auto is_finite = [](double value) { return std::isfinite(value); };
    if (!std::all_of(ranked.values.begin(), ranked.values.end(), is_finite)) continue;
    ranked.rank = goal.rank(ranked.values);
    plans.push_back(std::move(ranked));
  }
  // A lone criterion is cost_of()'s own sum, the same bits wherever it is made; mixtures are not.
  sort(plans, goal.criteria.size() == 1 ? 0 : kRounding);
  if (options.pareto) {
    keep_front(plans);
  } else {
    if (options.one_per_host_sequence) keep_first_of_each_sequence(plans);
    plans.resize(std::min(plans.size(), static_cast<std::size_t>(options.width)));
  }
  for (Ranked& plan : plans) costs.push_back(std::move(plan.cost));
  return costs;
}

}  // namespace kerf
