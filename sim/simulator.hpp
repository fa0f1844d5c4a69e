#pragma once
// One condition's plans on SimGrid: requests arise at the devices, wait for a worker at each host first come first
// served, compute, and cross links that they share with every other transfer. The only user of SimGrid.
//
// SimGrid has one engine per process, so make one Simulator per process. It builds the platform's hosts and links once;
// run() may be called again and again with problems on the same platform and differing bandwidths, delays, loads and
// plans. Absolute simulated time leaves traces in the low bits of results: for the same bits whatever ran before, call
// run() in a child forked from a fresh Simulator (0.7 ms), as sweep/ does.
//
// Link latency in SimGrid stays 0; delay and per-message overhead are a pause before the flow starts, because SimGrid
// loses flows whose link changes during the latency phase. Flows share links max-min fairly (model CM02 with
// cross-traffic, TCP window and weights off).

#include <span>
#include <vector>

#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

// One finished request, for timelines and tests.
struct RequestRecord {
  int device = 0;
  int request = 0;
  Seconds arrived;
  Seconds answered;
  bool counts = true;  // not warm-up
};

class Simulator {
 public:
  // Builds SimGrid's hosts, links and routes from the problem's platform. Error(kBug) when made twice in one process.
  explicit Simulator(const Problem& problem);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Simulates the workload until every request is answered. `problem` must be on the platform given at construction.
  // The same plan, problem and engine state give the same bits. `records`, where given, receives every request.
  [[nodiscard]] Outcome run(const Problem& problem, const Plan& plan, std::vector<RequestRecord>* records = nullptr);

 private:
  struct Engine;
  Engine* engine_;  // lives as long as the process: SimGrid's engine cannot be made twice
};

// The least that request (device, request) can take under `plan`: its own drawn slice times and unloaded transfers.
// Simulated latency is never below it. The mean and percentiles of these bounds bound the outcome's.
[[nodiscard]] Outcome lower_bound(const Problem& problem, const Plan& plan);

// Mean, percentiles (nearest rank) and the mean's 95 % half width by batch means, of the records that count.
[[nodiscard]] Outcome summarize(std::span<const RequestRecord> records);

}  // namespace kerf
