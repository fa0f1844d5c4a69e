#include "cli/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "planner/search/goal.hpp"

namespace kerf::cli {
namespace {

using Row = std::vector<std::string>;

const std::string& name_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)].name;
}

std::string amount_text(Criterion criterion, double value) {
  switch (criterion) {
    case Criterion::kLatency:
    case Criterion::kPeriod:
      return format(Seconds(value));
    case Criterion::kEnergy:
      return format(Joules(value));
    case Criterion::kPrice:
      return fmt::format("{:.4g}", value);
  }
  return {};
}

std::string_view name_of(Criterion criterion) {
  switch (criterion) {
    case Criterion::kLatency:
      return "latency";
    case Criterion::kEnergy:
      return "energy";
    case Criterion::kPrice:
      return "price";
    case Criterion::kPeriod:
      return "period";
  }
  return {};
}

double value_of(const Problem& problem, const PlanCost& cost, Criterion criterion) {
  if (criterion == Criterion::kPeriod) return Stations(problem).period(cost.plan).value();
  return values_of({criterion}, cost, nullptr).front();
}

// What besides the latency the objective and the constraints speak of.
std::vector<Criterion> other_criteria(const Problem& problem) {
  std::vector<Criterion> others = Goal::of(problem).criteria;
  if (problem.energy) others.push_back(Criterion::kEnergy);
  if (problem.price) others.push_back(Criterion::kPrice);
  std::sort(others.begin(), others.end());
  others.erase(std::unique(others.begin(), others.end()), others.end());
  std::erase(others, Criterion::kLatency);
  return others;
}

// The first level of the objective: what the ranking is by in the first place.
double first_rank(const Problem& problem, const PlanCost& cost) {
  const Goal goal = Goal::of(problem);
  const Stations stations(problem);
  return goal.rank(values_of(goal.criteria, cost, &stations))[0];
}

// "+12 %", or the difference where the best is nothing.
std::string excess(const Problem& problem, const PlanCost& cost, const PlanCost& best) {
  const double mine = first_rank(problem, cost);
  const double least = first_rank(problem, best);
  if (!(least > 0)) return fmt::format("+{:.3g}", mine - least);
  const double percent = 100 * (mine / least - 1);
  return percent < 10 ? fmt::format("+{:.2g} %", percent) : fmt::format("+{:.0f} %", percent);
}

bool returns(const Problem& problem, const PlanCost& cost) {
  return problem.workload.return_result && cost.plan.stages.back().host != problem.source;
}

Seconds way_back(const Problem& problem, const PlanCost& cost) {
  return returns(problem, cost) ? cost.transfers.back().seconds : Seconds{};
}

// Columns as wide as their widest cell; the first `texts` are text, the others numbers.
void print_table(const std::vector<Row>& rows, std::size_t texts) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line +=
          i < texts ? fmt::format("  {:<{}}", row[i], widths[i]) : fmt::format("  {:>{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

void print_ranking(const Problem& problem, const std::vector<PlanCost>& plans,
                   const std::vector<Criterion>& others, bool ranked) {
  Row header{"", "plan", "latency", "compute", "send", "return"};
  for (const Criterion criterion : others) header.emplace_back(name_of(criterion));
  if (ranked) header.emplace_back("over best");
  std::vector<Row> rows{header};
  for (const PlanCost& cost : plans) {
    const Seconds back = way_back(problem, cost);
    Row row{fmt::format("{}", rows.size()), to_text(cost.plan, problem.host_names()),
            format(cost.latency),           format(cost.compute),
            format(cost.transfer - back),   format(back)};
    for (const Criterion criterion : others) {
      row.push_back(amount_text(criterion, value_of(problem, cost, criterion)));
    }
    if (ranked) row.push_back(rows.size() == 1 ? "" : excess(problem, cost, plans.front()));
    rows.push_back(std::move(row));
  }
  print_table(rows, 2);
}

// Step by step: who computes how long, what is sent where.
void print_breakdown(const Problem& problem, const PlanCost& best) {
  std::vector<Row> rows;
  const auto share = [&](Seconds time) {
    return best.latency > Seconds{} ? fmt::format("{:.0f} %", 100 * (time / best.latency)) : std::string();
  };
  const auto add_transfer = [&](const TransferCost& sent, std::string_view what) {
    rows.push_back({fmt::format("{} -> {}", name_of(problem, sent.from), name_of(problem, sent.to)),
                    std::string(what), format(sent.seconds), share(sent.seconds), format(sent.bytes)});
  };
  std::size_t sent = 0;
  int at = problem.source;
  for (const SliceCost& slice : best.slices) {
    if (slice.stage.host != at) add_transfer(best.transfers[sent++], "send");
    at = slice.stage.host;
    rows.push_back(
        {fmt::format("{} {}-{}", name_of(problem, at), slice.stage.first_block, slice.stage.last_block),
         "compute", format(slice.seconds), share(slice.seconds), ""});
  }
  if (returns(problem, best)) add_transfer(best.transfers.back(), "return");
  fmt::print("\nWhere the time of the best goes:\n");
  print_table(rows, 2);
}

void print_one_host(const Problem& problem, const PlanCost& best, const std::vector<PlanCost>& one_host) {
  fmt::print("\nAll on one host:\n");
  std::vector<Row> rows{{"", "host", "latency", "the best saves"}};
  for (const PlanCost& cost : one_host) {
    const Seconds saved = cost.latency - best.latency;
    rows.push_back({"", name_of(problem, cost.plan.stages.front().host), format(cost.latency),
                    saved > Seconds{}
                        ? fmt::format("{} ({:.0f} %)", format(saved), 100 * (saved / cost.latency))
                        : "nothing"});
  }
  if (rows.size() > 1) print_table(rows, 2);
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
// more holds a cut where there is any. Of a chain too long to rank nothing is said.
void print_verdict(const Problem& problem, const PlanCost& best) {
  if (best.plan.stages.size() > 1) return;
  const int enough = static_cast<int>(problem.hosts.size()) + 1;
  std::vector<PlanCost> sequences;
  try {
    sequences = best_plans(problem, {.top = enough, .one_per_host_sequence = true}).plans;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kLimit) throw;
    return;
  }
  const auto cut = std::find_if(sequences.begin(), sequences.end(),
                                [](const PlanCost& cost) { return cost.plan.stages.size() > 1; });
  const std::string& host = name_of(problem, best.plan.stages.front().host);
  if (cut == sequences.end()) {
    fmt::print("\nNo cut: everything on {} is best here, and no cut is feasible.\n", host);
  } else {
    fmt::print("\nNo cut: everything on {} is best here; the best cut ({}) costs {} more.\n", host,
               to_text(cut->plan, problem.host_names()), excess(problem, *cut, best).substr(1));
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

void print_title(const Problem& problem) {
  fmt::print("{}: {}, {} blocks\n\n", problem.name, problem.model, problem.blocks);
}

// "energy", "1 x latency + 2 x energy, then price".
std::string objective_text(const Problem& problem) {
  std::string text;
  for (const auto& level : problem.objective.minimize) {
    if (!text.empty()) text += ", then ";
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (i > 0) text += " + ";
      if (level.size() > 1) text += fmt::format("{:.4g} x ", level[i].weight);
      text += name_of(level[i].criterion);
    }
  }
  return text.empty() ? "latency" : text;
}

}  // namespace

void print_plans(const Problem& problem, const std::vector<PlanCost>& plans) {
  const PlanCost& best = plans.front();
  const std::string objective = objective_text(problem);
  print_title(problem);
  if (objective != "latency") fmt::print("Ranked by {}.\n\n", objective);
  print_ranking(problem, plans, other_criteria(problem), true);
  if (plans.size() > 1) {
    fmt::print("\nThe runner-up loses {}.\n", excess(problem, plans[1], best).substr(1));
  }
  print_breakdown(problem, best);
  print_one_host(problem, best, one_host_plans(problem));
  print_verdict(problem, best);
  print_limits(problem, best);
}

void print_front(const Problem& problem, const std::vector<PlanCost>& plans,
                 const std::vector<Criterion>& criteria) {
  std::vector<Criterion> others = criteria;
  std::erase(others, Criterion::kLatency);
  print_title(problem);
  fmt::print("{} plan{} that no other betters in {} without losing elsewhere:\n\n", plans.size(),
             plans.size() == 1 ? "" : "s", fmt::join(names_of(criteria), ", "));
  print_ranking(problem, plans, others, false);
}

std::vector<std::string> names_of(const std::vector<Criterion>& criteria) {
  std::vector<std::string> names;
  for (const Criterion criterion : criteria) names.emplace_back(name_of(criterion));
  return names;
}

}  // namespace kerf::cli
