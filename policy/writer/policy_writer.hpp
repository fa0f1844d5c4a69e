#pragma once
// Writes policy tables. The content says for every point of the grid which plan to use; encode_policy() lays
// it out as docs/policy.md says: the same content gives the same bytes, on every machine.
//
//   write_file("policy.kerf", encode_policy(content));

#include <optional>
#include <string>
#include <vector>

#include "planner/plans/plan.hpp"

namespace kerf {

struct PolicyAxisContent {
  std::string name;
  std::string key;
  std::string unit;
  bool numeric = true;
  bool logarithmic = false;    // edges are geometric means of neighbouring points, otherwise arithmetic
  std::vector<double> points;  // strictly ascending; numeric axes; above 0 where logarithmic
  std::vector<std::string>
      labels;  // each point as the sweep wrote it; for named axes these are what is matched
};

struct PolicyCell {
  int plan = -1;      // index into PolicyContent::plans; -1: nothing is feasible here
  Seconds value;      // the objective's statistic
  double margin = 0;  // (runner-up - best) / best; infinite where it is the only feasible plan
};

// What the table's answers cost more than the best plan, relative, at conditions that are no points of its
// grid.
struct PolicyRegret {
  int conditions = 0;
  double mean = 0;
  double worst = 0;
};

struct PolicyContent {
  std::string scenario, model, model_hash, objective, made_by;
  std::vector<std::string> profile_hashes, platform_hashes;
  std::vector<std::string> hosts;  // names of host classes, for the plans' text
  std::vector<PolicyAxisContent> axes;
  std::vector<Plan> plans;
  std::vector<PolicyCell> cells;  // row-major, the last axis fastest
  int fallback_plan = 0;          // answers what the table cannot; any of the plans
  std::optional<PolicyRegret> regret;
};

// Error(kBug) where the content contradicts itself (counts, ranges, order); Error(kLimit) for more than 32
// axes, 65,534 plans or 2^31 bytes.
[[nodiscard]] std::string encode_policy(const PolicyContent& content);

}  // namespace kerf
