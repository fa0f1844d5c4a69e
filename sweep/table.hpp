#pragma once
// From a sweep's rows to the policy table: every condition is a cell, its winner the cell's plan. The margin
// is how much more the runner-up costs, relative; where the runner-up was ruled out, the least that it can
// be.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "policy/writer/policy_writer.hpp"
#include "scenarios/scenario.hpp"
#include "sweep/condition_run.hpp"

namespace kerf {

// Collects winners, condition by condition, in order.
class TableBuilder {
 public:
  explicit TableBuilder(const Scenario& scenario) : scenario_(scenario) {}
  void add(std::span<const SweepRow> rows);
  // Plans in plan order. The fallback is all on the source where that is ever a candidate (it needs no
  // network), else the plan that wins the most cells.
  [[nodiscard]] PolicyContent content(const std::string& model, const std::string& model_hash,
                                      std::vector<std::string> profile_hashes,
                                      std::vector<std::string> platform_hashes) const;

 private:
  struct Cell {
    Plan plan;  // no stages: nothing is feasible
    Seconds value;
    double margin = 0;
  };
  Scenario scenario_;
  std::vector<Cell> cells_;
  std::map<Plan, std::size_t> wins_;  // and candidates that never won, with 0
};

}  // namespace kerf
