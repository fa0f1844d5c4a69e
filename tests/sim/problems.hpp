#pragma once
// Problems built by hand, without files: hosts with the times of their blocks, links, routes by name.
//
//   const Problem problem =
//       make_problem({.hosts = {{.name = "camera", .blocks = {1.0, 2.0}}, {.name = "edge", ...}},
//                     .links = {{.name = "up", .bandwidth = 1e6, .delay = 0.02}},
//                     .routes = {{"camera-0", "edge-0", {"up"}}}});

#include <string>
#include <vector>

#include "scenarios/problem.hpp"

namespace kerf::test {

struct HostText {
  std::string name;  // instances are name-0, name-1, ...
  int count = 1;
  std::vector<double> blocks = {1.0};  // seconds; a slice is the sum of its blocks
  std::vector<double> ratios = {1.0};  // of a run to the figures above
  int workers = 1;
  std::vector<double> contention = {};  // times as long with 2, 3, ... runs at once
  double slowdown = 1;
  double utilization = 0;
  double busy_watts = 0;
  double send_watts = 0;
};

struct LinkText {
  std::string name;
  double bandwidth = 1e6;
  double delay = 0;
  double overhead = 0;
  bool shared = true;
};

struct RouteText {
  std::string from, to;
  std::vector<std::string> links;
};

struct ProblemText {
  std::vector<HostText> hosts;  // the first is the source
  std::vector<LinkText> links = {};
  std::vector<RouteText> routes = {};
  std::vector<double> cut_bytes = {};  // default: 1000 bytes each
  double wire_bytes = 1000;
  double decode = 0;
  Workload workload = {};
};

[[nodiscard]] Problem make_problem(const ProblemText& text);

// One request after another: what an unloaded system takes.
[[nodiscard]] Workload one_by_one(int requests = 1);

// The closed form, written down once more and independently: sums of means, delays, overheads, bytes over the
// least bandwidth.
[[nodiscard]] double unloaded_seconds(const Problem& problem, const Plan& plan);

// n equally likely quantiles of the exponential distribution with mean 1.
[[nodiscard]] std::vector<double> exponential_ratios(int n);

}  // namespace kerf::test
