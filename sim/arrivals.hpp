#pragma once
// When requests arise. Open arrivals (periodic, poisson) have dates of their own; closed ones (single,
// closed) follow answers.

#include "base/quantity.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

class ArrivalProcess {
 public:
  // Error(kBadInput) for a workload that cannot be simulated: no requests, no rate, nothing in flight.
  explicit ArrivalProcess(const Problem& problem);

  [[nodiscard]] bool open() const;
  [[nodiscard]] int devices() const;    // that send requests
  [[nodiscard]] int in_flight() const;  // closed arrivals: outstanding requests per device
  [[nodiscard]] int requests() const;   // per device, warm-up included
  [[nodiscard]] bool counts(int request) const { return request >= workload_.warmup; }

  // Open arrivals: from the start, or from the request before, to request `request` of `device`.
  [[nodiscard]] Seconds gap(int device, int request) const;

 private:
  const Workload& workload_;
  int devices_;
};

}  // namespace kerf
