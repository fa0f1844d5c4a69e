#include "planner/search/goal.hpp"

#include <algorithm>
#include <cassert>

namespace kerf {

Goal Goal::of(const std::vector<Criterion>& criteria) {
  Goal goal;
  goal.criteria = criteria;
  for (std::size_t i = 0; i < criteria.size(); ++i) {
    goal.levels.emplace_back(criteria.size());
    goal.levels.back()[i] = 1;
  }
  return goal;
}

Goal Goal::of(const Measure& measure) {
  Goal goal;
  goal.levels = {{1}};
  goal.measure = measure;
  return goal;
}

Goal Goal::of(const Problem& problem) {
  const auto& minimize = problem.objective.minimize;
  if (minimize.empty()) return of({Criterion::kLatency});
  Goal goal;
  for (const auto& level : minimize) {
    for (const WeightedCriterion& part : level) {
      const auto known = std::find(goal.criteria.begin(), goal.criteria.end(), part.criterion);
      if (known == goal.criteria.end()) goal.criteria.push_back(part.criterion);
    }
  }
  // A criterion that comes again alone decides nothing more; there are but four of them.
  for (const auto& level : minimize) {
    if (goal.levels.size() == Rank{}.size()) break;
    std::vector<double>& weights = goal.levels.emplace_back(goal.criteria.size());
    for (const WeightedCriterion& part : level) {
      const auto known = std::find(goal.criteria.begin(), goal.criteria.end(), part.criterion);
      weights[static_cast<std::size_t>(known - goal.criteria.begin())] += part.weight;
    }
  }
  return goal;
}

bool Goal::has_period() const {
  return std::find(criteria.begin(), criteria.end(), Criterion::kPeriod) != criteria.end();
}

Measure sum_of(const Problem& problem, const Goal& goal) {
  assert(goal.is_one_sum());
  if (goal.measure) return *goal.measure;
  if (goal.criteria.size() == 1 && goal.levels[0][0] == 1) return measure_of(problem, goal.criteria[0]);
  Measure sum(problem);
  for (std::size_t i = 0; i < goal.criteria.size(); ++i) {
    sum.add(measure_of(problem, goal.criteria[i]), goal.levels[0][i]);
  }
  return sum;
}

std::vector<double> values_of(const std::vector<Criterion>& criteria, const PlanCost& cost,
                              const Stations* stations) {
  std::vector<double> values;
  for (const Criterion criterion : criteria) {
    switch (criterion) {
      case Criterion::kLatency:
        values.push_back(cost.latency.value());
        break;
      case Criterion::kEnergy:
        values.push_back(cost.energy.value());
        break;
      case Criterion::kPrice:
        values.push_back(cost.price);
        break;
      case Criterion::kPeriod:
        values.push_back(stations->period(cost.plan).value());
        break;
    }
  }
  return values;
}

}  // namespace kerf
