#include "sim/simulator.hpp"

#include <string>
#include <vector>

#include "base/error.hpp"
#include "sim/itinerary.hpp"
#include "sim/network.hpp"
#include "sim/run.hpp"

namespace kerf {
namespace {

// Every pair of hosts that serve one device, so that children forked from here find their routes made.
void add_routes(Network& network, const Problem& problem) {
  std::vector<int> classes;  // optional ones may have no host on this platform
  for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
    if (!problem.hosts[static_cast<std::size_t>(host)].instances.empty()) classes.push_back(host);
  }
  for (int device = 0; device < problem.devices(); ++device) {
    for (const int a : classes) {
      for (const int b : classes) {
        const HostId from = problem.instance(a, device);
        const HostId to = problem.instance(b, device);
        if (problem.platform->has_route(from, to)) network.add_route(*problem.platform, from, to);
      }
    }
  }
}

}  // namespace

struct Simulator::Engine {
  explicit Engine(const Problem& problem) : platform(problem.platform), network(*platform) {}
  std::shared_ptr<const Platform> platform;
  Network network;
};

Simulator::Simulator(const Problem& problem) : engine_(std::make_unique<Engine>(problem)) {
  add_routes(engine_->network, problem);
}

Simulator::~Simulator() = default;

Outcome Simulator::run(const Problem& problem, const Plan& plan, std::vector<RequestRecord>* records) {
  const Platform& built = *engine_->platform;
  if (problem.platform != engine_->platform &&
      (problem.platform->hash() != built.hash() || problem.platform->source() != built.source())) {
    throw Error(ErrorCode::kBug, "simulator", "a problem on " + problem.platform->source(),
                "one on " + built.source() + ", for which the simulator was made");
  }
  for (std::size_t link = 0; link < problem.links.size(); ++link) {
    engine_->network.set_bandwidth(static_cast<LinkId>(link), problem.links[link].bandwidth);
  }
  Run run(engine_->network, problem, plan);
  std::vector<RequestRecord> all = run.simulate();
  Outcome outcome = summarize(all);
  outcome.energy = run.energy();
  outcome.bytes_sent = itinerary_of(problem, plan, 0).bytes_sent();
  if (records != nullptr) *records = std::move(all);
  return outcome;
}

}  // namespace kerf
