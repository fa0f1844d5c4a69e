#include "planner/search/regions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kStraight = 1e-13;  // how far off the line, relative to the slowest end, a column may lie
constexpr double kRounding = 1e-14;

double inverse(const Path& path) {
  return 1 / path.bandwidth.value();
}

// 1 / bandwidth of every path of every column, and which columns lie on one line.
class Columns {
 public:
  explicit Columns(std::span<const Paths> columns) : paths_(columns.empty() ? 0 : columns[0].size()) {
    rates_.reserve(columns.size() * paths_);
    for (const Paths& column : columns) {
      for (const std::optional<Path>& path : column) rates_.push_back(path ? inverse(*path) : 0);
    }
  }

  // The last column of the longest straight run from `first` on, by doubling and halving.
  [[nodiscard]] std::size_t end_of_run(std::size_t first) const {
    const std::size_t count = rates_.size() / paths_;
    std::size_t good = std::min(first + 1, count - 1);
    std::size_t bad = count;
    for (std::size_t step = 2; first + step < count; step *= 2) {
      if (!is_straight(first, first + step)) {
        bad = first + step;
        break;
      }
      good = first + step;
    }
    while (good + 1 < bad) {
      const std::size_t middle = good + (bad - good) / 2;
      (is_straight(first, middle) ? good : bad) = middle;
    }
    return good;
  }

 private:
  [[nodiscard]] std::span<const double> rates(std::size_t column) const {
    return {&rates_[column * paths_], paths_};
  }

  // Whether all columns from `first` to `last` lie on the line between these two.
  [[nodiscard]] bool is_straight(std::size_t first, std::size_t last) const {
    const std::span<const double> from = rates(first);
    const std::span<const double> to = rates(last);
    std::size_t most = 0;  // the path that changes most
    for (std::size_t path = 1; path < paths_; ++path) {
      if (std::abs(to[path] - from[path]) > std::abs(to[most] - from[most])) most = path;
    }
    const double change = to[most] - from[most];
    for (std::size_t column = first + 1; column < last; ++column) {
      const std::span<const double> here = rates(column);
      const double t = change != 0 ? (here[most] - from[most]) / change : 0;
      if (!(t >= 0 && t <= 1)) return false;
      for (std::size_t path = 0; path < paths_; ++path) {
        const double off = here[path] - (from[path] + t * (to[path] - from[path]));
        if (std::abs(off) > kStraight * std::max(from[path], to[path])) return false;
      }
    }
    return true;
  }

  std::size_t paths_;
  std::vector<double> rates_;
};

// Fills one column at a time, all its rows in step.
class ColumnFiller {
 public:
  ColumnFiller(std::span<const Paths> rows, std::size_t paths)
      : rows_(rows.size()), fixed_(paths * rows.size()), most_fixed_(paths), latency_(rows_), plan_(rows_) {
    for (std::size_t row = 0; row < rows_; ++row) {
      for (std::size_t path = 0; path < paths; ++path) {
        if (!rows[row][path]) continue;
        const double fixed = (rows[row][path]->delay + rows[row][path]->overhead).value();
        fixed_[path * rows_ + row] = fixed;
        most_fixed_[path] = std::max(most_fixed_[path], fixed);
      }
    }
  }

  void fill(const SegmentPlans& plans, const Paths& column, std::span<PointAnswer> cells) {
    std::fill(cells.begin(), cells.end(), PointAnswer{-1, -1, kNever, kNever});
    for (const SegmentPlans::Sequence& sequence : plans.sequences()) {
      if (best_of(sequence, column)) offer(cells);
    }
  }

 private:
  using Sequence = SegmentPlans::Sequence;

  // The best plan of one sequence in every row: latency_ and plan_.
  bool best_of(const Sequence& sequence, const Paths& column) {
    const std::size_t moves = sequence.moves.size();
    double fixed = 0;
    for (const std::size_t path : sequence.moves) fixed += most_fixed_[path];
    rough_.assign(sequence.compute.begin(), sequence.compute.end());
    for (std::size_t move = 0; move < moves; ++move) {
      const double rate = inverse(*column[sequence.moves[move]]);
      for (std::size_t plan = 0; plan < rough_.size(); ++plan)
        rough_[plan] += rate * sequence.bytes[plan * moves + move];
    }
    const double least = *std::min_element(rough_.begin(), rough_.end());
    if (!(least < kNever)) return false;
    const double limit = least + kRounding * (least + fixed);
    bool is_first = true;
    for (std::size_t plan = 0; plan < rough_.size(); ++plan) {
      if (!(rough_[plan] <= limit)) continue;
      if (is_first) {
        cost(sequence, plan, column, latency_);
        std::fill(plan_.begin(), plan_.end(), sequence.plans[plan]);
      } else {
        other_.resize(rows_);
        cost(sequence, plan, column, other_);
        for (std::size_t row = 0; row < rows_; ++row) {
          if (other_[row] >= latency_[row]) continue;
          latency_[row] = other_[row];
          plan_[row] = sequence.plans[plan];
        }
      }
      is_first = false;
    }
    return true;
  }

  // Sequence::latency() of every row.
  void cost(const Sequence& sequence, std::size_t plan, const Paths& column, std::vector<double>& sums) {
    const double* stage = &sequence.stages[plan * sequence.hosts.size()];
    const double* bytes = &sequence.bytes[plan * sequence.moves.size()];
    std::size_t move = 0;
    const auto add_move = [&](double then) {
      const std::size_t path = sequence.moves[move];
      const double wire = bytes[move++] / column[path]->bandwidth.value();
      const double* fixed = &fixed_[path * rows_];
      for (std::size_t row = 0; row < rows_; ++row) sums[row] = sums[row] + (fixed[row] + wire) + then;
    };
    if (sequence.starts_away) {
      std::fill(sums.begin(), sums.end(), 0.0);
      add_move(stage[0]);
    } else {
      std::fill(sums.begin(), sums.end(), stage[0]);
    }
    for (std::size_t i = 1; i < sequence.hosts.size(); ++i) add_move(stage[i]);
    if (sequence.returns) add_move(0);
  }

  void offer(std::span<PointAnswer> cells) const {
    for (std::size_t row = 0; row < rows_; ++row) {
      PointAnswer& cell = cells[row];
      const double latency = latency_[row];
      const int plan = plan_[row];
      // No plan is -1 and takes forever, so that it loses; as an unsigned number it is beyond all plans.
      const auto beats = [&](double than, int other) {
        return latency < than ||
               (latency == than && static_cast<unsigned>(plan) < static_cast<unsigned>(other));
      };
      const bool best = beats(cell.latency, cell.plan);
      const bool second = beats(cell.runner_up_latency, cell.runner_up);
      cell.runner_up = best ? cell.plan : second ? plan : cell.runner_up;
      cell.runner_up_latency = best ? cell.latency : second ? latency : cell.runner_up_latency;
      cell.plan = best ? plan : cell.plan;
      cell.latency = best ? latency : cell.latency;
    }
  }

  std::size_t rows_;
  std::vector<double> fixed_;       // [path][row]
  std::vector<double> most_fixed_;  // [path]
  std::vector<double> rough_;       // [plan]
  std::vector<double> latency_, other_;
  std::vector<int> plan_;
};

// From plans counted run by run to plans in plan order, only those that some cell names.
void number_plans(const std::vector<Plan>& all, RegionGrid& grid) {
  std::vector<bool> is_used(all.size());
  for (const PointAnswer& cell : grid.cells) {
    if (cell.plan >= 0) is_used[static_cast<std::size_t>(cell.plan)] = true;
    if (cell.runner_up >= 0) is_used[static_cast<std::size_t>(cell.runner_up)] = true;
  }
  std::map<Plan, int> numbers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_used[i]) numbers.emplace(all[i], 0);
  }
  for (auto& [plan, number] : numbers) {
    number = static_cast<int>(grid.plans.size());
    grid.plans.push_back(plan);
  }
  std::vector<int> number_of(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_used[i]) number_of[i] = numbers.at(all[i]);
  }
  for (PointAnswer& cell : grid.cells) {
    if (cell.plan >= 0) cell.plan = number_of[static_cast<std::size_t>(cell.plan)];
    if (cell.runner_up >= 0) cell.runner_up = number_of[static_cast<std::size_t>(cell.runner_up)];
  }
}

}  // namespace

RegionGrid best_regions(const Problem& problem, std::span<const Paths> columns, std::span<const Paths> rows) {
  RegionGrid grid;
  grid.rows = rows.size();
  grid.cells.resize(columns.size() * rows.size());
  std::vector<Plan> plans;
  const Columns lines(columns);
  ColumnFiller filler(rows, problem.paths.size());
  for (std::size_t first = 0; first < columns.size();) {
    const std::size_t last = lines.end_of_run(first);
    const SegmentPlans run(problem, columns[first], columns[last]);
    const auto offset = static_cast<int>(plans.size());
    plans.insert(plans.end(), run.plans().begin(), run.plans().end());
    for (; first <= last; ++first) {
      const std::span cells(&grid.cells[first * rows.size()], rows.size());
      filler.fill(run, columns[first], cells);
      if (offset == 0) continue;
      for (PointAnswer& cell : cells) {
        if (cell.plan >= 0) cell.plan += offset;
        if (cell.runner_up >= 0) cell.runner_up += offset;
      }
    }
  }
  number_plans(plans, grid);
  return grid;
}

}  // namespace kerf
