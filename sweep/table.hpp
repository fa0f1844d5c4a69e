#pragma once
// From what is best under each condition to the policy table: every condition is a cell, its winner the
// cell's plan. The margin is how much more the runner-up costs, relative; where the runner-up was ruled out,
// the least that it can be.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "policy/writer/policy_writer.hpp"
#include "scenarios/scenario.hpp"
#include "sweep/condition_run.hpp"

namespace kerf {

struct TableCell {
  Plan plan;  // no stages: nothing is feasible
  Seconds value;
  double margin = 0;
};

// Of the runner-up over the best.
[[nodiscard]] double margin_of(Seconds best, Seconds runner_up);

// Collects cells, condition by condition, in order: the product of the scenario's axes.
class TableBuilder {
 public:
  explicit TableBuilder(const Scenario& scenario) : scenario_(scenario) {}
  void add(std::span<const SweepRow> rows);
  void add(TableCell cell);
  // A plan that may be the fallback though it may win nowhere.
  void allow(const Plan& plan) { wins_.try_emplace(plan, 0); }
  // Plans in plan order. The fallback is all on the source where that is ever a candidate (it needs no
  // network), else the plan that wins the most cells.
  [[nodiscard]] PolicyContent content(const std::string& model, const std::string& model_hash,
                                      std::vector<std::string> profile_hashes,
                                      std::vector<std::string> platform_hashes) const;

 private:
  Scenario scenario_;
  std::vector<TableCell> cells_;
  std::map<Plan, std::size_t> wins_;  // and candidates that never won, with 0
};

// What a person reads of a table: its size and its regret.
[[nodiscard]] std::string table_text(const PolicyContent& content);
// A share of little: "0.34 %".
[[nodiscard]] std::string fine_percent(double share);

}  // namespace kerf
