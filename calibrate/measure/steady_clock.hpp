#pragma once
// The clock that calibration runs by.

#include <chrono>

#include "base/quantity.hpp"

namespace kerf {

[[nodiscard]] inline Seconds steady_now() {
  return Seconds(std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

}  // namespace kerf
