#include "planner/search/regions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "planner/search/lanes.hpp"

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
    return {rates_.data() + column * paths_, paths_};
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

// A block of rows is answered in step: so many that what is decided once for all of them costs little.
constexpr std::size_t kBlock = 32;

// One number a row. Plans are numbers, too, so that the same is done to latencies and plans; no plan is
// infinite, and loses every tie.
using Rows = std::array<Lanes, kBlock / kLanes>;

double at(const Rows& rows, std::size_t row) {
  return rows[row / kLanes][row % kLanes];
}

// The best and the second best so far, in every row of a block.
struct Ranking {
  Rows latency, plan, runner_up_latency, runner_up;

  void clear() {
    for (Rows* rows : {&latency, &plan, &runner_up_latency, &runner_up}) rows->fill(Lanes{} + kNever);
  }
  // Ties by plan order.
  void offer(const Rows& latencies, const Rows& plans) {
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      const Lanes time = latencies[i];
      const Lanes number = plans[i];
      const auto best = (time < latency[i]) | ((time == latency[i]) & (number < plan[i]));
      const auto second =
          (time < runner_up_latency[i]) | ((time == runner_up_latency[i]) & (number < runner_up[i]));
      runner_up_latency[i] = best ? latency[i] : second ? time : runner_up_latency[i];
      runner_up[i] = best ? plan[i] : second ? number : runner_up[i];
      latency[i] = best ? time : latency[i];
      plan[i] = best ? number : plan[i];
    }
  }
};

// Fills the columns of one run, whose plans are numbered from `offset` on.
class RunFiller {
 public:
  RunFiller(const SegmentPlans& plans, std::span<const Paths> rows, std::size_t paths, int offset)
      : plans_(plans), rows_(rows.size()), blocks_((rows_ + kBlock - 1) / kBlock), offset_(offset) {
    fixed_.resize(paths * blocks_);
    for (std::size_t path = 0; path < paths; ++path) {
      for (std::size_t row = 0; row < blocks_ * kBlock; ++row) {
        const auto& here = rows[std::min(row, rows_ - 1)][path];  // the last row fills its block
        if (!here) continue;
        Rows& block = fixed_[path * blocks_ + row / kBlock];
        block[row % kBlock / kLanes][row % kLanes] = (here->delay + here->overhead).value();
      }
    }
    for (const Sequence& sequence : plans.sequences()) {
      for (std::size_t block = 0; block < blocks_; ++block) waits_.push_back(waits_of(sequence, block));
    }
    near_.resize(plans.sequences().size());
    least_.resize(plans.sequences().size());
  }

  void fill(const Paths& column, std::span<PointAnswer> cells) {
    for (std::size_t i = 0; i < near_.size(); ++i) find_near(i, column);
    for (std::size_t block = 0; block < blocks_; ++block) {
      const std::size_t first = block * kBlock;
      fill_block(block, column, cells.subspan(first, std::min(kBlock, rows_ - first)));
    }
  }

 private:
  using Sequence = SegmentPlans::Sequence;

  // What all delays and overheads of a sequence add up to, least and most, in a block of rows.
  struct Waits {
    double least = kNever;
    double most = 0;
  };

  [[nodiscard]] Waits waits_of(const Sequence& sequence, std::size_t block) const {
    Waits waits;
    for (std::size_t row = 0; row < kBlock; ++row) {
      double sum = 0;
      for (const std::size_t path : sequence.moves) sum += at(fixed_[path * blocks_ + block], row);
      waits.least = std::min(waits.least, sum);
      waits.most = std::max(waits.most, sum);
    }
    return waits;
  }
  [[nodiscard]] const Waits& waits(std::size_t sequence, std::size_t block) const {
    return waits_[sequence * blocks_ + block];
  }

  // The plans of a sequence that may be its best in this column, by sums whose rounding errors are allowed
  // for.
  void find_near(std::size_t index, const Paths& column) {
    const Sequence& sequence = plans_.sequences()[index];
    const std::size_t moves = sequence.moves.size();
    rough_.assign(sequence.compute.begin(), sequence.compute.end());
    for (std::size_t move = 0; move < moves; ++move) {
      const double rate = inverse(*column[sequence.moves[move]]);
      for (std::size_t plan = 0; plan < rough_.size(); ++plan)
        rough_[plan] += rate * sequence.bytes[plan * moves + move];
    }
    const double least = *std::min_element(rough_.begin(), rough_.end());
    double most_wait = 0;
    for (std::size_t block = 0; block < blocks_; ++block)
      most_wait = std::max(most_wait, waits(index, block).most);
    const double limit = least + kRounding * (least + most_wait);
    least_[index] = least;
    near_[index].clear();
    if (!(least < kNever)) return;
    for (std::size_t plan = 0; plan < rough_.size(); ++plan) {
      if (rough_[plan] <= limit) near_[index].push_back(plan);
    }
  }

  // Only sequences that may come first or second in one of the rows are costed to the bit.
  void fill_block(std::size_t block, const Paths& column, std::span<PointAnswer> cells) {
    double first = kNever;   // no more than this has the best in any row,
    double second = kNever;  // and this the runner-up
    for (std::size_t i = 0; i < near_.size(); ++i) {
      const double most = least_[i] + waits(i, block).most;
      second = std::min(second, std::max(first, most));
      first = std::min(first, most);
    }
    kept_.clear();
    for (std::size_t i = 0; i < near_.size(); ++i) {
      if (!near_[i].empty() && !is_below(second, least_[i] + waits(i, block).least)) kept_.push_back(i);
    }
    if (kept_.size() == 2 && is_behind(kept_[0], kept_[1], block)) std::swap(kept_[0], kept_[1]);
    if (kept_.size() == 2 && is_behind(kept_[1], kept_[0], block)) {
      best_of(kept_[0], block, column, ranking_.latency, ranking_.plan);
      best_of(kept_[1], block, column, ranking_.runner_up_latency, ranking_.runner_up);
    } else {
      ranking_.clear();
      for (const std::size_t sequence : kept_) {
        best_of(sequence, block, column, latency_, plan_);
        ranking_.offer(latency_, plan_);
      }
    }
    write(cells);
  }

  // So far that rounding does not matter.
  [[nodiscard]] static bool is_below(double low, double high) { return low + 2 * kRounding * low < high; }

  // Whether one sequence costs more than the other in all rows.
  [[nodiscard]] bool is_behind(std::size_t sequence, std::size_t other, std::size_t block) const {
    return is_below(least_[other] + waits(other, block).most,
                    least_[sequence] + waits(sequence, block).least);
  }

  // The best plan of one sequence in every row.
  void best_of(std::size_t index, std::size_t block, const Paths& column, Rows& latency, Rows& plan) {
    const Sequence& sequence = plans_.sequences()[index];
    const std::vector<std::size_t>& near = near_[index];
    cost(sequence, near.front(), block, column, latency);
    plan.fill(Lanes{} + number_of(sequence, near.front()));
    for (std::size_t i = 1; i < near.size(); ++i) {
      cost(sequence, near[i], block, column, other_);
      const Lanes number = Lanes{} + number_of(sequence, near[i]);
      for (std::size_t k = 0; k < latency.size(); ++k) {
        const auto better = other_[k] < latency[k];
        latency[k] = better ? other_[k] : latency[k];
        plan[k] = better ? number : plan[k];
      }
    }
  }

  [[nodiscard]] double number_of(const Sequence& sequence, std::size_t plan) const {
    return sequence.plans[plan] + offset_;
  }

  // Sequence::latency() of every row.
  void cost(const Sequence& sequence, std::size_t plan, std::size_t block, const Paths& column, Rows& sums) {
    const double* stage = sequence.stages.data() + plan * sequence.hosts.size();
    const double* bytes = sequence.bytes.data() + plan * sequence.moves.size();
    const double* const end = stage + sequence.hosts.size();
    const double start = sequence.starts_away ? 0 : *stage++;
    if (sequence.moves.empty()) sums.fill(Lanes{} + start);
    for (std::size_t move = 0; move < sequence.moves.size(); ++move) {
      const std::size_t path = sequence.moves[move];
      const double wire = bytes[move] / column[path]->bandwidth.value();
      const double then = stage < end ? *stage++ : 0;  // after the way back: nothing
      const Rows& fixed = fixed_[path * blocks_ + block];
      if (move == 0) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = start + (fixed[i] + wire) + then;
      } else {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sums[i] + (fixed[i] + wire) + then;
      }
    }
  }

  void write(std::span<PointAnswer> cells) const {
    const auto number = [](const Rows& plans, std::size_t row) {
      const double plan = at(plans, row);
      return static_cast<int>(plan < kNever ? plan : -1);
    };
    for (std::size_t row = 0; row < cells.size(); ++row) {
      cells[row] = {number(ranking_.plan, row), number(ranking_.runner_up, row), at(ranking_.latency, row),
                    at(ranking_.runner_up_latency, row)};
    }
  }

  const SegmentPlans& plans_;
  std::size_t rows_;
  std::size_t blocks_;
  int offset_;
  std::vector<Rows> fixed_;                     // [path][block]: delay + overhead
  std::vector<Waits> waits_;                    // [sequence][block]
  std::vector<double> rough_;                   // [plan]
  std::vector<std::vector<std::size_t>> near_;  // [sequence]
  std::vector<double> least_;                   // [sequence], without delays and overheads
  std::vector<std::size_t> kept_;               // sequences, in the block in hand
  Ranking ranking_{};
  Rows latency_{}, other_{}, plan_{};
};

// From plans counted run by run to plans in plan order, only those that some cell names.
void number_plans(const std::vector<Plan>& all, RegionGrid& grid) {
  std::vector<char> is_used(all.size() + 1);  // [1 + plan], as none is -1
  for (const PointAnswer& cell : grid.cells) {
    is_used[static_cast<std::size_t>(cell.plan + 1)] = 1;
    is_used[static_cast<std::size_t>(cell.runner_up + 1)] = 1;
  }
  std::map<Plan, int> numbers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_used[i + 1] != 0) numbers.emplace(all[i], 0);
  }
  for (auto& [plan, number] : numbers) {
    number = static_cast<int>(grid.plans.size());
    grid.plans.push_back(plan);
  }
  std::vector<int> number_of(all.size() + 1, -1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_used[i + 1] != 0) number_of[i + 1] = numbers.at(all[i]);
  }
  for (PointAnswer& cell : grid.cells) {
    cell.plan = number_of[static_cast<std::size_t>(cell.plan + 1)];
    cell.runner_up = number_of[static_cast<std::size_t>(cell.runner_up + 1)];
  }
}

}  // namespace

RegionGrid best_regions(const Problem& problem, std::span<const Paths> columns, std::span<const Paths> rows) {
  RegionGrid grid;
  grid.rows = rows.size();
  grid.cells.resize(columns.size() * rows.size());
  std::vector<Plan> plans;
  const Columns lines(columns);
  for (std::size_t first = 0; first < columns.size();) {
    const std::size_t last = lines.end_of_run(first);
    const SegmentPlans run(problem, columns[first], columns[last]);
    RunFiller filler(run, rows, problem.paths.size(), static_cast<int>(plans.size()));
    plans.insert(plans.end(), run.plans().begin(), run.plans().end());
    for (; first <= last; ++first)
      filler.fill(columns[first], std::span(&grid.cells[first * rows.size()], rows.size()));
  }
  number_plans(plans, grid);
  return grid;
}

}  // namespace kerf
