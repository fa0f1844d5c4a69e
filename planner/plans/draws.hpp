#pragma once
// What is random in a simulation, and the key of each draw. A key never names a plan or a date, so that plans
// under comparison meet the same arrivals, the same tenants and, host by host, the same luck.

#include <cstdint>

#include "base/random.hpp"

namespace kerf {

enum class Chance : std::uint32_t {
  kArrival = 1,        // poisson: the gap before request `item` of device `who`
  kPhase = 2,          // periodic: where in its period device `who` starts
  kService = 3,        // the quantile of a slice's time: device `who`, request `item`
  kTenantArrival = 4,  // other tenants of platform host `who`: the gap before job `item`
  kTenantService = 5,  // and how long that job takes
};

// `host` is a class of hosts; `visit` counts the plan's earlier slices on that class.
[[nodiscard]] constexpr DrawKey draw_key(std::uint64_t seed, Chance chance, int who, int item, int host = 0,
                                         int visit = 0) {
  return {.seed = seed,
          .device = static_cast<std::uint32_t>(who),
          .request = static_cast<std::uint32_t>(item),
          .purpose = static_cast<std::uint32_t>(chance) << 24 |
                     static_cast<std::uint32_t>(visit & 0xFFF) << 12 |
                     static_cast<std::uint32_t>(host & 0xFFF)};
}

}  // namespace kerf
