#pragma once
// Regret: what a policy table's answer costs more than the best plan, relative, at random conditions that are
// no points of its grid. The table is asked as a device would ask it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/reader/policy_reader.hpp"
#include "policy/writer/policy_writer.hpp"
#include "scenarios/problem.hpp"
#include "scenarios/scenario.hpp"
#include "sweep/condition_run.hpp"
#include "sweep/grid_points.hpp"
#include "sweep/unloaded_grid.hpp"

namespace kerf {

// A table as a device has it.
class AskedTable {
 public:
  AskedTable(const PolicyContent& content, int blocks);
  // The plan for a condition, that of a fallback included. Its settings are in the order of the axes.
  [[nodiscard]] const Plan& plan_for(const Condition& condition) const;
  // The point of each axis whose cell the condition falls into; empty where none does.
  [[nodiscard]] std::vector<std::size_t> cell_of(const Condition& condition) const;

 private:
  [[nodiscard]] PolicyAnswer ask(const Condition& condition) const;
  Policy policy_;
  std::vector<Plan> plans_;
  std::vector<std::vector<std::string>> labels_;  // [axis]; none for a numeric one
};

// A condition off the grid and what is best there, in closed form.
struct OffGridCase {
  Condition condition;
  std::shared_ptr<const Problem> problem;
  Seconds best;
};

// Cases number first, first + 1, ...: so many, less those where no plan is feasible.
[[nodiscard]] std::vector<OffGridCase> unloaded_cases(UnloadedPlanner& planner, const OffGrid& off_grid,
                                                      std::uint32_t first, std::uint32_t count,
                                                      const StopRequested& stop);

// Of a plan in such a case; never below 0. A plan without a route there has none: 0.
[[nodiscard]] double regret_of(const OffGridCase& at, const Plan& plan);

// No figure for no cases.
[[nodiscard]] std::optional<PolicyRegret> summarise(std::span<const double> regrets);

// Under load, of the table's plan against the candidates and itself, simulated; -1 where nothing is feasible.
[[nodiscard]] double loaded_regret(const Scenario& scenario, const Problem& problem, const Plan& plan,
                                   const Simulate& simulate);

}  // namespace kerf
