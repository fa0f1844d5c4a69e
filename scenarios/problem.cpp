#include "scenarios/problem.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "scenarios/problem_parts.hpp"

namespace kerf {
namespace {

void check_exists(const std::filesystem::path& file, const std::string& where, std::string_view what,
                  std::string hint) {
  std::error_code failure;
  if (std::filesystem::exists(file, failure)) return;
  throw Error(ErrorCode::kBadInput, where, fmt::format("the {} {} does not exist", what, file.string()),
              "a path from the scenario file's folder", std::move(hint));
}

ProblemHost host_of(const HostClass& host) {
  ProblemHost made;
  made.name = host.name;
  made.tier = host.tier;
  made.workers = host.workers;
  made.slowdown = host.slowdown;
  made.utilization = host.utilization;
  made.memory = host.memory;
  made.power = host.power;
  return made;
}

}  // namespace

std::vector<std::string> Problem::host_names() const {
  std::vector<std::string> names;
  names.reserve(hosts.size());
  for (const ProblemHost& host : hosts) names.push_back(host.name);
  return names;
}

std::shared_ptr<const Problem> ProblemBuilder::build(const Scenario& scenario) {
  auto problem = std::make_shared<Problem>();
  problem->name = scenario.name;
  problem->workload = scenario.workload;
  problem->objective = scenario.objective;
  problem->platform = platform(scenario);
  for (const HostClass& host : scenario.hosts) {
    problem->hosts.push_back(host_of(host));
    problem->hosts.back().costs = profile(host);
  }
  scenarios::take_model(scenario, *problem);
  scenarios::place_hosts(scenario, *problem);
  scenarios::resolve_constraints(scenario, *problem);
  std::vector<const LinkCosts*> costs;
  for (const NetworkGroup& group : scenario.networks) costs.push_back(measured(group));
  scenarios::set_links(scenario, costs, *problem);
  scenarios::find_paths(scenario, *problem);
  scenarios::check_routes(scenario, *problem);
  return problem;
}

std::shared_ptr<const SliceCosts> ProblemBuilder::profile(const HostClass& host) {
  std::shared_ptr<const SliceCosts>& costs = profiles_[host.profile.native()];
  if (costs == nullptr) {
    check_exists(host.profile, host.where, "profile",
                 fmt::format("kerf calibrate MODEL --as {} makes one on the machine it runs on", host.name));
    costs = std::make_shared<SliceCosts>(read_profile(host.profile));
  }
  return costs;
}

const LinkCosts* ProblemBuilder::measured(const NetworkGroup& group) {
  if (group.measured.empty()) return nullptr;
  const auto known = links_.find(group.measured.native());
  if (known != links_.end()) return &known->second;
  check_exists(group.measured, group.measured_where, "measured link",
               fmt::format("kerf calibrate-link ADDRESS --as {} makes one", group.name));
  return &links_.emplace(group.measured.native(), read_link_costs(group.measured)).first->second;
}

std::shared_ptr<const Platform> ProblemBuilder::platform(const Scenario& scenario) {
  std::shared_ptr<const Platform>& platform = platforms_[scenario.platform.native()];
  if (platform == nullptr) {
    check_exists(scenario.platform, scenario.platform_where, "platform", "");
    platform = std::make_shared<Platform>(read_platform(scenario.platform));
  }
  return platform;
}

}  // namespace kerf
