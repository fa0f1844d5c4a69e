#pragma once
// How much work a slice is: the sum of its blocks' times, each measured alone or, where it was not, as its
// even share of the shortest measured slice that holds it. The fit starts from it, and what it adds to f(i) +
// g(j) for a slice's size is a multiple of it. Private to this folder.
//
// Why size: a short slice that is run again and again finds its weights and activations in the caches, a long
// one has driven them out by the time it begins anew, and the more neighbours compete for the caches the more
// that matters. With work S and its place u between the whole model (0) and the shortest measurement (1) on a
// logarithmic scale,
//     time(i..j) = f(i) + g(j) + S (c1 u + c2 u^2).
// That pays on a machine with busy neighbours and changes nothing on a quiet one; docs/profiles.md says how
// much it was worth.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "calibrate/profile/profile.hpp"

namespace kerf {

class Work {
 public:
  // Error(kBadInput) at `where` for a block that no measured slice holds.
  Work(std::span<const SliceMeasurement> measurements, std::span<const ProfileBlock> blocks,
       const std::string& where);

  [[nodiscard]] double before(int block) const { return before_[static_cast<std::size_t>(block)]; }
  [[nodiscard]] double of(int first, int last) const { return before(last + 1) - before(first); }  // seconds
  // S u and S u^2, in seconds.
  [[nodiscard]] std::array<double, 2> size_terms(int first, int last) const;

 private:
  std::vector<double> before_;  // blocks + 1: of the blocks before each
  double whole_ = 0;
  double octaves_ = 0;  // log2(whole / shortest); 0 where there is no range
};

}  // namespace kerf
