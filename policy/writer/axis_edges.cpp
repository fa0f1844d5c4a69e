#include "policy/writer/axis_edges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kerf {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();

// In (a, b]: neighbouring doubles, or an overflow, leave only b.
double meet(double a, double b, bool logarithmic) {
  const double middle = logarithmic ? std::sqrt(a * b) : a / 2 + b / 2;
  return middle > a && middle < b ? middle : b;
}

// As far beyond `point` as `edge` lies before it.
double mirror(double point, double edge, bool logarithmic) {
  const double mirrored = logarithmic ? point / edge * point : point - edge + point;
  return std::clamp(mirrored, -kMost, kMost);
}

}  // namespace

AxisEdges axis_edges(std::span<const double> points, bool logarithmic) {
  const double floor = points.front() >= 0 ? 0 : -kMost;
  if (points.size() == 1) return {{}, floor, kMost};
  AxisEdges edges;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    edges.between.push_back(meet(points[i], points[i + 1], logarithmic));
  }
  edges.lowest = std::max(floor, mirror(points.front(), edges.between.front(), logarithmic));
  edges.highest = mirror(points.back(), edges.between.back(), logarithmic);
  return edges;
}

}  // namespace kerf
