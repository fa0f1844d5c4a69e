#include "sweep/refine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "planner/search/search.hpp"
#include "sweep/grid_points.hpp"
#include "sweep/regret.hpp"
#include "sweep/table.hpp"
#include "sweep/unloaded_grid.hpp"

namespace kerf {
namespace {

constexpr std::uint32_t kCases = 500;  // a measurement
constexpr int kMostRounds = 200;

// The interval of the axis between points `first` and `first` + 1.
using Interval = std::pair<std::size_t, std::size_t>;  // axis, first

class Refiner {
 public:
  Refiner(const ScenarioFile& file, const TableSource& source, const StopRequested& stop)
      : source_(source), stop_(stop), scenario_(file.bind()), planner_(file), off_grid_(file) {
    rebuild();
  }

  RefinedTable run() {
    RefinedTable result;
    result.scenario_cells = cells();
    const std::optional<double> goal = scenario_.sweep.regret;
    std::vector<OffGridCase> known;
    std::vector<double> fresh_regrets;
    std::uint32_t next = 0;
    bool can_refine = goal.has_value();
    if (off_grid_.is_empty()) {
      result.content = std::move(content_);
      return result;
    }
    for (int round = 0;; ++round) {
      // The cases that choices are made with are good, or nothing can be done about them.
      while (can_refine && round < kMostRounds && is_above(*goal, known)) {
        can_refine = split(*goal, known);
        ++round;
      }
      std::vector<OffGridCase> fresh = unloaded_cases(planner_, off_grid_, next, kCases, stop_);
      next += kCases;
      fresh_regrets = regrets(fresh);
      result.met = goal && !fresh.empty() && !is_above(*goal, fresh);
      if (result.met || !can_refine || fresh.empty() || round >= kMostRounds) break;
      for (OffGridCase& one : fresh) known.push_back(std::move(one));
    }
    result.content = std::move(content_);
    result.content.regret = summarise(fresh_regrets);
    return result;
  }

 private:
  [[nodiscard]] std::size_t cells() const {
    std::size_t count = 1;
    for (const Axis& axis : scenario_.sweep.axes) count *= axis.points.size();
    return count;
  }

  void rebuild() {
    const UnloadedGrid grid = planner_.grid(scenario_.sweep.axes, stop_);
    TableBuilder builder(scenario_);
    if (grid.on_source) builder.allow(*grid.on_source);
    for (const PointAnswer& cell : grid.cells) {
      if (cell.plan < 0) {
        builder.add(TableCell{});
        continue;
      }
      const Seconds runner_up(cell.runner_up < 0 ? std::numeric_limits<double>::infinity()
                                                 : cell.runner_up_latency);
      builder.add(TableCell{grid.plans[static_cast<std::size_t>(cell.plan)], Seconds(cell.latency),
                            margin_of(Seconds(cell.latency), runner_up)});
    }
    content_ =
        builder.content(source_.model, source_.model_hash, source_.profile_hashes, source_.platform_hashes);
    if (blocks_ == 0) blocks_ = planner_.problem(condition_at(scenario_, 0))->blocks;
    table_.emplace(content_, blocks_);
  }

  [[nodiscard]] std::vector<double> regrets(const std::vector<OffGridCase>& cases) const {
    std::vector<double> all;
    for (const OffGridCase& one : cases) all.push_back(regret_of(one, table_->plan_for(one.condition)));
    return all;
  }

  [[nodiscard]] bool is_above(double goal, const std::vector<OffGridCase>& cases) const {
    const std::vector<double> all = regrets(cases);
    return std::any_of(all.begin(), all.end(), [&](double regret) { return regret > goal; });
  }

  // Halves the intervals that bad cases lie in, the worst first, as far as the size allows; false where none
  // could be.
  bool split(double goal, const std::vector<OffGridCase>& cases) {
    std::map<Interval, double> votes;
    for (const OffGridCase& one : cases) {
      const double regret = regret_of(one, table_->plan_for(one.condition));
      if (!(regret > goal)) continue;
      if (const auto interval = to_blame(one)) votes[*interval] = std::max(votes[*interval], regret);
    }
    std::vector<std::pair<Interval, double>> order(votes.begin(), votes.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<Interval> chosen;
    std::vector<std::size_t> sizes;
    for (const Axis& axis : scenario_.sweep.axes) sizes.push_back(axis.points.size());
    std::size_t count = cells();
    for (const auto& [interval, regret] : order) {
      const std::size_t grown = count / sizes[interval.first] * (sizes[interval.first] + 1);
      if (grown > scenario_.sweep.policy_cells) continue;
      count = grown;
      ++sizes[interval.first];
      chosen.push_back(interval);
    }
    if (chosen.empty()) return false;
    // From the end, so that earlier intervals keep their places.
    std::sort(chosen.rbegin(), chosen.rend());
    for (const auto& [axis, first] : chosen) {
      std::vector<Setting>& points = scenario_.sweep.axes[axis].points;
      points.insert(points.begin() + static_cast<std::ptrdiff_t>(first) + 1, *middle_of({axis, first}));
    }
    rebuild();
    return true;
  }

  [[nodiscard]] std::optional<Setting> middle_of(const Interval& interval) const {
    return off_grid_.middle(scenario_.sweep.axes[interval.first], interval.first, interval.second);
  }

  // The axis that, exactly known, would leave the least regret; of equals the one with the most points, whose
  // refinement costs the least.
  [[nodiscard]] std::optional<Interval> to_blame(const OffGridCase& one) {
    const std::vector<std::size_t> cell = table_->cell_of(one.condition);
    std::optional<Interval> found;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t axis = 0; axis < cell.size(); ++axis) {
      const std::optional<Interval> interval = interval_of(axis, cell[axis], one.condition);
      if (!interval) continue;
      const double left = regret_where_exact(one, cell, axis);
      const bool cheaper =
          found && left == least &&
          scenario_.sweep.axes[axis].points.size() > scenario_.sweep.axes[found->first].points.size();
      if (!(left < least) && !cheaper) continue;
      least = left;
      found = interval;
    }
    return found;
  }

  // Nothing where the axis cannot be refined there.
  [[nodiscard]] std::optional<Interval> interval_of(std::size_t axis, std::size_t point,
                                                    const Condition& condition) const {
    const Axis& here = scenario_.sweep.axes[axis];
    if (!here.numeric || here.points.size() < 2) return std::nullopt;
    const bool below = condition.settings[axis].number < here.points[point].number;
    const std::size_t first = std::min(below && point > 0 ? point - 1 : point, here.points.size() - 2);
    const Interval interval{axis, first};
    return middle_of(interval) ? std::optional(interval) : std::nullopt;
  }

  [[nodiscard]] double regret_where_exact(const OffGridCase& one, const std::vector<std::size_t>& cell,
                                          std::size_t exact) {
    Condition mixed = one.condition;
    for (std::size_t axis = 0; axis < cell.size(); ++axis) {
      if (axis != exact) mixed.settings[axis] = scenario_.sweep.axes[axis].points[cell[axis]];
    }
    const auto found = best_plans(*planner_.problem(mixed), {.top = 1}).plans;
    return found.empty() ? std::numeric_limits<double>::infinity() : regret_of(one, found.front().plan);
  }

  const TableSource& source_;
  const StopRequested& stop_;
  Scenario scenario_;  // its axes grow
  UnloadedPlanner planner_;
  OffGrid off_grid_;
  int blocks_ = 0;
  PolicyContent content_;
  std::optional<AskedTable> table_;
};

}  // namespace

RefinedTable unloaded_table(const ScenarioFile& file, const TableSource& source, const StopRequested& stop) {
  return Refiner(file, source, stop).run();
}

std::string goal_text(const RefinedTable& table, const SweepSection& sweep) {
  if (!sweep.regret) return {};
  const std::string refined = table.content.cells.size() == table.scenario_cells
                                  ? "not refined"
                                  : fmt::format("refined from the scenario's {} cells", table.scenario_cells);
  const std::string goal = fmt::format("at most {}", fine_percent(*sweep.regret));
  const std::string verdict = !table.content.regret ? fmt::format("whether {} is met is not known", goal)
                              : table.met
                                  ? fmt::format("{} is met", goal)
                                  : fmt::format("{} is not met with {} cells", goal, sweep.policy_cells);
  return fmt::format("    {}; {}\n", refined, verdict);
}

}  // namespace kerf
