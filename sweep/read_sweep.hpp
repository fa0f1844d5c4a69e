#pragma once
// A finished sweep's rows, as its database holds them: for those who compare, not for those who go on.

#include <filesystem>
#include <string>
#include <vector>

#include "planner/plans/plan.hpp"
#include "sweep/store.hpp"

namespace kerf {

struct SweepFileRow {
  std::size_t condition = 0;
  std::vector<std::string> settings;  // one an axis: numbers in base units, names
  std::string plan;
  Outcome outcome;
};

struct SweepFile {
  Identity identity;
  std::vector<std::string> axes;   // their keys
  std::vector<SweepFileRow> rows;  // without the plans that were ruled out
};

// `file`: a sweep.sqlite. Error(kBadInput) for a file that is none, or where a sweep has not got that far.
[[nodiscard]] SweepFile read_sweep(const std::filesystem::path& file);

}  // namespace kerf
