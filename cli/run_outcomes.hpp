#pragma once
// What `kerf run` tells: a row a request, and a summary of those that count.

#include <map>
#include <string>
#include <vector>

#include "runtime/split/player.hpp"

namespace kerf::cli {

// The columns are in docs/runtime.md.
[[nodiscard]] std::string outcomes_csv(const std::vector<PlayedRequest>& played, int device);

struct RunSummary {
  int requests = 0;  // that count
  Seconds mean, p50, p95, p99, max;
  PerSecond throughput;                 // answers a second, from the first arrival to the last answer
  Bytes sent, received;                 // per request
  Seconds compute, queued, transfer;    // means
  std::map<std::string, int> outcomes;  // ok, local, error
  std::map<std::string, int> reasons;   // of all that are not ok
  std::map<std::string, int> plans;
  int switches = 0;  // changes of plan
  double worst_difference = 0;
  Bytes memory;  // of this process
  std::string first_error;
};

[[nodiscard]] RunSummary summarize(const std::vector<PlayedRequest>& played);
[[nodiscard]] std::string as_json(const RunSummary& summary);
[[nodiscard]] std::string as_text(const RunSummary& summary);
// Error(kLimit) where a request was not answered; Error(kBadInput) where `verified` answers differ.
void throw_unless_all_well(const RunSummary& summary, bool verified);

}  // namespace kerf::cli
