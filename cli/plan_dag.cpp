#include "cli/plan_dag.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/profile/profile.hpp"
#include "cli/load_model.hpp"
#include "cli/model_operators.hpp"
#include "models/cuts.hpp"

namespace kerf::cli {
namespace {

constexpr const char* kTimes =
    "block times, scaled to the whole model's and shared out among operators by multiply-adds and bytes";

const std::string& name_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)].name;
}

Graph model_of(const Scenario& scenario, const Profile& profile) {
  const bool is_file = !scenario.model.file.empty();
  if (!is_file && scenario.model.zoo.empty()) {
    throw Error(ErrorCode::kBadInput, scenario.file.string(), "--dag, and no model in the scenario",
                "the graph whose operators are to be placed", "name it: model.file or model.zoo");
  }
  return load_model(is_file ? scenario.model.file.string() : scenario.model.zoo, profile.input_shapes);
}

void check_cuts(const Scenario& scenario, const Profile& profile, const Chain& chain) {
  bool same = chain.cuts.size() == profile.cuts.size();
  for (std::size_t i = 0; same && i < chain.cuts.size(); ++i)
    same = chain.cuts[i].bytes == profile.cuts[i].bytes;
  if (same) return;
  throw Error(ErrorCode::kBadInput, scenario.hosts.front().where,
              fmt::format("{} has {} cuts that are not the model's {}",
                          scenario.hosts.front().profile.string(), profile.cuts.size(), chain.cuts.size()),
              "a profile of this very model", "calibrate again");
}

// How many operators each host of the row gets.
std::vector<int> operators_on(const GraphPlan& plan) {
  std::vector<int> counts(plan.hosts.size());
  for (const int place : plan.place) ++counts[static_cast<std::size_t>(place)];
  return counts;
}

double loss(const GraphPlan& plan) {
  return plan.latency > Seconds(0) ? plan.chain_latency / plan.latency - 1 : 0;
}

}  // namespace

std::optional<GraphPlan> plan_dag(const Scenario& scenario, const Problem& problem) {
  const Profile profile = read_profile(scenario.hosts.front().profile);
  const Graph graph = model_of(scenario, profile);
  const Chain chain = find_cuts(graph);
  check_cuts(scenario, profile, chain);
  return best_graph_plan(problem, operators_of(graph, chain, problem.batch));
}

nlohmann::ordered_json dag_json(const Problem& problem, const std::optional<GraphPlan>& found) {
  if (!found) return nullptr;
  nlohmann::ordered_json hosts = nlohmann::ordered_json::array();
  const std::vector<int> counts = operators_on(*found);
  for (std::size_t i = 0; i < counts.size(); ++i)
    hosts.push_back({{"host", name_of(problem, found->hosts[i])}, {"operators", counts[i]}});
  nlohmann::ordered_json json{{"latency_s", found->latency.value()},
                              {"lower_bound_s", found->lower_bound.value()},
                              {"exact", found->exact},
                              {"operators", found->place.size()},
                              {"hosts", std::move(hosts)},
                              {"place", found->place},
                              {"chain", nullptr},
                              {"chain_latency_s", nullptr},
                              {"chain_loses", nullptr},
                              {"times", kTimes}};
  if (found->chain) {
    json["chain"] = to_text(*found->chain, problem.host_names());
    json["chain_latency_s"] = found->chain_latency.value();
    json["chain_loses"] = loss(*found);
  }
  return json;
}

void print_dag(const Problem& problem, const std::optional<GraphPlan>& found) {
  if (!found) {
    fmt::print("\nNo partition of the operator graph is feasible.\n");
    return;
  }
  std::vector<std::string> parts;
  const std::vector<int> counts = operators_on(*found);
  for (std::size_t i = 0; i < counts.size(); ++i)
    parts.push_back(fmt::format("{} {}", name_of(problem, found->hosts[i]), counts[i]));
  fmt::print("\nOperator by operator ({} of them; {}):\n", found->place.size(), kTimes);
  fmt::print("    best partition  {:>8}  {}\n", format(found->latency), fmt::join(parts, ", "));
  if (found->chain) {
    fmt::print("    best chain      {:>8}  {}\n", format(found->chain_latency),
               to_text(*found->chain, problem.host_names()));
    if (found->chain_latency > found->latency) {
      fmt::print("A chain of cuts loses {:.2g} %.\n", 100 * loss(*found));
    } else {
      fmt::print("A chain of cuts loses nothing.\n");
    }
  }
  if (!found->exact) {
    fmt::print(
        "Tensors are handed on from host to host; sent past a host where a direct path is cheaper, no "
        "partition\ncould take less than {} (a bound, {:.2g} % below).\n",
        format(found->lower_bound), 100 * (1 - found->lower_bound / found->latency));
  }
}

}  // namespace kerf::cli
