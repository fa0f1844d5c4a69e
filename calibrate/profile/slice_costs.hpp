#pragma once
// The time of any slice, from one row of a profile. A slice that was measured uses its own measurement; any
// other what the fit says (profile.hpp), times one plus the relative residual interpolated from the measured
// slices around (i, j). All slices are tabulated when this is made (n x n numbers), so a look-up is a load;
// where only the blocks were measured, as in an imported profile, a slice is the difference of two sums, and
// any number of blocks will do. Immutable; share it between hosts and threads.

#include <span>
#include <string>
#include <vector>

#include "base/quantity.hpp"
#include "calibrate/profile/profile.hpp"

namespace kerf {

inline constexpr std::size_t kMostTabulated = 4096;  // blocks: 134 MB

class SliceCosts {
 public:
  // `row` is an index into profile.rows. Error(kLimit) where the table of more than kMostTabulated blocks
  // would be needed.
  explicit SliceCosts(Profile profile, std::size_t row = 0);

  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] const ProfileRow& row() const { return profile_.rows[row_]; }
  [[nodiscard]] int blocks() const { return static_cast<int>(profile_.blocks.size()); }
  // The 20th percentile of the time of blocks first..last; 0 <= first <= last < blocks().
  [[nodiscard]] Seconds p20(int first, int last) const {
    return Seconds(adds_up() ? sum(static_cast<std::size_t>(first), static_cast<std::size_t>(last) + 1)
                             : table_[index(first, last)]);
  }
  // The expected time: p20 times the mean ratio. What plans are ranked by.
  [[nodiscard]] Seconds mean(int first, int last) const { return p20(first, last) * mean_ratio_; }
  // seconds[i] = mean(i, last) * slowdown, for i from `first` to `last`: all slices that end alike, at once.
  void mean_ending(int last, int first, double slowdown, std::span<double> seconds) const;
  // Whether a slice takes the sum of its blocks; then before()[k] is that of blocks 0..k-1, rounded once.
  [[nodiscard]] bool adds_up() const { return !before_.empty(); }
  [[nodiscard]] std::span<const double> before() const { return before_; }
  // The time when luck is `uniform` in [0, 1): p20 times the ratio at that quantile. Its mean over uniform is
  // mean().
  [[nodiscard]] Seconds drawn(int first, int last, double uniform) const;
  [[nodiscard]] double mean_ratio() const { return mean_ratio_; }
  // Weights plus the largest activations of blocks first..last, at the row's batch.
  [[nodiscard]] Bytes memory(int first, int last) const;

 private:
  void add_block(double seconds);
  // The sum of blocks first..end-1, to two units in its last place however much larger what comes before is.
  [[nodiscard]] double sum(std::size_t first, std::size_t end) const {
    return (before_[end] - before_[first]) + (beneath_[end] - beneath_[first]);
  }
  [[nodiscard]] std::size_t index(int first, int last) const {
    return static_cast<std::size_t>(last) * profile_.blocks.size() + static_cast<std::size_t>(first);
  }
  Profile profile_;
  std::size_t row_;
  std::vector<double> table_;   // blocks() x blocks(), seconds, slices that end alike together; first <= last
  std::vector<double> before_;  // in its place where slices are sums: of the blocks before each, and of all
  std::vector<double> beneath_;              // what rounding took from each of them
  std::vector<double> weights_before_;       // prefix sums, bytes
  std::vector<double> largest_activations_;  // of 1, 2, 4, ... blocks from each block on, bytes
  double mean_ratio_ = 1;
};

// A block-wise profile as others publish them: header `block,seconds,output_bytes`, one row a block in order.
// Each block is a measurement; a slice is the sum of its blocks. Error(kBadInput) with file:line for anything
// else.
[[nodiscard]] Profile import_blocks_csv(const std::string& text, const std::string& where,
                                        const std::string& model, const std::string& host, Bytes input_bytes);

}  // namespace kerf
