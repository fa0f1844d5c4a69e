// Weighted least squares for  time(i..j) = f(i) + g(j) + S (c1 u + c2 u^2); S and u: see work.hpp.
//
// The unknowns are the size effect c and corrections to a prior in which blocks simply add up: f0(i) = -(work
// before i), g0(j) = work up to j. Each equation is divided by the measured time, so that errors count
// relatively. A tiny ridge holds the corrections at zero wherever the measurements say nothing: along the
// constant that may move between f and g, and for an i or j that no measured slice starts or ends with. A
// larger one keeps a handful of measurements from being taken for a size effect. f is eliminated first (its
// normal matrix is diagonal), which leaves a dense symmetric positive definite system of one unknown a block
// and two more.

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "calibrate/profile/kriging.hpp"
#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/work.hpp"

namespace kerf {
namespace {

constexpr double kRidge = 1e-9;  // relative to what the measurements say about the same unknown
constexpr double kLeastWeighed =
    1e-6;  // times below this share of the longest are weighed as if they were it
// A size effect of a fifth is as surprising as a measurement that is wrong by a fiftieth.
constexpr double kSizeDoubt = 0.01;
// A stretch slower by a fifteenth is as surprising as a measurement that is wrong by a thirtieth.
constexpr double kLevelDoubt = 0.2;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

// One equation  weight (a(first) + b(last) + sum of coefficient x unknown - gap) = 0: corrections a and b,
// and unknowns that many equations share (extra; numbered from 0).
struct Equation {
  std::size_t first, last;
  std::vector<std::pair<std::size_t, double>> extra;  // ascending
  double weight;                                      // squared
  double gap;                                         // measured minus prior
};

struct Solution {
  std::vector<double> a, b, extra;
};

// Least squares with a eliminated: what is left are b and the extra unknowns, in this order, in one vector.
// doubt: of each extra unknown; how strongly it is held at 0, as a number of measurements.
class Solver {
 public:
  // Equations ordered by `first`, then `last`.
  Solver(std::span<const Equation> equations, std::size_t blocks, std::span<const double> doubt)
      : equations_(equations),
        n_(blocks),
        size_(blocks + doubt.size()),
        doubt_(doubt),
        matrix_(size_ * size_, 0),
        x_(size_, 0) {}

  Solution solve() {
    for (const Equation& e : equations_) add(e);
    for (std::size_t k = 0; k < size_; ++k) {
      double& diagonal = entry(k, k);
      if (k >= n_) diagonal += doubt_[k - n_];
      diagonal = diagonal == 0 ? 1 : diagonal * (1 + kRidge);
    }
    for_each_first([&](std::size_t, std::span<const Equation> group) { eliminate(group); });
    scale_and_solve();
    Solution solution;
    solution.a.assign(n_, 0);
    for_each_first([&](std::size_t first, std::span<const Equation> group) {
      double sum = 0;
      for (const Equation& e : group) {
        double left = e.gap - x_[e.last];
        for (const auto& [k, coefficient] : e.extra) left -= coefficient * x_[n_ + k];
        sum += e.weight * left;
      }
      solution.a[first] = sum / diagonal_of(group);
    });
    const auto border = x_.begin() + static_cast<std::ptrdiff_t>(n_);
    solution.b.assign(x_.begin(), border);
    solution.extra.assign(border, x_.end());
    return solution;
  }

 private:
  using Terms = std::vector<std::pair<std::size_t, double>>;  // unknown and coefficient, ascending
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  double& entry(std::size_t row, std::size_t column) { return matrix_[row * size_ + column]; }

  [[nodiscard]] Terms terms_of(const Equation& e) const {
    Terms terms{{e.last, 1.0}};
    for (const auto& [k, coefficient] : e.extra) terms.emplace_back(n_ + k, coefficient);
    return terms;
  }

  void add(const Equation& e) {
    const Terms terms = terms_of(e);
    for (std::size_t i = 0; i < terms.size(); ++i) {
      x_[terms[i].first] += e.weight * terms[i].second * e.gap;
      for (std::size_t j = 0; j <= i; ++j) {
        entry(terms[i].first, terms[j].first) += e.weight * terms[i].second * terms[j].second;
      }
    }
  }

  template <class Visit>
  void for_each_first(const Visit& visit) {
    for (std::size_t begin = 0; begin < equations_.size();) {
      std::size_t end = begin;
      while (end < equations_.size() && equations_[end].first == equations_[begin].first) ++end;
      visit(equations_[begin].first, equations_.subspan(begin, end - begin));
      begin = end;
    }
  }

  static double diagonal_of(std::span<const Equation> group) {
    double sum = 0;
    for (const Equation& e : group) sum += e.weight;
    return sum * (1 + kRidge);
  }

  // The Schur complement: the a of the group's first block expressed by the others.
  void eliminate(std::span<const Equation> group) {
    std::map<std::size_t, double> sums;  // the row of that a
    double gap = 0;
    for (const Equation& e : group) {
      for (const auto& [k, coefficient] : terms_of(e)) sums[k] += e.weight * coefficient;
      gap += e.weight * e.gap;
    }
    const Terms row(sums.begin(), sums.end());
    const double diagonal = diagonal_of(group);
    for (std::size_t p = 0; p < row.size(); ++p) {
      const double share = row[p].second / diagonal;
      x_[row[p].first] -= share * gap;
      for (std::size_t q = 0; q <= p; ++q) entry(row[p].first, row[q].first) -= share * row[q].second;
    }
  }

  void scale_and_solve() {
    std::vector<double> scale(size_);
    for (std::size_t k = 0; k < size_; ++k) scale[k] = 1 / std::sqrt(entry(k, k));
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) entry(i, j) *= scale[i] * scale[j];
      x_[i] *= scale[i];
    }
    const auto size = static_cast<Eigen::Index>(size_);
    Eigen::Map<Matrix> matrix(matrix_.data(), size, size);
    const Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Lower> factor(matrix);  // in place
    assert(factor.info() == Eigen::Success);
    factor.solveInPlace(Eigen::Map<Eigen::VectorXd>(x_.data(), size));
    for (std::size_t k = 0; k < size_; ++k) x_[k] *= scale[k];
  }

  std::span<const Equation> equations_;
  std::size_t n_;
  std::size_t size_;
  std::span<const double> doubt_;
  std::vector<double> matrix_;  // row-major, lower triangle
  std::vector<double> x_;
};

double longest_of(std::span<const SliceMeasurement> measurements) {
  double longest = 0;
  for (const SliceMeasurement& slice : measurements) longest = std::max(longest, slice.p20.value());
  return longest;
}

Equation equation_of(const SliceMeasurement& slice, const Work& work, double longest) {
  const double weighed = std::max(slice.p20.value(), longest * kLeastWeighed);
  const auto size = work.size_terms(slice.first_block, slice.last_block);
  return {at(slice.first_block),
          at(slice.last_block),
          {{0, size[0]}, {1, size[1]}},
          1 / (weighed * weighed),
          slice.p20.value() - work.of(slice.first_block, slice.last_block)};
}

// What the fit says of each slice that was measured; no fit however wild makes a residual above 3.
std::vector<double> fitted_measurements(const ProfileRow& row, const Work& work) {
  constexpr double kLeastShare = 0.25;
  std::vector<double> fitted;
  for (const SliceMeasurement& slice : row.measurements) {
    const auto [linear, square] = work.size_terms(slice.first_block, slice.last_block);
    const double time = (row.entry[at(slice.first_block)] + row.exit[at(slice.last_block)]).value() +
                        row.size_effect[0] * linear + row.size_effect[1] * square;
    fitted.push_back(std::max(time, kLeastShare * slice.p20.value()));
  }
  return fitted;
}

}  // namespace

void fit(ProfileRow& row, std::span<const ProfileBlock> all, const std::string& where) {
  const std::size_t blocks = all.size();
  const Work work(row.measurements, all, where);
  const double longest = longest_of(row.measurements);
  Solution found{std::vector<double>(blocks, 0), std::vector<double>(blocks, 0), {0, 0}};
  if (longest > 0) {
    std::vector<Equation> equations;
    for (const SliceMeasurement& slice : row.measurements) {
      equations.push_back(equation_of(slice, work, longest));
    }
    found = Solver(equations, blocks, std::array{kSizeDoubt, kSizeDoubt}).solve();
  }
  row.size_effect = {found.extra[0], found.extra[1]};
  // A constant may move from f to g without changing any slice: f(0) is 0, so that g(j) is the time of head
  // j, but for the size effect.
  const double shift = found.a[0];
  row.entry.resize(blocks);
  row.exit.resize(blocks);
  for (std::size_t k = 0; k < blocks; ++k) {
    const int block = static_cast<int>(k);
    row.entry[k] = Seconds((found.a[k] - shift) - work.before(block));
    row.exit[k] = Seconds(work.before(block + 1) + (found.b[k] + shift));
  }
  row.residual_weights = residual_weights(row.measurements, fitted_measurements(row, work), work);
}

std::vector<double> level_stretches(std::span<const SliceMeasurement> measurements,
                                    std::span<const int> stretch, int stretches,
                                    std::span<const ProfileBlock> blocks, const std::string& where) {
  assert(stretch.size() == measurements.size());
  std::vector<double> factors(at(stretches), 1);
  const double longest = longest_of(measurements);
  if (stretches < 2 || !(longest > 0)) return factors;
  const Work work(measurements, blocks, where);
  std::vector<Equation> equations;
  for (std::size_t m = 0; m < measurements.size(); ++m) {
    Equation& equation = equations.emplace_back(equation_of(measurements[m], work, longest));
    equation.extra.emplace_back(2 + at(stretch[m]),
                                work.of(measurements[m].first_block, measurements[m].last_block));
  }
  std::vector<double> doubt(2 + at(stretches), kLevelDoubt);
  doubt[0] = doubt[1] = kSizeDoubt;
  const Solution found = Solver(equations, blocks.size(), doubt).solve();
  // How much slower each stretch was than the average measurement. What all stretches share is no matter of
  // theirs: f and g could say it as well.
  double average = 0;
  for (const int s : stretch) average += found.extra[2 + at(s)] / static_cast<double>(stretch.size());
  for (std::size_t s = 0; s < factors.size(); ++s) {
    factors[s] = 1 / std::clamp(1 + found.extra[2 + s] - average, 0.5, 2.0);
  }
  return factors;
}

}  // namespace kerf
