#include "planner/plans/arrivals.hpp"
#include "sim/itinerary.hpp"
#include "sim/simulator.hpp"

namespace kerf {
namespace {

// The parts in the order in which Run adds them.
struct Unloaded {
  Seconds latency;
  Joules energy;

  void add(const Problem& problem, const Hop& hop) {
    latency += hop.pause;
    if (!(hop.wire > Seconds(0))) return;
    latency += hop.wire;
    energy += sending_energy(problem, hop, hop.wire);
  }
  void add(const Problem& problem, const Visit& visit, Seconds service) {
    if (visit.hop) add(problem, *visit.hop);
    latency += service;
    energy += computing_energy(problem, visit, service);
  }
};

}  // namespace

Outcome lower_bound(const Problem& problem, const Plan& plan) {
  const ArrivalProcess arrivals(problem.workload, problem.devices());
  std::vector<RequestRecord> records;
  Joules energy;
  Bytes bytes;
  for (int device = 0; device < arrivals.devices(); ++device) {
    const Itinerary way = itinerary_of(problem, plan, device);
    bytes = way.bytes_sent();
    for (int request = 0; request < arrivals.requests(); ++request) {
      if (!arrivals.counts(request)) continue;
      Unloaded unloaded;
      for (const Visit& visit : way.visits) {
        unloaded.add(problem, visit, service_time(problem, visit, device, request));
      }
      if (way.way_back) unloaded.add(problem, *way.way_back);
      energy += unloaded.energy;
      records.push_back({.device = device,
                         .request = request,
                         .arrived = {},
                         .answered = unloaded.latency,
                         .latency = unloaded.latency});
    }
  }
  Outcome outcome = summarize(records);
  outcome.throughput = {};
  outcome.energy = energy / static_cast<double>(records.size());
  outcome.bytes_sent = bytes;
  return outcome;
}

}  // namespace kerf
