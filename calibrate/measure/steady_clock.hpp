#pragma once
// The clock that calibration runs by.

#include <chrono>
#include <thread>

#include "base/quantity.hpp"

namespace kerf {

[[nodiscard]] inline Seconds steady_now() {
  return Seconds(std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

inline void rest(Seconds pause) {
  if (pause > Seconds(0)) std::this_thread::sleep_for(std::chrono::duration<double>(pause.value()));
}

}  // namespace kerf
