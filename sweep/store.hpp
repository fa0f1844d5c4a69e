#pragma once
// The rows of a sweep in one SQLite file. They are written to "sweep.sqlite.partial" and committed as
// conditions end, in any order; finish() renames it to "sweep.sqlite", so that an earlier result stays until
// the new one is whole, and a sweep killed at any moment resumes from what was committed. One thread at a
// time.
//
// Tables (docs/sweep.md):
//   meta(key, value)                      what the rows were made from
//   conditions(id, <one column an axis>)  numbers in base units, names as text
//   outcomes(condition, candidate, plan, status, bound_s, mean_s, ...)
//                                         status: simulated, ruled out, closed form

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "planner/plans/plan.hpp"
#include "scenarios/scenario.hpp"
#include "sweep/condition_run.hpp"

namespace kerf {

// What is added to a sweep's name until it is finished.
inline constexpr const char* kPartialSuffix = ".partial";

using Identity =
    std::map<std::string, std::string>;  // meta's rows: equal means that a resume continues the same work

class Store {
 public:
  // Opens the partial file of `folder`. With `resume`, continues it (or reopens a finished sweep) where its
  // identity is equal, Error(kBadInput) where it is not. Without, starts anew; Error(kUsage) where that would
  // throw away an interrupted sweep of the same identity. `hosts` names the scenario's classes, for plans as
  // text.
  Store(const std::filesystem::path& folder, const Identity& identity, std::span<const Axis> axes,
        std::vector<std::string> hosts, int blocks, bool resume);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] bool has(std::size_t condition) const;
  [[nodiscard]] std::size_t conditions() const;
  // Each condition once. Its rows are safe after the next commit().
  void add(const Condition& condition, std::span<const SweepRow> rows);
  void commit();

  // Calls `visit` with every condition's rows, in the order of conditions.
  void for_each(
      const std::function<void(std::size_t condition, std::span<const SweepRow> rows)>& visit) const;
  // Every row as CSV, conditions' settings first.
  [[nodiscard]] std::string csv() const;

  void finish();  // the partial file becomes sweep.sqlite

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace kerf
