#pragma once
// What a person reads after a sweep: which plan wins where, what the table saves over all-on-one-host plans,
// and where cutting does not pay.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"
#include "sweep/condition_run.hpp"

namespace kerf {

class Summary {
 public:
  explicit Summary(const Scenario& scenario) : scenario_(scenario) {}
  // Conditions in order.
  void add(const Condition& condition, std::span<const SweepRow> rows);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::size_t conditions() const { return conditions_; }
  [[nodiscard]] std::size_t simulated() const { return simulated_; }

 private:
  // Where a plan wins: how often, and the range of every axis over those conditions.
  struct Region {
    std::size_t wins = 0;
    std::vector<std::size_t> low, high;  // points of each axis
  };
  // What the winner saves over a plan that stays the same everywhere.
  struct Saving {
    std::vector<double> shares;  // (plan - winner) / plan, one a condition where the plan is a candidate
    bool at_least = false;       // some of them from bounds
  };

  // The names of the swept non-numeric settings ("platforms/two-edges.xml"): results are told apart by them.
  [[nodiscard]] std::string group_of(const Condition& condition) const;

  Scenario scenario_;
  std::size_t conditions_ = 0, feasible_ = 0, simulated_ = 0, ruled_out_ = 0, closed_form_ = 0, requests_ = 0;
  std::size_t uncut_ = 0;          // conditions where a plan on one host wins
  std::vector<double> cut_gains_;  // (best one-host - winner) / best one-host, where a cut wins
  std::map<std::string, std::map<Plan, Region>> regions_;  // by group
  std::map<int, Saving> over_one_host_;                    // by host
};

}  // namespace kerf
