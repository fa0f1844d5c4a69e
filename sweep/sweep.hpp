#pragma once
// The sweep: every condition of a scenario, its candidate plans, their outcomes, the policy table. Joins
// planner and simulator, which do not know each other. Results are rows in one SQLite file, committed as
// conditions end, those of one platform and its hosts before those of the next, so that a killed sweep
// resumes where it stood. Same scenario, same rows, same policy bytes, for any number of jobs and any number
// of resumes.
//
// A loaded condition (any arrivals but "single") is simulated in a child of its own, forked from a warm
// engine, its candidates in the order of their lower bounds; a candidate whose exact lower bound is above the
// best simulated outcome so far is ruled out and not simulated. An unloaded condition is the closed form
// itself.
//
// Leaves in the folder: sweep.sqlite (docs/sweep.md), sweep.csv, policy.kerf (docs/policy.md).

#include <filesystem>
#include <string>

#include "base/progress.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

struct SweepOptions {
  int jobs = 0;  // 0: one a processor
  std::filesystem::path out = "out";
  bool resume = false;
};

struct SweepResult {
  std::size_t conditions = 0;
  std::size_t simulated = 0;  // condition x plan pairs simulated
  std::size_t resumed = 0;    // conditions taken from an earlier, interrupted run
  std::string summary;        // what a person reads
};

// Call from a single-threaded process that has made no Simulator.
[[nodiscard]] SweepResult run_sweep(const ScenarioFile& file, const SweepOptions& options,
                                    const ProgressReport& progress, const StopRequested& stop);

}  // namespace kerf
