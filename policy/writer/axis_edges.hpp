#pragma once
// Where the cells of a numeric axis meet and where they end, from its points. Only operations that IEEE 754
// rounds exactly (+ - * / and square root): every machine writes the same edges.

#include <span>
#include <vector>

namespace kerf {

struct AxisEdges {
  std::vector<double> between;  // points[i] < between[i] <= points[i + 1]
  double lowest = 0;            // lowest <= points.front()
  double highest = 0;           // points.back() <= highest
};

// Points are finite, strictly ascending, at least one; all above 0 where logarithmic. The outermost points
// reach outwards as far as inwards, but not below 0 where no point is. A single point reaches everywhere.
[[nodiscard]] AxisEdges axis_edges(std::span<const double> points, bool logarithmic);

}  // namespace kerf
