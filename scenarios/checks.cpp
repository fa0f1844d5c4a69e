#include "scenarios/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

[[noreturn]] void refuse_missing(const Document& document, std::string_view section, std::string found,
                                 std::string expected, std::string hint = {}) {
  const Node* node = document.root().find(section);
  throw Error(ErrorCode::kBadInput, document.where(node == nullptr ? Place{} : node->key_place),
              std::move(found), std::move(expected), std::move(hint));
}

std::vector<std::string> host_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const HostClass& host : scenario.hosts) names.push_back(host.name);
  return names;
}

void check_model(const Document& document, const ModelSection& model) {
  if (!model.file.empty() && !model.zoo.empty()) {
    refuse_missing(document, "model", "[model] has both file and zoo", "one of them");
  }
}

void check_hosts(const Document& document, const Scenario& scenario) {
  if (scenario.hosts.empty())
    refuse_missing(document, "hosts", "no host class", "a table such as [hosts.camera]");
  for (const HostClass& host : scenario.hosts) {
    if (host.profile.empty()) {
      throw Error(ErrorCode::kBadInput, host.where, fmt::format("[hosts.{}] has no profile", host.name),
                  "profile = \"FILE.json\"",
                  fmt::format("kerf calibrate MODEL --as {} makes one", host.name));
    }
  }
}

void check_networks(const Document& document) {
  const Node* networks = document.root().find("network");
  if (networks == nullptr) return;
  for (const Node& network : networks->children) {
    const Node* rtt = network.find("rtt");
    const Node* delay = network.find("delay");
    if (rtt == nullptr || delay == nullptr) continue;
    throw Error(ErrorCode::kBadInput, document.where(delay->key_place),
                fmt::format("[network.{}] has both delay and rtt", network.key),
                "one of them: a delay counts one way, a round trip both",
                fmt::format("rtt is at {}", document.where(rtt->key_place)));
  }
}

void check_workload(const Document& document, Scenario& scenario) {
  Workload& workload = scenario.workload;
  const bool open = workload.arrivals == Arrivals::kPeriodic || workload.arrivals == Arrivals::kPoisson;
  if (open && workload.rate.value() <= 0) {
    refuse_missing(document, "workload", "[workload] has no rate",
                   "rate = \"4/s\", requests a second and device");
  }
  if (workload.requests > std::numeric_limits<int>::max() - workload.warmup) {
    refuse_missing(document, "workload", "warmup and requests together exceed what can be counted",
                   fmt::format("at most {}", std::numeric_limits<int>::max()));
  }
  const std::vector<std::string> names = host_names(scenario);
  if (!workload.source.empty()) {
    if (std::find(names.begin(), names.end(), workload.source) != names.end()) return;
    const Node* source = document.root().find("workload")->find("source");
    throw Error(ErrorCode::kBadInput, document.where(source->place),
                fmt::format("workload.source is \"{}\"", workload.source), listed(names),
                did_you_mean(workload.source, names));
  }
  for (const HostClass& host : scenario.hosts) {
    if (host.tier != "device") continue;
    if (!workload.source.empty()) {
      throw Error(ErrorCode::kBadInput, host.where,
                  fmt::format("{} and {} are both of tier device", workload.source, host.name),
                  "to know where requests arise",
                  fmt::format("name it: [workload] source = \"{}\"", workload.source));
    }
    workload.source = host.name;
  }
  if (workload.source.empty()) {
    refuse_missing(
        document, "hosts", "no host class of tier device", "to know where requests arise",
        fmt::format("write tier = \"device\" there, or [workload] source = \"{}\"", names.front()));
  }
}

void check_constraints(const Document& document, const Scenario& scenario) {
  const std::vector<std::string> classes = host_names(scenario);
  std::vector<std::string> tiers;
  std::vector<std::string> networks;
  for (const HostClass& host : scenario.hosts) {
    if (std::find(tiers.begin(), tiers.end(), host.tier) == tiers.end()) tiers.push_back(host.tier);
  }
  for (const NetworkGroup& network : scenario.networks) networks.push_back(network.name);
  for (const PlaceConstraints& constraints : scenario.constraints) {
    const std::vector<std::string>& known = constraints.is_tier ? tiers : classes;
    if (std::find(known.begin(), known.end(), constraints.name) != known.end()) continue;
    std::vector<std::string> names = classes;
    for (const std::string& tier : tiers) {
      if (std::find(names.begin(), names.end(), tier) == names.end()) names.push_back(tier);
    }
    throw Error(ErrorCode::kBadInput, constraints.where,
                fmt::format("\"{}\" in [constraints] is no host class and no tier", constraints.name),
                listed(names), did_you_mean(constraints.name, names));
  }
  for (const NetworkConstraints& constraints : scenario.network_constraints) {
    if (std::find(networks.begin(), networks.end(), constraints.name) != networks.end()) continue;
    throw Error(ErrorCode::kBadInput, constraints.where,
                fmt::format("\"{}\" in [constraints.network] is no network group", constraints.name),
                networks.empty() ? "a table such as [network.uplink]" : listed(networks),
                did_you_mean(constraints.name, networks));
  }
  if (scenario.rules.revisit && !scenario.rules.any_order) {
    refuse_missing(document, "plans", "[plans] has revisit = true, and plans move forward through tiers",
                   "order = \"any\" beside it");
  }
}

void check_objective(const Document& document, Objective& objective) {
  if (!objective.maximize_throughput) return;
  if (!objective.minimize.empty()) {
    refuse_missing(document, "objective", "[objective] has both minimize and maximize", "one of them",
                   "minimize = [\"period\", \"latency\"] ranks by throughput, then by latency");
  }
  objective.minimize = {{{Criterion::kPeriod, 1}}};
}

}  // namespace

void check_content(const Document& document, Scenario& scenario) {
  check_model(document, scenario.model);
  if (scenario.platform.empty())
    refuse_missing(document, "platform", "no platform", "[platform] file = \"FILE.xml\"");
  check_hosts(document, scenario);
  check_networks(document);
  check_workload(document, scenario);
  check_constraints(document, scenario);
  check_objective(document, scenario.objective);
}

}  // namespace kerf::scenarios
