#pragma once
// Measures the link between this machine and an echo peer, and fits the network model to it.

#include <string>

#include "base/progress.hpp"
#include "calibrate/profile/link_costs.hpp"

namespace kerf {

struct CalibrateLinkOptions {
  std::string link;           // --as
  Seconds budget{20};         // wall time for all of it
  Seconds pause;              // rest before each message: how a link serves lone requests
  double width = 0.02;        // relative half width of the median's interval at which a size is done
  BytesPerSecond nominal_up;  // what the link is sold as; 0: unknown
  BytesPerSecond nominal_down;
  std::uint64_t seed = 1;  // of the order
};

// Error(kInterrupted) when asked to stop; InferenceError and Error(kBadInput) for what is wrong with the
// peer; Error(kLimit) when the budget does not reach.
[[nodiscard]] LinkCosts calibrate_link(const std::string& address, const CalibrateLinkOptions& options,
                                       const ProgressReport& progress, const StopRequested& stop);

}  // namespace kerf
