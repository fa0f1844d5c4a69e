#pragma once
// What the workload leaves possible: the longest slice a host's workers and the largest transfer a shared
// link can take, request after request, without being busy more than a share `fill` of the time that other
// tenants leave free. Each slice and each transfer is judged alone, as a filter. Only periodic and poisson
// arrivals have a rate; other arrivals are limited by nothing.

#include <map>
#include <vector>

#include "scenarios/problem.hpp"

namespace kerf {

[[nodiscard]] bool has_rate(const Workload& workload);

// Device d is served by instance d mod n: so many devices the busiest instance serves.
[[nodiscard]] double busiest_share(const Problem& problem, const ProblemHost& host);
// The links that transfers between two classes cross, and how many devices' transfers cross each.
[[nodiscard]] std::map<LinkId, int> crossings(const Problem& problem, int from, int to);

struct LoadLimits {
  std::vector<Seconds> slice;   // [host]; slices must stay below, as long as they take with all workers busy
  std::vector<Bytes> transfer;  // [from * hosts + to]; transfers must stay below
};

// fill in (0, 1]; 1 is the edge of stability.
[[nodiscard]] LoadLimits load_limits(const Problem& problem, double fill);

}  // namespace kerf
