#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
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
#include "planner/search/search.hpp"
#include "scenarios/problem.hpp"

namespace kerf::cli {
namespace {

struct PlanArguments {
  std::string scenario;
  std::vector<std::string> settings;
  int top = 5;
  bool dag = false;
  bool json = false;
};

using Json = nlohmann::ordered_json;

const std::string& name_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)].name;
}

Json plan_json(const Problem& problem, const PlanCost& cost, int rank) {
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
          {"slices", std::move(slices)},
          {"transfers", std::move(transfers)}};
}

Json answer_json(const Problem& problem, const SearchResult& found) {
  Json plans = Json::array();
  for (const PlanCost& cost : found.plans) {
    plans.push_back(plan_json(problem, cost, static_cast<int>(plans.size()) + 1));
  }
  return {{"feasible", !found.plans.empty()},
          {"infeasible_because", found.infeasible_because},
          {"plans", std::move(plans)}};
}

// How much more `cost` takes than `best`: "+12 %".
std::string excess(const PlanCost& cost, const PlanCost& best) {
  if (!(best.latency > Seconds{})) return "+" + format(cost.latency - best.latency);
  const double percent = 100 * (cost.latency / best.latency - 1);
  return percent < 10 ? fmt::format("+{:.2g} %", percent) : fmt::format("+{:.0f} %", percent);
}

Seconds way_back(const Problem& problem, const PlanCost& cost) {
  const bool returns = problem.workload.return_result && cost.plan.stages.back().host != problem.source;
  return returns ? cost.transfers.back().seconds : Seconds{};
}

// Columns as wide as their widest cell; the first two are text, the others numbers.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i < 2 ? fmt::format("  {:<{}}", row[i], widths[i]) : fmt::format("  {:>{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

void print_ranking(const Problem& problem, const std::vector<PlanCost>& plans) {
  std::vector<std::vector<std::string>> rows{
      {"", "plan", "latency", "compute", "send", "return", "over best"}};
  for (const PlanCost& cost : plans) {
    const Seconds back = way_back(problem, cost);
    rows.push_back({fmt::format("{}", rows.size()), to_text(cost.plan, problem.host_names()),
                    format(cost.latency), format(cost.compute), format(cost.transfer - back), format(back),
                    rows.size() == 1 ? "" : excess(cost, plans.front())});
  }
  print_table(rows);
}

void print_one_host(const Problem& problem, const PlanCost& best, const std::vector<PlanCost>& one_host) {
  fmt::print("\nAll on one host:\n");
  std::vector<std::vector<std::string>> rows{{"", "host", "latency", "the best saves"}};
  for (const PlanCost& cost : one_host) {
    const Seconds saved = cost.latency - best.latency;
    rows.push_back({"", name_of(problem, cost.plan.stages.front().host), format(cost.latency),
                    saved > Seconds{}
                        ? fmt::format("{} ({:.0f} %)", format(saved), 100 * (saved / cost.latency))
                        : "nothing"});
  }
  if (rows.size() > 1) print_table(rows);
  for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
    const bool listed = std::any_of(one_host.begin(), one_host.end(), [&](const PlanCost& cost) {
      return cost.plan.stages.front().host == host;
    });
    if (listed) continue;
    const std::string why = violation(problem, {{{host, 0, problem.blocks - 1}}});
    fmt::print("    {}: not feasible, {}\n", name_of(problem, host),
               why.empty() ? "it has no finite time" : why);
  }
}

// Whether to cut at all: the question people come with. Every host alone is one sequence, so the best of one
// more holds a cut where there is any.
void print_verdict(const Problem& problem, const PlanCost& best) {
  const int enough = static_cast<int>(problem.hosts.size()) + 1;
  const std::vector<PlanCost> sequences =
      best_plans(problem, {.top = enough, .one_per_host_sequence = true}).plans;
  if (best.plan.stages.size() > 1) return;
  const auto cut = std::find_if(sequences.begin(), sequences.end(),
                                [](const PlanCost& cost) { return cost.plan.stages.size() > 1; });
  const std::string& host = name_of(problem, best.plan.stages.front().host);
  if (cut == sequences.end()) {
    fmt::print("\nNo cut: everything on {} is best here, and no cut is feasible.\n", host);
  } else {
    fmt::print("\nNo cut: everything on {} is best here; the best cut ({}) costs {} more.\n", host,
               to_text(cut->plan, problem.host_names()), excess(*cut, best).substr(1));
  }
}

std::string devices_text(const Problem& problem) {
  return problem.devices() == 1 ? "1 device" : fmt::format("{} devices", problem.devices());
}

std::string load_text(const Problem& problem) {
  const Workload& workload = problem.workload;
  switch (workload.arrivals) {
    case Arrivals::kSingle:
      return {};
    case Arrivals::kClosed:
      return fmt::format("{} in flight from each of {}", workload.in_flight, devices_text(problem));
    case Arrivals::kPeriodic:
    case Arrivals::kPoisson:
      break;
  }
  return fmt::format("{} {} from each of {}",
                     workload.arrivals == Arrivals::kPoisson ? "poisson" : "periodic", format(workload.rate),
                     devices_text(problem));
}

std::string_view percentile_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::kMean:
      return {};
    case Statistic::kP50:
      return "p50";
    case Statistic::kP95:
      return "p95";
    case Statistic::kP99:
      return "p99";
  }
  return {};
}

// What this ranking leaves out of what the scenario asks for.
void print_limits(const Problem& problem, const PlanCost& best) {
  if (const std::string load = load_text(problem); !load.empty()) {
    fmt::print(
        "\nThis is a lone request; the scenario's load ({}) is not in it. kerf simulate and kerf sweep "
        "queue.\n",
        load);
    const SearchResult stable = best_plans(problem, {.top = 1, .stable_only = true});
    if (stable.plans.empty()) {
      fmt::print("No plan can keep up with that load.\n");
    } else if (stable.plans.front().plan != best.plan) {
      fmt::print("The best plan cannot keep up with that load; the best that may is {} ({}).\n",
                 to_text(stable.plans.front().plan, problem.host_names()),
                 format(stable.plans.front().latency));
    }
  }
  if (const std::string_view percentile = percentile_of(problem.objective.latency); !percentile.empty()) {
    fmt::print("The ranking is by the mean latency, not by the {} that the scenario asks for.\n", percentile);
  }
}

void print_text(const Problem& problem, const std::vector<PlanCost>& plans) {
  const PlanCost& best = plans.front();
  fmt::print("{}: {}, {} blocks\n\n", problem.name, problem.model, problem.blocks);
  print_ranking(problem, plans);
  print_one_host(problem, best, one_host_plans(problem));
  print_verdict(problem, best);
  print_limits(problem, best);
}

void plan(const PlanArguments& arguments) {
  ScenarioFile file{std::filesystem::path(arguments.scenario)};
  for (const std::string& setting : arguments.settings) file.set(setting);
  const Scenario scenario = file.bind();
  const std::shared_ptr<const Problem> problem = ProblemBuilder().build(scenario);
  check_model(scenario);
  const SearchResult found = best_plans(*problem, {.top = arguments.top});
  std::optional<GraphPlan> dag;
  if (arguments.dag && !found.plans.empty()) dag = plan_dag(scenario, *problem);
  if (arguments.json) {
    Json answer = answer_json(*problem, found);
    if (arguments.dag) answer["dag"] = dag_json(*problem, dag);
    fmt::print("{}\n", answer.dump(2));
  }
  if (found.plans.empty()) {
    throw Error(ErrorCode::kInfeasible, arguments.scenario,
                fmt::format("no plan is feasible: {}", fmt::join(found.infeasible_because, "; ")));
  }
  if (arguments.json) return;
  print_text(*problem, found.plans);
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
  command->add_flag("--json", arguments->json, "For programs: finite numbers at full precision");
  command->callback([arguments] { plan(*arguments); });
}

}  // namespace kerf::cli
