#pragma once
// Time that only goes forward, whatever happens to the wall clock. Handed in where a decision depends on it,
// so that tests bring their own.

#include <chrono>
#include <functional>

#include "base/quantity.hpp"

namespace kerf {

using Clock = std::function<Seconds()>;  // since some moment that stays the same; called by several threads

[[nodiscard]] inline Clock steady_clock() {
  return [] {
    return Seconds(
        std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
  };
}

}  // namespace kerf
