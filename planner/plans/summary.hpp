#pragma once
// What single requests add up to, the same for simulated and for real ones.

#include <span>

#include "planner/plans/plan.hpp"

namespace kerf {

// One finished request.
struct RequestRecord {
  int device = 0;
  int request = 0;
  Seconds arrived;  // since the run's start
  Seconds answered;
  Seconds latency;     // the difference, as a sum of parts: free of the clock's rounding
  bool counts = true;  // not warm-up
};

// Of the records that count: mean, percentiles (nearest rank), answers a second from the first arrival to the
// last answer, and the relative half width of the mean's 95 % interval. That is by the means of 20 batches of
// equal size in the order of arrival (of single requests where there are fewer than 40; the first few are
// left out where they do not divide), Student's t, and 0 for a single request. Energy and bytes are left 0.
[[nodiscard]] Outcome summarize(std::span<const RequestRecord> records);

}  // namespace kerf
