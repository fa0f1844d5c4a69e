#include "calibrate/profile/kriging.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <limits>

namespace kerf {
namespace {

// The covariance's l: on ResNet-50 and MobileNetV2, 0.1 to 1 did alike.
constexpr double kReach = 0.3;
// Variance of noise relative to that of what is to be interpolated.
constexpr std::array kNoises{0.01, 0.1, 0.3, 1.0, 3.0, 10.0};
// Leave-one-out errors must fall by this share before residuals are taken for more than noise.
constexpr double kWorthwhile = 0.03;
constexpr double kRounding = 1e-9;

// Of two slices whose work is begin..end in seconds.
double covariance(double begin_a, double end_a, double begin_b, double end_b) {
  const double both = std::max(0.0, std::min(end_a, end_b) - std::max(begin_a, begin_b));
  const double either = (end_a - begin_a) + (end_b - begin_b) - both;
  // l s / (l + 1 - s) with s = both / either; slices without any work share nothing.
  return kReach * both / ((kReach + 1) * either - both + std::numeric_limits<double>::min());
}

}  // namespace

std::vector<double> residual_weights(std::span<const SliceMeasurement> measurements,
                                     std::span<const double> fitted, const Work& work) {
  const std::size_t count = measurements.size();
  if (count > kMostKriged) return {};
  const auto n = static_cast<Eigen::Index>(count);
  Eigen::VectorXd residual(n);
  Eigen::MatrixXd covariances(n, n);
  for (std::size_t a = 0; a < count; ++a) {
    const auto row = static_cast<Eigen::Index>(a);
    const SliceMeasurement& slice = measurements[a];
    residual[row] = fitted[a] > 0 ? slice.p20.value() / fitted[a] - 1 : 0;
    for (std::size_t b = 0; b <= a; ++b) {
      covariances(row, static_cast<Eigen::Index>(b)) =
          covariance(work.before(slice.first_block), work.before(slice.last_block + 1),
                     work.before(measurements[b].first_block), work.before(measurements[b].last_block + 1));
    }
  }
  // Residuals of rounding alone, as those of blocks that were imported.
  if (residual.squaredNorm() <= kRounding * kRounding * static_cast<double>(count)) return {};
  std::vector<double> best;
  double least = (1 - kWorthwhile) * residual.squaredNorm();
  for (const double noise : kNoises) {
    Eigen::MatrixXd noisy = covariances;
    noisy.diagonal().array() += noise;
    const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(noisy);
    const Eigen::VectorXd weights = factor.solve(residual);
    // eq. 5.12: what is predicted of a residual by the others is off by  weight / (inverse's diagonal).
    const Eigen::MatrixXd inverse_factor = factor.matrixL().solve(Eigen::MatrixXd::Identity(n, n));
    const Eigen::VectorXd diagonal = inverse_factor.colwise().squaredNorm();
    const double error = (weights.array() / diagonal.array()).matrix().squaredNorm();
    if (!(error < least)) continue;
    least = error;
    best.assign(weights.begin(), weights.end());
  }
  return best;
}

Residuals::Residuals(std::span<const SliceMeasurement> measurements, std::span<const double> weights,
                     const Work& work)
    : work_(work) {
  for (std::size_t m = 0; m < weights.size(); ++m) {
    if (weights[m] == 0) continue;
    known_.push_back(
        {work.before(measurements[m].first_block), work.before(measurements[m].last_block + 1), weights[m]});
  }
}

double Residuals::at(int first, int last) const {
  const double begin = work_.before(first);
  const double end = work_.before(last + 1);
  double sum = 0;
  for (const Known& known : known_) sum += known.weight * covariance(begin, end, known.begin, known.end);
  return sum;
}

}  // namespace kerf
