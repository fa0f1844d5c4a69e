#pragma once
// `kerf plan --dag`: the best partition of the model's operator graph beside the best chain of cuts.

#include <nlohmann/json.hpp>
#include <optional>

#include "planner/search/graph_plan.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::cli {

// Reads the scenario's model. Error(kBadInput) where it names none (a profile holds no operators) or where
// its cuts are not those of the profiles. Nothing where no partition is feasible.
[[nodiscard]] std::optional<GraphPlan> plan_dag(const Scenario& scenario, const Problem& problem);

[[nodiscard]] nlohmann::ordered_json dag_json(const Problem& problem, const std::optional<GraphPlan>& found);
void print_dag(const Problem& problem, const std::optional<GraphPlan>& found);

}  // namespace kerf::cli
