#pragma once
// How a device answers a policy table's question "under which condition?": each axis observes a key of the
// scenario, and the device measures what that key stands for.
//
// - network.NAME.bandwidth, .bandwidth.up, .bandwidth.down: goodput of the path to the host that NAME is
//   about;
// - network.NAME.rtt and .delay: that path's round trip, and half of it;
// - hosts.NAME.utilization: the load that NAME's replies tell, of others than us; 0 before the first;
// - anything else must be given, a number or a label's index, unless the sweep did not vary it.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/quantity.hpp"
#include "policy/reader/policy_reader.hpp"

namespace kerf {

// What is known of a path; nothing where it has not been measured yet.
struct PathState {
  std::optional<Seconds> round_trip;
  std::optional<BytesPerSecond> up, down;
};

struct Observations {
  std::map<std::string, PathState> paths;  // by host
  std::map<std::string, double> loads;     // by host
};

struct ObservationOptions {
  // By the axis's name or key: in its base unit, or a label's index.
  std::map<std::string, double> given = {};
  std::map<std::string, std::string> path = {};  // network -> host; those not named are about `main_host`
  std::string main_host = {};
};

class ObservedAxes {
 public:
  // `hosts`: those whose paths are measured. Error(kUsage) for an axis that cannot be measured and was not
  // given, a path's axis where `main_host` is none of the hosts, a value given for an axis that is not there,
  // a path to a host that is not there or of a network that no axis is about.
  ObservedAxes(const Policy& policy, const ObservationOptions& options, const std::set<std::string>& hosts,
               const std::string& file);

  // One value an axis, as Policy::query takes them; NaN for what is not known yet. Writes no more than size()
  // of them.
  void fill(const Observations& observations, double* values) const;
  [[nodiscard]] std::size_t size() const { return axes_.size(); }
  // "goodput 3.1 Mbit/s, rtt 41 ms, edge_load 0.2"
  [[nodiscard]] std::string describe(const double* values) const;

 private:
  enum class Source { kGiven, kUp, kDown, kRoundTrip, kDelay, kLoad };
  struct Axis {
    std::string name, unit;
    Source source = Source::kGiven;
    std::string network;  // whose path it is about
    std::string host;
    double given = 0;
  };
  [[nodiscard]] static std::optional<Axis> measured(std::string_view key);
  [[nodiscard]] static double value(const Axis& axis, const Observations& observations);

  std::vector<Axis> axes_;
};

}  // namespace kerf
