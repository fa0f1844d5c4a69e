#pragma once
// What plans are ranked by: a few criteria, and weighted sums of them that are to be least one after the
// other.

#include <array>
#include <optional>
#include <vector>

#include "planner/search/cost.hpp"
#include "planner/search/stations.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

// Levels of a lexicographic objective, the first decides; unused ones are 0.
using Rank = std::array<double, 4>;

struct Goal {
  std::vector<Criterion> criteria;          // each once
  std::vector<std::vector<double>> levels;  // [level][criterion]: weights
  std::optional<Measure> measure;           // in place of criteria

  // The problem's objective.
  [[nodiscard]] static Goal of(const Problem& problem);
  // One criterion after the other.
  [[nodiscard]] static Goal of(const std::vector<Criterion>& criteria);
  [[nodiscard]] static Goal of(const Measure& measure);

  [[nodiscard]] bool has_period() const;
  // One weighted sum of criteria that add up along a plan.
  [[nodiscard]] bool is_one_sum() const { return levels.size() == 1 && !has_period(); }
  // `values`: one a criterion.
  template <class Values>
  [[nodiscard]] Rank rank(const Values& values) const {
    Rank rank{};
    for (std::size_t level = 0; level < levels.size(); ++level) {
      for (std::size_t i = 0; i < levels[level].size(); ++i) {
        if (levels[level][i] != 0) rank[level] += levels[level][i] * values[i];
      }
    }
    return rank;
  }
};

// The sum of the goal's only level as one measure. Needs is_one_sum().
[[nodiscard]] Measure sum_of(const Problem& problem, const Goal& goal);

// One a criterion. `stations` may be nullptr where the period is none of them.
[[nodiscard]] std::vector<double> values_of(const std::vector<Criterion>& criteria, const PlanCost& cost,
                                            const Stations* stations);

}  // namespace kerf
