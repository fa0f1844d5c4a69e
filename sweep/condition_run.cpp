#include "sweep/condition_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/error.hpp"
#include "planner/search/search.hpp"
#include "sim/simulator.hpp"

namespace kerf {
namespace {

// The bound and the simulated value add the same numbers in another order: only a bound that is higher by
// more than rounding rules a plan out.
constexpr double kRounding = 1e-9;

std::vector<int> to_scenario_hosts(const Scenario& scenario, const Problem& problem) {
  std::vector<int> index;
  for (const ProblemHost& host : problem.hosts) {
    const auto same = [&](const HostClass& known) { return known.name == host.name; };
    index.push_back(static_cast<int>(std::ranges::find_if(scenario.hosts, same) - scenario.hosts.begin()));
  }
  return index;
}

Plan translated(const Plan& plan, std::span<const int> hosts) {
  Plan result = plan;
  for (Stage& stage : result.stages) stage.host = hosts[static_cast<std::size_t>(stage.host)];
  return result;
}

Outcome closed_form_outcome(const Problem& problem, const PlanCost& cost) {
  Outcome outcome;
  outcome.mean = outcome.p50 = outcome.p95 = outcome.p99 = outcome.max = cost.latency;
  outcome.throughput = PerSecond(cost.latency > Seconds(0) ? 1 / cost.latency.value() : 0);
  for (const TransferCost& transfer : cost.transfers) outcome.bytes_sent += transfer.bytes;
  outcome.energy = cost.energy;
  outcome.requests = problem.workload.requests;
  return outcome;
}

}  // namespace

const char* to_string(RowStatus status) {
  switch (status) {
    case RowStatus::kClosedForm:
      return "closed form";
    case RowStatus::kSimulated:
      return "simulated";
    case RowStatus::kRuledOut:
      return "ruled out";
  }
  return "";
}

Seconds statistic(const Outcome& outcome, const Objective& objective) {
  switch (objective.latency) {
    case Statistic::kMean:
      return outcome.mean;
    case Statistic::kP50:
      return outcome.p50;
    case Statistic::kP95:
      return outcome.p95;
    case Statistic::kP99:
      return outcome.p99;
  }
  return outcome.mean;
}

Seconds SweepRow::value(const Objective& objective) const {
  return status == RowStatus::kRuledOut ? bound : statistic(outcome, objective);
}

bool is_unloaded(const Scenario& scenario) {
  return scenario.workload.arrivals == Arrivals::kSingle && scenario.objective.latency == Statistic::kMean;
}

std::vector<PlanCost> considered_plans(const Scenario& scenario, const Problem& problem) {
  if (scenario.sweep.plans.empty()) return candidates(problem, scenario.sweep.candidates);
  std::vector<PlanCost> plans;
  for (const std::string& text : scenario.sweep.plans) {
    try {
      PlanCost cost = cost_of(problem, parse_plan(text, problem.host_names(), problem.blocks));
      if (const std::string broken = violation(problem, cost.plan); !broken.empty())
        throw Error(ErrorCode::kBadInput, text, "breaks a constraint: " + broken);
      const auto same = [&](const PlanCost& known) { return known.plan == cost.plan; };
      if (std::ranges::none_of(plans, same)) plans.push_back(std::move(cost));
    } catch (const Error& error) {
      throw Error(ErrorCode::kBadInput, scenario.sweep.plans_where,
                  fmt::format("sweep.plans: {}: {}", error.where(), error.found()), error.expected(),
                  error.hint());
    }
  }
  return plans;
}

std::vector<SweepRow> run_condition(const Scenario& scenario, const Problem& problem,
                                    const Simulate& simulate) {
  const std::vector<PlanCost> plans = considered_plans(scenario, problem);
  const std::vector<int> hosts = to_scenario_hosts(scenario, problem);
  const bool unloaded = is_unloaded(scenario);

  struct Candidate {
    const PlanCost* cost;
    Seconds bound;
  };
  std::vector<Candidate> order;
  for (const PlanCost& cost : plans) {
    order.push_back(
        {&cost, unloaded ? cost.latency : statistic(lower_bound(problem, cost.plan), scenario.objective)});
  }
  std::ranges::sort(order, [](const Candidate& a, const Candidate& b) {
    return a.bound != b.bound ? a.bound < b.bound : a.cost->plan < b.cost->plan;
  });

  std::vector<SweepRow> rows;
  Seconds best(std::numeric_limits<double>::infinity());
  for (const Candidate& candidate : order) {
    SweepRow row;
    row.candidate = static_cast<int>(rows.size());
    row.plan = translated(candidate.cost->plan, hosts);
    row.bound = candidate.bound;
    if (unloaded) {
      row.status = RowStatus::kClosedForm;
      row.outcome = closed_form_outcome(problem, *candidate.cost);
    } else if (scenario.sweep.plans.empty() && candidate.bound * (1 - kRounding) > best) {
      row.status = RowStatus::kRuledOut;
    } else {
      row.status = RowStatus::kSimulated;
      row.outcome = simulate(problem, candidate.cost->plan);
      best = std::min(best, statistic(row.outcome, scenario.objective));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

int winner(std::span<const SweepRow> rows, const Objective& objective) {
  int best = -1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].status == RowStatus::kRuledOut) continue;
    if (best >= 0) {
      const SweepRow& leader = rows[static_cast<std::size_t>(best)];
      const Seconds value = rows[i].value(objective);
      const Seconds least = leader.value(objective);
      if (value > least || (value == least && leader.plan < rows[i].plan)) continue;
    }
    best = static_cast<int>(i);
  }
  return best;
}

std::string pack(std::span<const SweepRow> rows) {
  std::string bytes;
  const auto put = [&](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  put(static_cast<std::uint64_t>(rows.size()));
  for (const SweepRow& row : rows) {
    put(row.candidate);
    put(row.status);
    put(row.bound);
    put(row.outcome);
    put(static_cast<std::uint64_t>(row.plan.stages.size()));
    for (const Stage& stage : row.plan.stages) put(stage);
  }
  return bytes;
}

std::vector<SweepRow> unpack(const std::string& packed) {
  std::size_t at = 0;
  const auto get = [&](auto& value) {
    if (packed.size() - at < sizeof value) throw Error(ErrorCode::kBug, "a worker's result", "is too short");
    std::memcpy(&value, packed.data() + at, sizeof value);
    at += sizeof value;
  };
  std::uint64_t count = 0;
  get(count);
  std::vector<SweepRow> rows(count);
  for (SweepRow& row : rows) {
    get(row.candidate);
    get(row.status);
    get(row.bound);
    get(row.outcome);
    std::uint64_t stages = 0;
    get(stages);
    row.plan.stages.resize(stages);
    for (Stage& stage : row.plan.stages) get(stage);
  }
  return rows;
}

}  // namespace kerf
