#pragma once
// A plan as a pipeline: its hosts and links are stations that each request keeps busy for a while, all
// devices sending at the same rate. The period is the time between requests of each device that the busiest
// station needs: below it a queue grows without end. One over it is the throughput of each device.
//
//   of a host   the busiest instance's devices x time with all workers busy / (workers x (1 - utilization))
//   of a link   bytes of every transfer over it, of all devices, both ways where it has one bandwidth for
//               both / bandwidth. Links that do not share their bandwidth are none.
//
// Where a problem has no platform (made by hand), each path is a link of its own.

#include <vector>

#include "planner/search/measure.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

class Stations {
 public:
  explicit Stations(const Problem& problem);

  // Stations that one plan may load more than once, each as a measure of the seconds it is kept busy.
  [[nodiscard]] const std::vector<Measure>& joint() const { return joint_; }
  // The largest load that a slice, a transfer onwards or the way back means for any other station.
  [[nodiscard]] double slice(const Stage& stage, double seconds) const;
  [[nodiscard]] double transfer(int from, int to, Bytes bytes) const {
    return bytes.value() / slowest_[static_cast<std::size_t>(from * hosts_ + to)];
  }
  [[nodiscard]] Seconds period(const Plan& plan) const;

 private:
  void add_hosts();
  void add_links();
  void add_link(const std::vector<double>& loads);

  const Problem& problem_;
  int hosts_;
  Measure alone_;                // of hosts that run one slice
  std::vector<double> slowest_;  // [from * hosts + to], bytes a second over the links that are not joint
  std::vector<Measure> joint_;
};

}  // namespace kerf
