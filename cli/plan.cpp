#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/check_model.hpp"
#include "cli/command.hpp"
#include "cli/plan_dag.hpp"
#include "cli/plan_text.hpp"
#include "planner/search/search.hpp"
#include "planner/search/stations.hpp"
#include "scenarios/problem.hpp"

namespace kerf::cli {
namespace {

struct PlanArguments {
  std::string scenario;
  std::vector<std::string> settings;
  int top = 5;
  bool dag = false;
  bool json = false;
  std::string pareto;
};

using Json = nlohmann::ordered_json;

const std::string& name_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)].name;
}

Json plan_json(const Problem& problem, const Stations& stations, const PlanCost& cost, int rank) {
  Json slices = Json::array();
  for (const SliceCost& slice : cost.slices) {
    slices.push_back({{"host", name_of(problem, slice.stage.host)},
                      {"first_block", slice.stage.first_block},
                      {"last_block", slice.stage.last_block},
                      {"seconds", slice.seconds.value()}});
  }
  Json transfers = Json::array();
  for (const TransferCost& transfer : cost.transfers) {
    transfers.push_back({{"from", name_of(problem, transfer.from)},
                         {"to", name_of(problem, transfer.to)},
                         {"bytes", transfer.bytes.value()},
                         {"seconds", transfer.seconds.value()},
                         {"codec", "raw"}});
  }
  return {{"rank", rank},
          {"plan", to_text(cost.plan, problem.host_names())},
          {"latency_s", cost.latency.value()},
          {"compute_s", cost.compute.value()},
          {"transfer_s", cost.transfer.value()},
          {"energy_j", cost.energy.value()},
          {"price", cost.price},
          {"period_s", stations.period(cost.plan).value()},
          {"slices", std::move(slices)},
          {"transfers", std::move(transfers)}};
}

Json answer_json(const Problem& problem, const SearchResult& found, const std::vector<Criterion>& criteria) {
  const Stations stations(problem);
  const auto array_of = [&](const std::vector<PlanCost>& costs) {
    Json plans = Json::array();
    for (const PlanCost& cost : costs) {
      plans.push_back(plan_json(problem, stations, cost, static_cast<int>(plans.size()) + 1));
    }
    return plans;
  };
  Json all{{"feasible", !found.plans.empty()},
           {"infeasible_because", found.infeasible_because},
           {"plans", array_of(found.plans)}};
  if (criteria.empty()) {
    all["one_host"] = array_of(one_host_plans(problem));
  } else {
    all["pareto"] = names_of(criteria);
  }
  return all;
}

// "latency,energy": two or three of them, each once.
std::vector<Criterion> criteria_of(const std::string& text) {
  constexpr std::string_view kExpected = "two or three of latency, energy, price and throughput";
  const std::vector<std::string> known{"latency", "energy", "price", "throughput"};
  constexpr std::array kCriteria{Criterion::kLatency, Criterion::kEnergy, Criterion::kPrice,
                                 Criterion::kPeriod};
  std::vector<Criterion> criteria;
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string name(rest.substr(0, comma));
    const auto found = std::find(known.begin(), known.end(), name == "period" ? "throughput" : name);
    if (found == known.end()) {
      const std::string near = nearest(name, known);
      throw Error(ErrorCode::kUsage, "--pareto", fmt::format("\"{}\"", name), std::string(kExpected),
                  near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
    }
    const Criterion criterion = kCriteria[static_cast<std::size_t>(found - known.begin())];
    if (std::find(criteria.begin(), criteria.end(), criterion) != criteria.end()) {
      throw Error(ErrorCode::kUsage, "--pareto", fmt::format("{} twice", name), std::string(kExpected));
    }
    criteria.push_back(criterion);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (criteria.size() < 2 || criteria.size() > 3) {
    throw Error(ErrorCode::kUsage, "--pareto", fmt::format("\"{}\"", text), std::string(kExpected));
  }
  return criteria;
}

void plan(const PlanArguments& arguments) {
  const std::vector<Criterion> criteria =
      arguments.pareto.empty() ? std::vector<Criterion>() : criteria_of(arguments.pareto);
  ScenarioFile file{std::filesystem::path(arguments.scenario)};
  for (const std::string& setting : arguments.settings) file.set(setting);
  const Scenario scenario = file.bind();
  const std::shared_ptr<const Problem> problem = ProblemBuilder().build(scenario);
  check_model(scenario);
  const SearchResult found =
      criteria.empty() ? best_plans(*problem, {.top = arguments.top}) : pareto_front(*problem, criteria);
  std::optional<GraphPlan> dag;
  if (arguments.dag && !found.plans.empty()) dag = plan_dag(scenario, *problem);
  if (arguments.json) {
    Json answer = answer_json(*problem, found, criteria);
    if (arguments.dag) answer["dag"] = dag_json(*problem, dag);
    fmt::print("{}\n", answer.dump(2));
  }
  if (found.plans.empty()) {
    throw Error(ErrorCode::kInfeasible, arguments.scenario,
                fmt::format("no plan is feasible: {}", fmt::join(found.infeasible_because, "; ")));
  }
  if (arguments.json) return;
  if (criteria.empty()) {
    print_plans(*problem, found.plans);
  } else {
    print_front(*problem, found.plans, criteria);
  }
  if (arguments.dag) print_dag(*problem, dag);
}

}  // namespace

void add_plan(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("plan", "Rank the ways to cut a scenario's model, for a lone request");
  const auto arguments = std::make_shared<PlanArguments>();
  command->add_option("scenario", arguments->scenario, "The scenario file")->required();
  command->add_option("--set", arguments->settings, "KEY=VALUE: overrides the scenario; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--top", arguments->top, "How many plans to list")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--dag", arguments->dag,
                    "Also the best partition of the operator graph, and what a chain of cuts loses to it");
  command->add_option(
      "--pareto", arguments->pareto,
      "Two or three of latency,energy,price,throughput: every plan that no other betters in one "
      "without losing in another");
  command->add_flag("--json", arguments->json, "For programs: finite numbers at full precision");
  command->callback([arguments] { plan(*arguments); });
}

}  // namespace kerf::cli
