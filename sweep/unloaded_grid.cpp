#include "sweep/unloaded_grid.hpp"

#include <cmath>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "planner/search/regions.hpp"
#include "planner/search/search.hpp"

namespace kerf {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_network_key(std::string_view key, std::initializer_list<std::string_view> ends) {
  if (!key.starts_with("network.")) return false;
  for (const std::string_view end : ends) {
    if (key.ends_with(end)) return true;
  }
  return false;
}

bool sets_bandwidth(std::string_view key) {
  return is_network_key(key, {".bandwidth", ".bandwidth.up", ".bandwidth.down", ".efficiency"});
}

bool sets_delay(std::string_view key) {
  return is_network_key(key, {".delay", ".rtt", ".overhead"});
}

// The axis with the most points among those of one kind.
template <class IsKind>
std::size_t longest(std::span<const Axis> axes, IsKind is_kind) {
  std::size_t found = kNone;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!is_kind(axes[i].key)) continue;
    if (found == kNone || axes[i].points.size() > axes[found].points.size()) found = i;
  }
  return found;
}

// Plans of many grids under common numbers, in plan order once all have come.
class PlanNumbers {
 public:
  [[nodiscard]] int number(const Plan& plan) {
    return numbers_.try_emplace(plan, static_cast<int>(numbers_.size())).first->second;
  }
  void put_in_order(UnloadedGrid& grid) const {
    std::vector<int> order(numbers_.size());
    for (const auto& [plan, number] : numbers_) {
      order[static_cast<std::size_t>(number)] = static_cast<int>(grid.plans.size());
      grid.plans.push_back(plan);
    }
    for (PointAnswer& cell : grid.cells) {
      if (cell.plan >= 0) cell.plan = order[static_cast<std::size_t>(cell.plan)];
      if (cell.runner_up >= 0) cell.runner_up = order[static_cast<std::size_t>(cell.runner_up)];
    }
  }

 private:
  std::map<Plan, int> numbers_;
};

PointAnswer answer_of(const Problem& problem, PlanNumbers& numbers) {
  PointAnswer answer;
  const auto found = best_plans(problem, {.top = 2, .one_per_host_sequence = true}).plans;
  if (!found.empty()) {
    answer.plan = numbers.number(found[0].plan);
    answer.latency = found[0].latency.value();
  }
  if (found.size() > 1) {
    answer.runner_up = numbers.number(found[1].plan);
    answer.runner_up_latency = found[1].latency.value();
  }
  return answer;
}

class GridFiller {
 public:
  GridFiller(UnloadedPlanner& planner, std::span<const Axis> axes, const StopRequested& stop)
      : planner_(planner),
        axes_(axes),
        stop_(stop),
        at_(axes.size(), 0),
        column_axis_(longest(axes, sets_bandwidth)),
        row_axis_(longest(axes, sets_delay)) {
    std::size_t cells = 1;
    for (const Axis& axis : axes) cells *= axis.points.size();
    grid_.cells.resize(cells);
  }

  UnloadedGrid fill() {
    go_through(0);
    numbers_.put_in_order(grid_);
    return std::move(grid_);
  }

 private:
  void go_through(std::size_t axis) {
    if (axis == axes_.size()) return fill_plane();
    if (axis == column_axis_ || axis == row_axis_) return go_through(axis + 1);
    for (at_[axis] = 0; at_[axis] < axes_[axis].points.size(); ++at_[axis]) go_through(axis + 1);
  }

  [[nodiscard]] std::size_t points(std::size_t axis) const {
    return axis == kNone ? 1 : axes_[axis].points.size();
  }
  void move_to(std::size_t column, std::size_t row) {
    if (column_axis_ != kNone) at_[column_axis_] = column;
    if (row_axis_ != kNone) at_[row_axis_] = row;
  }
  [[nodiscard]] std::size_t cell_here() const {
    std::size_t cell = 0;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis)
      cell = cell * axes_[axis].points.size() + at_[axis];
    return cell;
  }
  [[nodiscard]] std::shared_ptr<const Problem> problem_at(std::size_t column, std::size_t row) {
    if (stop_ && stop_()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    move_to(column, row);
    Condition condition{cell_here(), {}};
    for (std::size_t axis = 0; axis < axes_.size(); ++axis)
      condition.settings.push_back(axes_[axis].points[at_[axis]]);
    return planner_.problem(condition);
  }

  // All cells that differ in bandwidth and delay alone. A path's bandwidth depends on no delay and its delay
  // on no bandwidth, so the first row and the first column tell them all.
  void fill_plane() {
    const std::shared_ptr<const Problem> corner = problem_at(0, 0);
    note_plan_on_source(*corner);
    if (!SegmentPlans::can_make(*corner)) return fill_point_by_point();
    std::vector<Paths> columns{corner->paths};
    std::vector<Paths> rows{corner->paths};
    for (std::size_t i = 1; i < points(column_axis_); ++i) columns.push_back(problem_at(i, 0)->paths);
    for (std::size_t i = 1; i < points(row_axis_); ++i) rows.push_back(problem_at(0, i)->paths);
    const RegionGrid plane = best_regions(*corner, columns, rows);
    std::vector<int> number;
    for (const Plan& plan : plane.plans) number.push_back(numbers_.number(plan));
    for (std::size_t column = 0; column < columns.size(); ++column) {
      for (std::size_t row = 0; row < rows.size(); ++row) {
        move_to(column, row);
        PointAnswer& cell = grid_.cells[cell_here()];
        cell = plane.at(column, row);
        if (cell.plan >= 0) cell.plan = number[static_cast<std::size_t>(cell.plan)];
        if (cell.runner_up >= 0) cell.runner_up = number[static_cast<std::size_t>(cell.runner_up)];
      }
    }
  }

  void fill_point_by_point() {
    for (std::size_t column = 0; column < points(column_axis_); ++column) {
      for (std::size_t row = 0; row < points(row_axis_); ++row) {
        const auto here = problem_at(column, row);
        grid_.cells[cell_here()] = answer_of(*here, numbers_);
      }
    }
  }

  void note_plan_on_source(const Problem& problem) {
    if (grid_.on_source) return;
    Plan plan{{{problem.source, 0, problem.blocks - 1}}};
    if (violation(problem, plan).empty() && std::isfinite(cost_of(problem, plan).latency.value()))
      grid_.on_source = std::move(plan);
  }

  UnloadedPlanner& planner_;
  std::span<const Axis> axes_;
  const StopRequested& stop_;
  std::vector<std::size_t> at_;  // the point of each axis
  std::size_t column_axis_, row_axis_;
  PlanNumbers numbers_;
  UnloadedGrid grid_;
};

}  // namespace

UnloadedGrid UnloadedPlanner::grid(std::span<const Axis> axes, const StopRequested& stop) {
  return GridFiller(*this, axes, stop).fill();
}

std::shared_ptr<const Problem> UnloadedPlanner::problem(const Condition& condition) {
  return builder_.build(file_.bind(condition));
}

}  // namespace kerf
