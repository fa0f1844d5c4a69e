#pragma once
// Times a model's slices on this machine and makes a profile of it.
//
// Measured are heads, tails, blocks, pairs of blocks and half-overlapping dyadic windows. Inputs are the tensors recorded
// from one run of the whole model. The first visit to a slice is dropped. Slices are visited in rounds, in an order
// shuffled anew each round, so that a slow moment of the machine falls on all alike. Rounds go on until every slice's
// interval is narrow enough or the budget ends. Memory is bounded: sessions are held in groups whose weights together
// stay below the model's size plus a fixed allowance; peak memory <= 3 x model + 1 GB.

#include <string>

#include "base/progress.hpp"
#include "calibrate/profile/profile.hpp"
#include "models/cuts.hpp"

namespace kerf {

struct CalibrateOptions {
  std::string host;        // --as
  int threads = 1;
  Seconds budget{90};      // wall time for all of it, loading included
  double width = 0.02;     // relative half width of p20's interval at which a slice is done
  std::uint64_t seed = 1;  // of the order
};

// Error(kInterrupted) when asked to stop, Error(kLimit) when the budget does not reach one visit of every slice that the
// fit needs (says how much would).
[[nodiscard]] Profile calibrate(const Graph& graph, const Chain& chain, const CalibrateOptions& options,
                                const ProgressReport& progress, const StopRequested& stop);

}  // namespace kerf
