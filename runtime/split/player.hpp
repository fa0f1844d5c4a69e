#pragma once
// Plays a workload on a split network: requests arise when the simulator's would
// (planner/plans/arrivals.hpp), each is answered, and what each met is recorded. As many requests are under
// way at once as the arrivals ask for.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "planner/plans/workload.hpp"
#include "runtime/split/split_network.hpp"

namespace kerf {

struct PlayedRequest {
  int request = 0;
  bool warmup = false;
  Seconds arrived, answered;         // since the start; so is answer.started
  Answer answer;                     // without its outputs
  std::string error;                 // "": answered
  std::optional<double> difference;  // from the reference
  [[nodiscard]] Seconds latency() const { return answered - arrived; }
};

struct PlayOptions {
  Workload workload;
  Seconds rest;          // of single and closed arrivals: between an answer and the next request
  int device = 0;        // which of the scenario's: it chooses the draws
  bool ordered = false;  // answers are handed over in the order of their requests
  // Every answer is held against these, by name; a shape or a value that cannot be compared is an error.
  const Values* reference = nullptr;
};

// In the order of the requests. Where `stop` says so, no further request arises, and those under way are left
// out.
[[nodiscard]] std::vector<PlayedRequest> play(SplitNetwork& network, const LiveTensors& inputs,
                                              const PlayOptions& options, const Clock& clock,
                                              const StopRequested& stop);

}  // namespace kerf
