#pragma once
// One condition's plans on SimGrid: requests arise at the devices, wait for a worker at each host first come
// first served, compute, and cross links that they share with every other transfer. The only user of SimGrid.
//
// SimGrid has one engine per process, so make one Simulator per process. It builds the platform's hosts and
// links once; run() may be called again and again with problems on the same platform and differing
// bandwidths, delays, loads and plans. Absolute simulated time leaves traces in the low bits of results: for
// the same bits whatever ran before, call run() in a child forked from a fresh Simulator, as sweep/ does.
// There are no threads and no actors: a fork is safe between runs.
//
// Link latency in SimGrid stays 0; delay and per-message overhead are a pause before the flow starts, because
// SimGrid loses flows whose link changes during the latency phase. Flows share links max-min fairly (model
// CM02 with cross-traffic, TCP window and weights off).
//
//   Simulator simulator(problem);
//   const Outcome outcome = simulator.run(problem, plan);
//
// Arrivals: `single` sends device 0's requests one at a time, `closed` keeps each device's in_flight requests
// outstanding, `periodic` gives each device a phase drawn within its period, `poisson` draws every gap. A
// host class with a utilization u has other tenants on each of its instances: jobs that arise at random
// (Poisson) and hold a worker for an exponential time with the mean of the whole model there, so often that
// they alone keep each worker busy for a share u of the time. They come from time 0 until the last request is
// answered, whatever the workload's jitter.

#include <memory>
#include <vector>

#include "planner/plans/plan.hpp"
#include "planner/plans/summary.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

class Simulator {
 public:
  // Builds SimGrid's hosts, links and the routes that the problem's classes use. Error(kBug) when made twice
  // in one process.
  explicit Simulator(const Problem& problem);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Simulates the workload until every request is answered. `problem` must be on the platform given at
  // construction; more or other of its hosts may be in use. The same plan, problem and engine state give the
  // same bits. `records`, where given, receives every request, by device and request. Error(kInfeasible)
  // where a hop of the plan has no route, Error(kBadInput) for a workload without requests or rate.
  [[nodiscard]] Outcome run(const Problem& problem, const Plan& plan,
                            std::vector<RequestRecord>* records = nullptr);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;  // SimGrid's own outlives it
};

// The least that each request that counts can take under `plan`: its own drawn slice times and unloaded
// transfers. Simulated latency is never below it, to the last bit, nor are mean, percentiles and energy below
// those of the bounds. Throughput is left 0.
[[nodiscard]] Outcome lower_bound(const Problem& problem, const Plan& plan);

}  // namespace kerf
