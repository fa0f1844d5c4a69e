#pragma once
// A Problem is a scenario under one condition with everything looked up: profiles read, host classes matched
// to the platform's hosts, routes found, links with their overridden bandwidths and delays, constraints
// resolved to blocks. Planner and simulator both start from it, which is why they agree. Immutable; share it
// between threads.
//
// A host class stands for hosts that are alike. Device d of the source class uses instance d mod n of any
// other class. Classes whose members differ in what their routes cost are an error that says to split the
// class.
//
// The cost of a transfer of B bytes from one host to another on a warm connection:
//     delay + overhead + B / bandwidth
// where delay and overhead are the sums over the route's links and bandwidth is the least of the links'
// bandwidth times efficiency. From a host to itself: nothing.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibrate/profile/link_costs.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "planner/plans/plan.hpp"
#include "platforms/platform.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

// One direction of a link under this condition.
struct ProblemLink {
  std::string name;
  BytesPerSecond bandwidth;  // times efficiency already
  Seconds delay;
  Seconds overhead;
  bool shared = true;
  BytesPerSecond nominal = bandwidth;  // without efficiency: what the link is sold as; 0: unknown
  double price = 0;                    // of a byte
};

struct Path {
  Seconds delay;
  Seconds overhead;
  BytesPerSecond bandwidth;  // infinite from a host to itself
  double price = 0;          // of a byte: the sum over the route's links
  [[nodiscard]] Seconds transfer(Bytes amount) const { return delay + overhead + amount / bandwidth; }
};

// What may be asked of a host class or of a tier.
struct PlaceRules {
  std::vector<bool> must_run;      // one a block; empty: none
  std::vector<bool> must_not_run;  // one a block; empty: none
  std::optional<bool> used;
  std::optional<Bytes> upload;
  ComputeCap compute_cap;
};

struct ProblemHost : PlaceRules {
  std::string name;
  std::string tier;
  // Plans move to higher ranks. Where all tiers are device, edge or cloud: 0, 1, 2; where any has another
  // name, tiers rank by first appearance in the scenario.
  int rank = 0;
  // In the platform, in its order. Empty for an optional class that this platform is without: it keeps its
  // place, so that plans name the same hosts under every condition, has no paths and used = false.
  std::vector<HostId> instances;
  int workers = 1;
  int threads = 1;  // of one run, as in the profile's row
  double slowdown = 1;
  double utilization = 0;
  std::optional<Bytes> memory;
  Power power;
  double price = 0;  // of a second of computing
  std::shared_ptr<const SliceCosts> costs;
  // What concurrent runs cost each other: contended[k - 2] is the profile's row for k sessions at once, with
  // the same batch and threads as `costs`. As far as the profile goes without a gap, at most to `workers`.
  std::vector<std::shared_ptr<const SliceCosts>> contended;

  // Expected time of blocks first..last here, slowed down, when nothing else runs.
  [[nodiscard]] Seconds compute(int first, int last) const { return costs->mean(first, last) * slowdown; }
  // How many times longer a run of blocks first..last takes while `running` runs, itself included, go on at
  // once: 1 for one, never less than for one fewer. Beyond what was measured it grows with their number, as
  // if no more were gained by running more at once; without rows for several sessions it is 1 throughout.
  [[nodiscard]] double contention(int first, int last, int running) const;
};

// A tier on which something is asked; its classes are the hosts of this rank.
struct ProblemTier : PlaceRules {
  std::string name;
  int rank = 0;
};

// At most so many bytes a request cross any of these links, each transfer counted once.
struct LinkBudget {
  std::string network;
  std::vector<bool> pairs;  // [from * hosts + to]: whether that route crosses one
  Bytes bytes;
};

struct Problem {
  std::string name;  // the scenario's
  std::string model;
  std::string model_hash;
  int blocks = 0;
  int batch = 1;                 // inputs of a request; everything below is of a whole request
  std::vector<Bytes> cut_bytes;  // blocks + 1; raw tensors
  std::vector<std::string> block_names;
  Bytes wire_bytes;  // what the input costs to send
  Seconds decode;    // added to the first slice's compute where the input was sent
  int source = 0;    // index of the class where requests arise and answers go
  std::vector<ProblemHost> hosts;
  std::shared_ptr<const Platform> platform;
  std::vector<ProblemLink> links;  // as Platform::links, under this condition
  std::vector<std::optional<Path>>
      paths;  // [from * hosts + to] between classes; nothing where there is no route
  Workload workload;
  Objective objective;
  PlanRules rules;
  std::vector<ProblemTier> tiers;
  std::vector<LinkBudget> link_budgets;
  std::optional<Seconds> deadline;
  std::optional<Joules> energy;
  std::optional<double> price;
  // One a cut, or empty: what crosses it must not leave the source.
  std::vector<bool> kept;
  std::string kept_until;  // the cut as the scenario names it

  // Whether a slice on `from` may hand on to one on `to`, routes apart.
  [[nodiscard]] bool may_follow(int from, int to) const {
    const ProblemHost& before = hosts[static_cast<std::size_t>(from)];
    const ProblemHost& after = hosts[static_cast<std::size_t>(to)];
    if (!rules.any_order) return after.rank > before.rank;
    return from != to && !(rules.one_per_tier && after.rank == before.rank);
  }
  // Whether the tensors of this cut may be sent from there.
  [[nodiscard]] bool may_leave(int from, int cut) const {
    return from != source || kept.empty() || !kept[static_cast<std::size_t>(cut)];
  }
  [[nodiscard]] const std::optional<Path>& path(int from, int to) const {
    return paths[static_cast<std::size_t>(from) * hosts.size() + static_cast<std::size_t>(to)];
  }
  [[nodiscard]] std::vector<std::string> host_names() const;
  // The platform host that serves device `device` in class `host`.
  [[nodiscard]] HostId instance(int host, int device) const {
    const auto& all = hosts[static_cast<std::size_t>(host)].instances;
    return all[static_cast<std::size_t>(device) % all.size()];
  }
  [[nodiscard]] int devices() const {
    return static_cast<int>(hosts[static_cast<std::size_t>(source)].instances.size());
  }
  // What arrives at the stage that starts with block `first`: the wire input for 0, the cut's tensors
  // otherwise.
  [[nodiscard]] Bytes bytes_into(int first) const {
    return first == 0 ? wire_bytes : cut_bytes[static_cast<std::size_t>(first)];
  }
};

// Reads profiles, platforms and measured links once each, however many problems are built. One builder a
// thread.
//
// Error(kBadInput) with the scenario's place for: a file that does not exist, profiles of different models, a
// shape, a batch or a number of threads that the profiles were not measured at, a class that matches no host
// (unless optional) or fewer than its count, a host in two classes, a pattern that matches no link (unless
// optional), a link in two groups, a class whose members' routes differ, a class that no plan can use for
// want of a route (unless optional), an unknown block.
class ProblemBuilder {
 public:
  [[nodiscard]] std::shared_ptr<const Problem> build(const Scenario& scenario);

 private:
  void take_costs(const Scenario& scenario, const HostClass& host, ProblemHost& made);
  [[nodiscard]] std::shared_ptr<const Profile> profile(const HostClass& host);
  [[nodiscard]] std::shared_ptr<const SliceCosts> costs(const std::string& file, std::size_t row);
  [[nodiscard]] std::shared_ptr<const Platform> platform(const Scenario& scenario);
  [[nodiscard]] const LinkCosts* measured(const NetworkGroup& group);  // nullptr where nothing was

  std::map<std::string, std::shared_ptr<const Profile>> profiles_;
  std::map<std::pair<std::string, std::size_t>, std::shared_ptr<const SliceCosts>> costs_;  // file and row
  std::map<std::string, LinkCosts> links_;
  std::map<std::string, std::shared_ptr<const Platform>> platforms_;
};

}  // namespace kerf
