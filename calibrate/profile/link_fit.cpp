#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "calibrate/profile/link_costs.hpp"

namespace kerf {
namespace {

constexpr std::size_t kUnknowns = 3;  // c, 1 / goodput up, 1 / goodput down
using Row = std::array<double, kUnknowns>;

// An exchange's equation, divided by its time: the error is then the relative one.
Row equation(const LadderPoint& point) {
  const double weight = 1 / point.median.value();
  return {weight, point.up.value() * weight, point.down.value() * weight};
}

// Solves (A'A) x = A'1 by Gauss and Jordan's elimination with pivoting. Columns are scaled to equal size
// first: bytes and seconds are nine orders of magnitude apart.
Row least_squares(const std::vector<LadderPoint>& ladder) {
  Row scale{};
  for (const LadderPoint& point : ladder) {
    const Row row = equation(point);
    for (std::size_t i = 0; i < kUnknowns; ++i) scale[i] = std::max(scale[i], row[i]);
  }
  std::array<std::array<double, kUnknowns + 1>, kUnknowns> normal{};
  for (const LadderPoint& point : ladder) {
    const Row row = equation(point);
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      for (std::size_t j = 0; j < kUnknowns; ++j) normal[i][j] += row[i] / scale[i] * (row[j] / scale[j]);
      normal[i][kUnknowns] += row[i] / scale[i];
    }
  }
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    const auto pivot =
        std::max_element(normal.begin() + static_cast<std::ptrdiff_t>(i), normal.end(),
                         [i](const auto& a, const auto& b) { return std::abs(a[i]) < std::abs(b[i]); });
    std::swap(normal[i], *pivot);
    for (std::size_t j = 0; j < kUnknowns; ++j) {
      if (j == i) continue;
      const double factor = normal[j][i] / normal[i][i];
      for (std::size_t k = i; k <= kUnknowns; ++k) normal[j][k] -= factor * normal[i][k];
    }
  }
  Row solution{};
  for (std::size_t i = 0; i < kUnknowns; ++i) solution[i] = normal[i][kUnknowns] / normal[i][i] / scale[i];
  return solution;
}

void check_direction(const char* direction, double seconds_a_byte) {
  if (seconds_a_byte > 0 && std::isfinite(seconds_a_byte)) return;
  throw Error(ErrorCode::kLimit, fmt::format("fitting the link's times ({})", direction),
              "long messages take no longer than short ones", "times that grow with the message",
              "the machine is too busy to tell: measure again, with a larger --budget");
}

}  // namespace

Seconds exchange_time(const LinkCosts& costs, Bytes up, Bytes down) {
  return costs.up.delay + costs.up.overhead + up / costs.up.goodput + costs.down.delay + costs.down.overhead +
         down / costs.down.goodput;
}

void fit(LinkCosts& costs) {
  const Row solution = least_squares(costs.ladder);
  check_direction("up", solution[1]);
  check_direction("down", solution[2]);
  const Seconds one_way(std::max(solution[0], 0.0) / 2);
  const Seconds delay = std::min(costs.round_trip / 2, one_way);
  costs.up = {delay, one_way - delay, BytesPerSecond(1 / solution[1])};
  costs.down = {delay, one_way - delay, BytesPerSecond(1 / solution[2])};

  std::vector<double> errors;
  for (const LadderPoint& point : costs.ladder) {
    errors.push_back(std::abs(exchange_time(costs, point.up, point.down) / point.median - 1));
  }
  std::sort(errors.begin(), errors.end());
  costs.worst_error = errors.back();
  costs.median_error = (errors[(errors.size() - 1) / 2] + errors[errors.size() / 2]) / 2;
}

}  // namespace kerf
