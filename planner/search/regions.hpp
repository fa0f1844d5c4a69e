#pragma once
// Best plans over a whole grid of network conditions at once: bandwidths along one axis, delays along the
// other. Every cell holds what cost_of() over all plans would say at its point, to the last bit, but nothing
// is searched point by point: along the bandwidths the best plans of a sequence of hosts are a lower envelope
// (segment_plans.hpp), which delays only lift.
//
//   const RegionGrid grid = best_regions(problem, columns, rows);
//   const PointAnswer& cell = grid.at(column, row);       // grid.plans[cell.plan]

#include <cstddef>
#include <span>
#include <vector>

#include "planner/search/segment_plans.hpp"

namespace kerf {

struct RegionGrid {
  std::size_t rows = 0;
  std::vector<Plan> plans;         // those that are best or runner-up somewhere, in plan order
  std::vector<PointAnswer> cells;  // [column * rows + row]

  [[nodiscard]] const PointAnswer& at(std::size_t column, std::size_t row) const {
    return cells[column * rows + row];
  }
};

// The network at (column, row) has the bandwidths of columns[column] and the delays and overheads of
// rows[row]. Columns may go any way: those on a straight line of 1 / bandwidth of every path, as one link's
// bandwidth makes them, share an envelope. Needs SegmentPlans::can_make(problem).
[[nodiscard]] RegionGrid best_regions(const Problem& problem, std::span<const Paths> columns,
                                      std::span<const Paths> rows);

}  // namespace kerf
