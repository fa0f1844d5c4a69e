#pragma once
// What one device's request goes through under a plan: hops over the network and slices on hosts, with
// everything looked up. Simulation and lower bound walk the same itinerary and add its times in the same
// order; waiting only adds to them, so that the bound holds to the last bit.

#include <optional>
#include <vector>

#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

// A transfer: a pause (delay and per-message overhead), then a flow of bytes that takes `wire` when nothing
// disturbs it.
struct Hop {
  int sender = 0;  // class of hosts
  HostId from = 0;
  HostId to = 0;
  Bytes bytes;
  Seconds pause;
  Seconds wire;
  std::size_t connection = 0;  // a simulation's: which of its connections it takes
};

// A slice on one instance of a class.
struct Visit {
  std::optional<Hop> hop;  // how the request gets there; nothing where it is there already
  Stage stage;
  int instance = 0;              // index into the class's instances
  int earlier = 0;               // the plan's earlier visits to this class
  Seconds decode;                // added to the slice's time where the raw input was sent
  std::vector<double> slowdown;  // by the number of jobs that run there (Job); empty: they do not disturb it
};

struct Itinerary {
  std::vector<Visit> visits;
  std::optional<Hop> way_back;

  [[nodiscard]] Bytes bytes_sent() const;
};

// Error(kInfeasible) where the platform has no route for a hop, or no host of an optional class.
[[nodiscard]] Itinerary itinerary_of(const Problem& problem, const Plan& plan, int device);

// How long request `request` of `device` holds a worker: drawn, or the mean where the workload has no jitter.
[[nodiscard]] Seconds service_time(const Problem& problem, const Visit& visit, int device, int request);

// Watts times seconds of a visit's computing and of a hop's sending, as the planner's closed form counts
// them.
[[nodiscard]] Joules computing_energy(const Problem& problem, const Visit& visit, Seconds time);
[[nodiscard]] Joules sending_energy(const Problem& problem, const Hop& hop, Seconds time);

}  // namespace kerf
