#pragma once
// Times a model's slices on this machine and makes a profile of it.
//
// Measured are heads, tails, blocks, pairs of blocks and half-overlapping dyadic windows (slice_set.hpp),
// visited in shuffled rounds until every slice's interval is narrow enough or the budget ends (sampler.hpp).
// Inputs are the tensors recorded from one run of the whole model. Memory is bounded: sessions are held as
// long as the process stays below three times the model plus 1 GB, beside one copy of the recorded tensors;
// then they give way to the next group.

#include <string>

#include "base/progress.hpp"
#include "calibrate/profile/profile.hpp"
#include "models/cuts.hpp"

namespace kerf {

struct CalibrateOptions {
  std::string host;  // --as
  int threads = 1;
  Seconds budget{90};      // wall time for all of it, loading included
  double width = 0.02;     // relative half width of p20's interval at which a slice is done
  std::uint64_t seed = 1;  // of the order and of the input
};

// Error(kInterrupted) when asked to stop, Error(kLimit) when the budget does not reach one visit of every
// slice that the fit needs (says how much would).
[[nodiscard]] Profile calibrate(const Graph& graph, const Chain& chain, const CalibrateOptions& options,
                                const ProgressReport& progress, const StopRequested& stop);

}  // namespace kerf
