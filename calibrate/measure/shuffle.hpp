#pragma once
// A reproducible shuffle (Fisher and Yates): the same seed and stream give the same order on every machine.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.hpp"

namespace kerf {

template <class T>
void shuffle(std::vector<T>& items, std::uint64_t seed, std::uint32_t stream) {
  constexpr std::uint32_t kPurpose = 0x73687566;
  for (std::size_t left = items.size(); left > 1; --left) {
    const double u = uniform({seed, stream, static_cast<std::uint32_t>(left), kPurpose});
    std::swap(items[left - 1], items[static_cast<std::size_t>(u * static_cast<double>(left))]);
  }
}

}  // namespace kerf
