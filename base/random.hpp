#pragma once
// Counter-based random numbers: a draw is a pure function of its key, so nothing depends on the order in
// which draws are made. Plans that are compared see the same arrivals and the same luck, and any number of
// workers gives the same bits. Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3" (SC 2011).
//
//   double u = uniform({.seed = 7, .device = 3, .request = 41, .purpose = kServiceTime});

#include <array>
#include <cstdint>

#include "base/quantity.hpp"

namespace kerf {

struct DrawKey {
  std::uint64_t seed = 0;
  std::uint32_t device = 0;
  std::uint32_t request = 0;
  std::uint32_t purpose = 0;
};

[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);
// In [0, 1), with 53 random bits.
[[nodiscard]] double uniform(const DrawKey& key);
// Exponentially distributed with the given mean.
[[nodiscard]] Seconds exponential(const DrawKey& key, Seconds mean);

}  // namespace kerf
