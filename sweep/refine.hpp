#pragma once
// The policy table of an unloaded sweep: its cells computed as regions, its regret measured off the grid, its
// axes refined until the scenario's goal is met or its size reached.
//
// Refining: conditions drawn at random are put to the table. Where its answer costs more than the goal
// allows, the axis is found whose exact value would have helped most, and the interval between two points of
// that axis which holds the condition is halved. When all of them are good, fresh ones are drawn: the goal is
// met, and the figure in the table measured, by conditions that no choice was made with.

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "policy/writer/policy_writer.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

struct TableSource {
  std::string model, model_hash;
  std::vector<std::string> profile_hashes, platform_hashes;
};

struct RefinedTable {
  PolicyContent content;
  std::size_t scenario_cells = 0;  // of the grid as the scenario has it
  bool met = false;                // the goal: where there is one, and content.regret was measured
};

// Error(kInfeasible) where no condition has a feasible plan.
[[nodiscard]] RefinedTable unloaded_table(const ScenarioFile& file, const TableSource& source,
                                          const StopRequested& stop);

// Whether the goal is met, for a person; "" where there is none.
[[nodiscard]] std::string goal_text(const RefinedTable& table, const SweepSection& sweep);

}  // namespace kerf
