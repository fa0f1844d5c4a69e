#pragma once
// What the fit leaves over, interpolated: the relative residual of a slice, measured / fitted - 1, from those
// of the measured slices around it. Kriging, that is Gaussian process regression (Rasmussen and Williams,
// Gaussian Processes for Machine Learning, 2006, eq. 2.25): the estimate at a slice is the sum of all
// measured slices' weights, each times the covariance of the two. Two slices are alike as far as they do the
// same work: with s the share of their joint work that both do (0: none; 1: they are the same slice), which
// is a covariance itself (Gower 1971), the covariance is
//     k(s) = l s / (l + 1 - s),
// a power series in s with positive coefficients and so a covariance, too; it needs no libm, and slices that
// share nothing say nothing of each other. Private to this folder.

#include <span>
#include <vector>

#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/work.hpp"

namespace kerf {

inline constexpr std::size_t kMostKriged = 1200;  // measured slices: three seconds

// One weight a measurement, of the residuals against fitted[m]. How much of a residual is noise is chosen so
// that every measured slice is best predicted by the others (eq. 5.12: leave-one-out); where nothing helps,
// and beyond kMostKriged measurements, all weights are 0.
[[nodiscard]] std::vector<double> residual_weights(std::span<const SliceMeasurement> measurements,
                                                   std::span<const double> fitted, const Work& work);

// The interpolated residual of any slice, from a row's weights.
class Residuals {
 public:
  Residuals(std::span<const SliceMeasurement> measurements, std::span<const double> weights,
            const Work& work);
  [[nodiscard]] double at(int first, int last) const;

 private:
  struct Known {
    double begin, end;  // of the slice's work
    double weight;
  };
  const Work& work_;
  std::vector<Known> known_;  // of weight other than 0
};

}  // namespace kerf
