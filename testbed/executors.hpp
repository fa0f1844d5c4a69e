#pragma once
// The command lines of `kerf serve` and `kerf run` (docs/runtime.md) that make executors of a problem's
// hosts. Pure functions.

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/problem.hpp"
#include "scenarios/scenario.hpp"

namespace kerf {

// Slices that plans give to one host class, each once, ascending.
[[nodiscard]] std::vector<std::pair<int, int>> slices_of(std::span<const Plan> plans, int host_class);

// One host other than the source's.
struct ServerPlace {
  int host_class = 0;
  HostId host = 0;
  auto operator<=>(const ServerPlace&) const = default;
};

// The hosts that some plan gives a slice to, later tiers first, so that whoever passes a request on is
// started after whom it passes it to.
[[nodiscard]] std::vector<ServerPlace> server_places(const Problem& problem, std::span<const Plan> plans);

// "cloud" -> "10.97.0.3:8470", as one host sees the others.
using Addresses = std::map<std::string, std::string>;
using AddressOf = std::function<std::string(int host_class, HostId host)>;

// The hosts to which the devices that use `place` send on. Error(kUnsupported) where they are not the same
// for all those devices.
[[nodiscard]] Addresses next_of(const Problem& problem, const ServerPlace& place,
                                const AddressOf& address_of);

[[nodiscard]] std::vector<std::string> serve_words(const Scenario& scenario, const Problem& problem,
                                                   std::span<const Plan> plans, const ServerPlace& place,
                                                   const std::string& listen, const Addresses& next);

[[nodiscard]] std::vector<std::string> run_words(const Scenario& scenario, const Problem& problem,
                                                 const Plan& plan, int device, Seconds rest,
                                                 const Addresses& hosts, const std::filesystem::path& out);

}  // namespace kerf
