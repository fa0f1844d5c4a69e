#pragma once
// When requests arise and how many: plain data, the same for the simulator and for real runs.

#include <cstdint>
#include <string>

#include "base/quantity.hpp"

namespace kerf {

enum class Arrivals { kSingle, kClosed, kPeriodic, kPoisson };

struct Workload {
  std::string source;  // the class of hosts where requests arise; default: the one of tier "device"
  Arrivals arrivals = Arrivals::kSingle;
  PerSecond rate;      // per device; periodic and poisson
  int in_flight = 1;   // per device; closed
  int requests = 200;  // per device, after warm-up
  int warmup = 0;      // requests per device that come first and do not count
  std::uint64_t seed = 1;
  bool return_result = true;
  bool jitter = true;  // false: every slice takes its mean time
};

}  // namespace kerf
