#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/check_model.hpp"
#include "cli/command.hpp"
#include "cli/plan_flag.hpp"
#include "planner/search/cost.hpp"
#include "planner/search/search.hpp"
#include "scenarios/problem.hpp"
#include "sim/simulator.hpp"

namespace kerf::cli {
namespace {

struct SimulateArguments {
  std::string scenario;
  std::vector<std::string> settings;
  std::string plan = "best";
  std::string timeline;
  bool json = false;
};

// All that is said about one plan.
struct Simulated {
  PlanCost unloaded;
  std::string violation;  // "" where the plan keeps every constraint
  Outcome bound;          // the same requests, each alone
  Outcome outcome;
  std::vector<RequestRecord> records;

  // Of the mean latency: queues for workers, and links shared with other transfers.
  [[nodiscard]] double waiting_share() const {
    return outcome.mean > Seconds{} ? 1 - bound.mean / outcome.mean : 0;
  }
};

Plan chosen_plan(const Problem& problem, const SimulateArguments& arguments) {
  if (arguments.plan != "best") return parse_plan_flag(arguments.plan, problem);
  SearchResult found = best_plans(problem, {.top = 1});
  if (found.plans.empty()) {
    throw Error(ErrorCode::kInfeasible, arguments.scenario,
                fmt::format("no plan is feasible: {}", fmt::join(found.infeasible_because, "; or ")));
  }
  return std::move(found.plans.front().plan);
}

Simulated simulate_plan(const Problem& problem, const Plan& plan) {
  Simulated simulated{.unloaded = cost_of(problem, plan),
                      .violation = violation(problem, plan),
                      .bound = lower_bound(problem, plan),
                      .outcome = {},
                      .records = {}};
  simulated.outcome = Simulator(problem).run(problem, plan, &simulated.records);
  return simulated;
}

void print_json(const Problem& problem, const std::string& scenario_hash, const Simulated& simulated) {
  const Outcome& outcome = simulated.outcome;
  const PlanCost& unloaded = simulated.unloaded;
  const nlohmann::ordered_json all{{"scenario", problem.name},
                                   {"scenario_hash", scenario_hash},
                                   {"model", problem.model},
                                   {"model_hash", problem.model_hash},
                                   {"plan", to_text(unloaded.plan, problem.host_names())},
                                   {"violation", simulated.violation},
                                   {"unloaded",
                                    {{"latency_s", unloaded.latency.value()},
                                     {"compute_s", unloaded.compute.value()},
                                     {"transfer_s", unloaded.transfer.value()},
                                     {"energy_j", unloaded.energy.value()}}},
                                   {"requests", outcome.requests},
                                   {"mean_s", outcome.mean.value()},
                                   {"mean_half_width", outcome.mean_half_width},
                                   {"p50_s", outcome.p50.value()},
                                   {"p95_s", outcome.p95.value()},
                                   {"p99_s", outcome.p99.value()},
                                   {"max_s", outcome.max.value()},
                                   {"bound_mean_s", simulated.bound.mean.value()},
                                   {"waiting_share", simulated.waiting_share()},
                                   {"throughput_per_s", outcome.throughput.value()},
                                   {"bytes_sent", outcome.bytes_sent.value()},
                                   {"energy_j", outcome.energy.value()}};
  fmt::print("{}\n", all.dump(2));
}

std::string load_text(const Problem& problem) {
  const Workload& workload = problem.workload;
  const std::string from = fmt::format("from each of {} devices", problem.devices());
  switch (workload.arrivals) {
    case Arrivals::kSingle:
      return "one request at a time, from one device";
    case Arrivals::kClosed:
      return fmt::format("{} in flight {}", workload.in_flight, from);
    case Arrivals::kPeriodic:
      return fmt::format("periodic, {} {}", format(workload.rate), from);
    case Arrivals::kPoisson:
      return fmt::format("poisson, {} {}", format(workload.rate), from);
  }
  return {};
}

bool open(const Workload& workload) {
  return workload.arrivals == Arrivals::kPeriodic || workload.arrivals == Arrivals::kPoisson;
}

// Answers fall behind arrivals, and the last quarter of the requests takes twice as long as the first.
bool falls_behind(const Problem& problem, const Simulated& simulated) {
  const PerSecond offered = problem.workload.rate * problem.devices();
  if (!open(problem.workload) || simulated.outcome.throughput > offered * 0.95) return false;
  std::vector<std::pair<Seconds, Seconds>> requests;  // arrived, latency
  for (const RequestRecord& record : simulated.records) requests.emplace_back(record.arrived, record.latency);
  std::sort(requests.begin(), requests.end());
  const std::size_t quarter = requests.size() / 4;
  Seconds first, last;
  for (std::size_t i = 0; i < quarter; ++i) {
    first += requests[i].second;
    last += requests[requests.size() - 1 - i].second;
  }
  return last > first * 2;
}

void print_text(const Problem& problem, const Simulated& simulated) {
  const Outcome& outcome = simulated.outcome;
  const PlanCost& unloaded = simulated.unloaded;
  const Workload& workload = problem.workload;
  const auto line = [](const char* name, const std::string& value, const std::string& remark) {
    fmt::print("  {:<11}{:>11}{}{}\n", name, value, remark.empty() ? "" : "   ", remark);
  };
  fmt::print("{}: {}, {} blocks\n", problem.name, problem.model, problem.blocks);
  fmt::print("plan {}\n", to_text(unloaded.plan, problem.host_names()));
  fmt::print("load {}; {} requests a device", load_text(problem), workload.requests);
  fmt::print("{}\n\n", workload.warmup > 0 ? fmt::format(" after {} of warm-up", workload.warmup) : "");

  line("unloaded", format(unloaded.latency),
       fmt::format("{} of compute, {} of transfers", format(unloaded.compute), format(unloaded.transfer)));
  line("mean", format(outcome.mean), fmt::format("+- {:.2g} %", 100 * outcome.mean_half_width));
  line("p50", format(outcome.p50), "");
  line("p95", format(outcome.p95), "");
  line("p99", format(outcome.p99), "");
  line("max", format(outcome.max), "");
  line("waiting", fmt::format("{:.0f} %", 100 * simulated.waiting_share()),
       "of the mean: queues for workers, and links shared with other transfers");
  line("throughput", format(outcome.throughput), "");
  line("sent", format(outcome.bytes_sent), "a request, answer included");
  if (outcome.energy > Joules{}) line("energy", format(outcome.energy), "a request");

  if (!simulated.violation.empty()) {
    fmt::print("\nThis plan breaks a constraint: {}.\n", simulated.violation);
  }
  if (falls_behind(problem, simulated)) {
    fmt::print(
        "\nThis plan cannot keep up with the load: the longer it lasts, the longer requests wait. The "
        "figures "
        "above are of {} requests only.\n",
        outcome.requests);
    const SearchResult stable = best_plans(problem, {.top = 1, .stable_only = true});
    if (!stable.plans.empty() && stable.plans.front().plan != unloaded.plan) {
      fmt::print("One that may keep up: {}.\n", to_text(stable.plans.front().plan, problem.host_names()));
    }
  }
}

// By arrival; warm-up included and marked.
std::string timeline_csv(std::vector<RequestRecord> records) {
  std::sort(records.begin(), records.end(), [](const RequestRecord& a, const RequestRecord& b) {
    return std::tuple(a.arrived, a.device, a.request) < std::tuple(b.arrived, b.device, b.request);
  });
  std::string csv = "device,request,arrived_s,answered_s,latency_s,warmup\n";
  for (const RequestRecord& record : records) {
    csv += fmt::format("{},{},{},{},{},{}\n", record.device, record.request,
                       format_exact(record.arrived.value()), format_exact(record.answered.value()),
                       format_exact(record.latency.value()), record.counts ? 0 : 1);
  }
  return csv;
}

void simulate(const SimulateArguments& arguments) {
  ScenarioFile file{std::filesystem::path(arguments.scenario)};
  for (const std::string& setting : arguments.settings) file.set(setting);
  const Scenario scenario = file.bind();
  const std::shared_ptr<const Problem> problem = ProblemBuilder().build(scenario);
  check_model(scenario);
  const Simulated simulated = simulate_plan(*problem, chosen_plan(*problem, arguments));
  if (!arguments.timeline.empty()) write_file(arguments.timeline, timeline_csv(simulated.records));
  if (arguments.json) {
    print_json(*problem, scenario.text_hash, simulated);
  } else {
    print_text(*problem, simulated);
  }
}

}  // namespace

void add_simulate(CLI::App& app) {
  CLI::App* command = app.add_subcommand("simulate", "Simulate one plan under a scenario's load");
  const auto arguments = std::make_shared<SimulateArguments>();
  command->add_option("scenario", arguments->scenario, "The scenario file")->required();
  command->add_option("--set", arguments->settings, "KEY=VALUE: overrides the scenario; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--plan", arguments->plan,
                   "camera:0-12,edge:13-40, or best: the one that kerf plan ranks first")
      ->capture_default_str();
  command->add_option("--timeline", arguments->timeline, "Write every request's dates to this CSV file");
  command->add_flag("--json", arguments->json, "For programs: finite numbers at full precision");
  command->callback([arguments] { simulate(*arguments); });
}

}  // namespace kerf::cli
