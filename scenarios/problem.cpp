#include "scenarios/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
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
  made.price = host.price;
  return made;
}

// Which values a key of the rows takes, for messages: "1, 2".
template <class Take>
std::string values_of(const Profile& profile, Take take) {
  std::set<int> values;
  for (const ProfileRow& row : profile.rows) values.insert(take(row.mode));
  return fmt::format("{}", fmt::join(values, ", "));
}

std::optional<std::size_t> find_row(const Profile& profile, const RunMode& mode) {
  for (std::size_t row = 0; row < profile.rows.size(); ++row) {
    if (profile.rows[row].mode == mode) return row;
  }
  return std::nullopt;
}

// The row of a host that runs one request at a time.
std::size_t row_for(const Scenario& scenario, const HostClass& host, const Profile& profile) {
  const int batch = scenario.model.batch;
  if (host.threads) {
    const auto row = find_row(profile, {.batch = batch, .threads = *host.threads, .sessions = 1});
    if (row) return *row;
  } else {
    for (std::size_t row = 0; row < profile.rows.size(); ++row) {
      if (profile.rows[row].mode.batch == batch && profile.rows[row].mode.sessions == 1) return row;
    }
  }
  throw Error(
      ErrorCode::kBadInput, host.where,
      fmt::format("hosts.{}: the profile {} was not measured with batch {}{} and one session", host.name,
                  host.profile.string(), batch,
                  host.threads ? fmt::format(", {} threads", *host.threads) : std::string()),
      fmt::format("batch {}; threads {}", values_of(profile, [](const RunMode& m) { return m.batch; }),
                  values_of(profile, [](const RunMode& m) { return m.threads; })),
      "kerf calibrate --batch --threads measures others");
}

}  // namespace

double ProblemHost::contention(int first, int last, int running) const {
  double times = 1;
  const double alone = costs->mean(first, last).value();
  if (contended.empty() || !(alone > 0)) return times;
  const auto measured = std::min(contended.size(), static_cast<std::size_t>(std::max(0, running - 1)));
  for (std::size_t k = 0; k < measured; ++k) {
    times = std::max(times, contended[k]->mean(first, last).value() / alone);
  }
  const int known = static_cast<int>(contended.size()) + 1;
  return running > known ? times * running / known : times;
}

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
  problem->rules = scenario.rules;
  problem->platform = platform(scenario);
  for (const HostClass& host : scenario.hosts) {
    problem->hosts.push_back(host_of(host));
    take_costs(scenario, host, problem->hosts.back());
  }
  scenarios::take_model(scenario, *problem);
  scenarios::place_hosts(scenario, *problem);
  scenarios::resolve_constraints(scenario, *problem);
  std::vector<const LinkCosts*> costs;
  for (const NetworkGroup& group : scenario.networks) costs.push_back(measured(group));
  scenarios::set_links(scenario, costs, *problem);
  scenarios::find_paths(scenario, *problem);
  scenarios::resolve_plan_constraints(scenario, *problem);
  scenarios::check_routes(scenario, *problem);
  return problem;
}

void ProblemBuilder::take_costs(const Scenario& scenario, const HostClass& host, ProblemHost& made) {
  const std::shared_ptr<const Profile> known = profile(host);
  const std::size_t alone = row_for(scenario, host, *known);
  made.costs = costs(host.profile.native(), alone);
  RunMode mode = known->rows[alone].mode;
  made.threads = mode.threads;
  while (mode.sessions < host.workers) {
    ++mode.sessions;
    const auto row = find_row(*known, mode);
    if (!row) break;
    made.contended.push_back(costs(host.profile.native(), *row));
  }
}

std::shared_ptr<const Profile> ProblemBuilder::profile(const HostClass& host) {
  std::shared_ptr<const Profile>& profile = profiles_[host.profile.native()];
  if (profile == nullptr) {
    check_exists(host.profile, host.where, "profile",
                 fmt::format("kerf calibrate MODEL --as {} makes one on the machine it runs on", host.name));
    profile = std::make_shared<Profile>(read_profile(host.profile));
  }
  return profile;
}

std::shared_ptr<const SliceCosts> ProblemBuilder::costs(const std::string& file, std::size_t row) {
  std::shared_ptr<const SliceCosts>& costs = costs_[{file, row}];
  if (costs == nullptr) costs = std::make_shared<SliceCosts>(*profiles_.at(file), row);
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
