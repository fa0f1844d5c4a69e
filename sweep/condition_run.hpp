#pragma once
// One condition: which of its candidate plans wins, by closed form when nothing queues, by simulation
// otherwise.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/search/cost.hpp"
#include "scenarios/problem.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

enum class RowStatus {
  kClosedForm,  // costed exactly without simulation: nothing queues
  kSimulated,
  kRuledOut,  // its exact lower bound is above the best simulated outcome
};
[[nodiscard]] const char* to_string(RowStatus status);

// One candidate under one condition. Its plan's hosts are indices into Scenario::hosts (a problem may lack
// optional ones).
struct SweepRow {
  int candidate = 0;  // in the order of bounds, ties by plan order
  Plan plan;
  RowStatus status = RowStatus::kSimulated;
  Seconds bound;    // the least that the objective's statistic can be; the value itself for closed form
  Outcome outcome;  // zeros where ruled out

  // The objective's value, or for a candidate that was ruled out the least that it can be.
  [[nodiscard]] Seconds value(const Objective& objective) const;
};

[[nodiscard]] Seconds statistic(const Outcome& outcome, const Objective& objective);

// The simulator, as the sweep sees it.
using Simulate = std::function<Outcome(const Problem& problem, const Plan& plan)>;

// Nothing queues and the mean is asked for: the closed form is the answer.
[[nodiscard]] bool is_unloaded(const Scenario& scenario);

// The plans that [sweep] plans names, or else the planner's candidates. Error(kBadInput) with the scenario's
// place for a named plan that this problem does not know, has no route for, or forbids.
[[nodiscard]] std::vector<PlanCost> considered_plans(const Scenario& scenario, const Problem& problem);

// Rows ordered by bound; empty where no plan is feasible. `simulate` is not called for unloaded scenarios.
[[nodiscard]] std::vector<SweepRow> run_condition(const Scenario& scenario, const Problem& problem,
                                                  const Simulate& simulate);

// The row that wins: least value, ties by plan order; -1 where there is none.
[[nodiscard]] int winner(std::span<const SweepRow> rows, const Objective& objective);

// Rows as bytes for a pipe between processes of one program.
[[nodiscard]] std::string pack(std::span<const SweepRow> rows);
[[nodiscard]] std::vector<SweepRow> unpack(const std::string& packed);

}  // namespace kerf
