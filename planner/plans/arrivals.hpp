#pragma once
// When requests arise. Open arrivals (periodic, poisson) have dates of their own; closed ones (single,
// closed) follow answers. The simulator's and a real run's devices draw the same.

#include "base/quantity.hpp"
#include "planner/plans/workload.hpp"

namespace kerf {

class ArrivalProcess {
 public:
  // Error(kBadInput) for a workload that cannot be played: no requests, no rate, nothing in flight.
  ArrivalProcess(Workload workload, int devices);

  [[nodiscard]] bool open() const;
  [[nodiscard]] int devices() const;    // that send requests
  [[nodiscard]] int in_flight() const;  // closed arrivals: outstanding requests per device
  [[nodiscard]] int requests() const;   // per device, warm-up included
  [[nodiscard]] bool counts(int request) const { return request >= workload_.warmup; }

  // Open arrivals: from the start, or from the request before, to request `request` of `device`.
  [[nodiscard]] Seconds gap(int device, int request) const;

 private:
  Workload workload_;
  int devices_;
};

}  // namespace kerf
