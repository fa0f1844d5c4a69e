#pragma once
// One machine as a problem's hosts: a network namespace for each, the links between them, processors pinned
// and throttled. Everything goes when the object goes, or when its process ends, however that comes about:
// the kernel then ends the processes and removes the namespaces. Only folders of control groups can be left
// behind (control_groups.hpp).
//
//   Emulation emulation(problem, {});
//   ChildProcess server(emulation.on(edge, {"kerf-run", "serve", ...}));
//   emulation.apply(next_problem);
//
// Once in a process's life, which must be single-threaded and root's.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "scenarios/problem.hpp"
#include "testbed/child_process.hpp"
#include "testbed/control_groups.hpp"
#include "testbed/namespaces.hpp"
#include "testbed/network_process.hpp"

namespace kerf {

struct EmulationOptions {
  // By host class: times slower. Where a class is not named, the scenario's slowdown.
  std::map<std::string, double> throttle;
  // By host class: the processors that its hosts may use. Where a class is not named: the first processor for
  // the first class, the second for the second, and so on, round and round.
  std::map<std::string, std::vector<int>> processors;
  // By link as the platform names it ("uplink_UP"): its rate follows the trace.
  std::map<std::string, std::shared_ptr<const DeliveryTrace>> traces;
};

class Emulation {
 public:
  // Hosts: those that the problem's classes are, and that its devices use. Error(kUnsupported) for what one
  // machine cannot be: a host that is faster than it (slowdown below 1), other tenants, a link whose nominal
  // bandwidth is not known.
  Emulation(const Problem& problem, const EmulationOptions& options);

  // The links as this problem has them. It must need no other hosts (refuse_other_hosts).
  void apply(const Problem& problem);
  // Whether slow hosts are slow now; they are at first.
  void throttle(bool slow) const;
  [[nodiscard]] const std::string& address(HostId host) const;
  // The command as it runs on that host.
  [[nodiscard]] Command on(HostId host, Command command) const;
  // What stands for each host class, for people: "camera: 1 host, processor 0, 4 times slower".
  [[nodiscard]] std::vector<std::string> description() const { return description_; }

 private:
  struct Place {
    std::size_t index = 0;  // in hosts_
    std::vector<int> processors;
    std::filesystem::path group;
  };

  std::vector<ControlGroup> groups_;  // outlive the processes in them
  std::map<HostId, Place> places_;
  std::vector<NamespaceHost> hosts_;
  std::vector<LinkTrace> traces_;
  std::unique_ptr<NetworkProcess> network_;
  std::string platform_hash_;
  std::vector<std::string> description_;
};

// Hosts are made once and stay. Error(kUnsupported), which names the host class or the platform, where
// `other` would need others than `first`: on another platform, other hosts of a class, times slower (unless
// the options say how many), with other tenants.
void refuse_other_hosts(const Problem& first, const Problem& other, const EmulationOptions& options);

// The wires of a problem's links, one for each, as the emulated network takes them.
[[nodiscard]] std::vector<WireLink> wires_of(const Problem& problem);

}  // namespace kerf
