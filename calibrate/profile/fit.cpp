// Weighted least squares for  time(i..j) = f(i) + g(j).
//
// The unknowns are corrections to a prior in which blocks simply add up: f0(i) = -(work before i), g0(j) =
// work up to j. Each equation is divided by the measured time, so that errors count relatively. A tiny ridge
// holds the corrections at zero wherever the measurements say nothing: along the constant that may move
// between f and g, and for an i or j that no measured slice starts or ends with. f is eliminated first (its
// normal matrix is diagonal), which leaves a dense symmetric positive definite system of one unknown a block.

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "calibrate/profile/profile.hpp"

namespace kerf {
namespace {

constexpr double kRidge = 1e-9;  // relative to what the measurements say about the same unknown
constexpr double kLeastWeighed =
    1e-6;  // times below this share of the longest are weighed as if they were it

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

// One time a block: its own measurement, or its even share of the shortest measured slice that holds it.
std::vector<double> block_seconds(const ProfileRow& row, std::span<const ProfileBlock> all,
                                  const std::string& where) {
  const std::size_t blocks = all.size();
  std::vector<double> seconds(blocks, 0);
  std::vector<int> narrowest(blocks, std::numeric_limits<int>::max());
  for (const SliceMeasurement& slice : row.measurements) {
    const int width = slice.last_block - slice.first_block + 1;
    for (std::size_t k = at(slice.first_block); k <= at(slice.last_block); ++k) {
      if (width >= narrowest[k]) continue;
      narrowest[k] = width;
      seconds[k] = slice.p20.value() / width;
    }
  }
  for (std::size_t k = 0; k < blocks; ++k) {
    if (narrowest[k] != std::numeric_limits<int>::max()) continue;
    throw Error(ErrorCode::kBadInput, where,
                fmt::format("block {} ({}) lies in no measured slice", k, all[k].name),
                "measurements that cover every block", "calibrate again with a larger budget");
  }
  return seconds;
}

// Solves A x = b for a symmetric positive definite A (row-major, lower triangle read and overwritten):
// Cholesky.
void solve_in_place(std::vector<double>& matrix, std::vector<double>& x) {
  const std::size_t n = x.size();
  for (std::size_t i = 0; i < n; ++i) {
    double* const row = &matrix[i * n];
    for (std::size_t j = 0; j <= i; ++j) {
      const double* const other = &matrix[j * n];
      double sum = row[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      assert(i != j || sum > 0);
      row[j] = i == j ? std::sqrt(sum) : sum / other[j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= matrix[i * n + k] * x[k];
    x[i] /= matrix[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    x[i] /= matrix[i * n + i];
    for (std::size_t k = 0; k < i; ++k) x[k] -= matrix[i * n + k] * x[i];
  }
}

// One equation  weight (a(first) + b(last) - gap) = 0  in the corrections a and b.
struct Equation {
  std::size_t first, last;
  double weight;  // squared
  double gap;     // measured minus prior
};

// The corrections (a, b), of `blocks` numbers each.
void solve(std::span<const Equation> equations, std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = a.size();
  std::vector<double> diagonal_a(n, 0);
  std::vector<double> diagonal_b(n, 0);
  for (const Equation& e : equations) {
    diagonal_a[e.first] += e.weight * (1 + kRidge);
    diagonal_b[e.last] += e.weight * (1 + kRidge);
    a[e.first] += e.weight * e.gap;
    b[e.last] += e.weight * e.gap;
  }
  for (std::size_t k = 0; k < n; ++k) {
    if (diagonal_a[k] == 0) diagonal_a[k] = 1;
    if (diagonal_b[k] == 0) diagonal_b[k] = 1;
  }
  // The Schur complement of f's diagonal block, scaled to a unit diagonal. Equations are ordered by `first`.
  std::vector<double> scale(n);
  for (std::size_t k = 0; k < n; ++k) scale[k] = 1 / std::sqrt(diagonal_b[k]);
  std::vector<double> matrix(n * n, 0);
  for (std::size_t k = 0; k < n; ++k) matrix[k * n + k] = 1;
  for (std::size_t begin = 0; begin < equations.size();) {
    std::size_t end = begin;
    while (end < equations.size() && equations[end].first == equations[begin].first) ++end;
    const std::size_t first = equations[begin].first;
    for (std::size_t p = begin; p < end; ++p) {
      const Equation& e = equations[p];
      const double share = e.weight / diagonal_a[first];
      b[e.last] -= share * a[first];
      for (std::size_t q = begin; q <= p; ++q) {
        const Equation& other = equations[q];  // other.last <= e.last: the lower triangle
        matrix[e.last * n + other.last] -= share * other.weight * scale[e.last] * scale[other.last];
      }
    }
    begin = end;
  }
  for (std::size_t k = 0; k < n; ++k) b[k] *= scale[k];
  solve_in_place(matrix, b);
  for (std::size_t k = 0; k < n; ++k) b[k] *= scale[k];
  for (const Equation& e : equations) a[e.first] -= e.weight * b[e.last];
  for (std::size_t k = 0; k < n; ++k) a[k] /= diagonal_a[k];
}

}  // namespace

void fit(ProfileRow& row, std::span<const ProfileBlock> all, const std::string& where) {
  const std::size_t blocks = all.size();
  const std::vector<double> seconds = block_seconds(row, all, where);
  std::vector<double> before(blocks + 1, 0);
  for (std::size_t k = 0; k < blocks; ++k) before[k + 1] = before[k] + seconds[k];

  double longest = 0;
  for (const SliceMeasurement& slice : row.measurements) longest = std::max(longest, slice.p20.value());
  std::vector<double> a(blocks, 0);
  std::vector<double> b(blocks, 0);
  if (longest > 0) {
    std::vector<Equation> equations;
    for (const SliceMeasurement& slice : row.measurements) {
      const double weighed = std::max(slice.p20.value(), longest * kLeastWeighed);
      const double prior = before[at(slice.last_block) + 1] - before[at(slice.first_block)];
      equations.push_back(
          {at(slice.first_block), at(slice.last_block), 1 / (weighed * weighed), slice.p20.value() - prior});
    }
    solve(equations, a, b);
  }
  // A constant may move from f to g without changing any slice: f(0) is 0, so that g(j) is the time of head
  // j.
  const double shift = a[0];
  row.entry.resize(blocks);
  row.exit.resize(blocks);
  for (std::size_t k = 0; k < blocks; ++k) {
    row.entry[k] = Seconds((a[k] - shift) - before[k]);
    row.exit[k] = Seconds(before[k + 1] + (b[k] + shift));
  }
}

}  // namespace kerf
