#include "sweep/regret.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/error.hpp"
#include "planner/search/cost.hpp"
#include "planner/search/search.hpp"

namespace kerf {
namespace {

double excess(Seconds value, Seconds best) {
  return best > Seconds(0) ? std::max(0.0, value / best - 1) : 0;
}

bool has_routes(const Problem& problem, const Plan& plan) {
  int at = problem.source;
  for (const Stage& stage : plan.stages) {
    if (!problem.path(at, stage.host)) return false;
    at = stage.host;
  }
  return !problem.workload.return_result || problem.path(at, problem.source).has_value();
}

}  // namespace

AskedTable::AskedTable(const PolicyContent& content, int blocks) {
  const std::string bytes = encode_policy(content);
  if (policy_.open(bytes.data(), bytes.size()) != PolicyStatus::kOk)
    throw Error(ErrorCode::kBug, "policy table", "a table that was just written", "one that opens");
  for (std::size_t plan = 0; plan < policy_.plans(); ++plan)
    plans_.push_back(parse_plan(policy_.plan_text(plan), content.hosts, blocks));
  for (const PolicyAxisContent& axis : content.axes)
    labels_.push_back(axis.numeric ? std::vector<std::string>{} : axis.labels);
}

PolicyAnswer AskedTable::ask(const Condition& condition) const {
  std::vector<double> values;
  for (std::size_t axis = 0; axis < labels_.size(); ++axis) {
    const Setting& setting = condition.settings[axis];
    const auto label = std::find(labels_[axis].begin(), labels_[axis].end(), setting.text);
    values.push_back(labels_[axis].empty() ? setting.number
                                           : static_cast<double>(label - labels_[axis].begin()));
  }
  return policy_.query(values.data(), values.size());
}

const Plan& AskedTable::plan_for(const Condition& condition) const {
  return plans_[static_cast<std::size_t>(ask(condition).plan)];
}

std::vector<std::size_t> AskedTable::cell_of(const Condition& condition) const {
  const std::int64_t cell = ask(condition).cell;
  if (cell < 0) return {};
  std::vector<std::size_t> place(labels_.size());
  auto rest = static_cast<std::size_t>(cell);
  for (std::size_t axis = place.size(); axis-- > 0;) {
    place[axis] = rest % policy_.axis(axis).size;
    rest /= policy_.axis(axis).size;
  }
  return place;
}

std::vector<OffGridCase> unloaded_cases(UnloadedPlanner& planner, const OffGrid& off_grid,
                                        std::uint32_t first, std::uint32_t count, const StopRequested& stop) {
  std::vector<OffGridCase> cases;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (stop && stop()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    OffGridCase made{off_grid.draw(first + i), nullptr, {}};
    try {
      made.problem = planner.problem(made.condition);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kBadInput) throw;
      continue;  // axes that do not go together there
    }
    const auto best = best_plans(*made.problem, {.top = 1}).plans;
    if (best.empty()) continue;
    made.best = best.front().latency;
    cases.push_back(std::move(made));
  }
  return cases;
}

double regret_of(const OffGridCase& at, const Plan& plan) {
  return has_routes(*at.problem, plan) ? excess(cost_of(*at.problem, plan).latency, at.best) : 0;
}

std::optional<PolicyRegret> summarise(std::span<const double> regrets) {
  if (regrets.empty()) return std::nullopt;
  PolicyRegret summary;
  summary.conditions = static_cast<int>(regrets.size());
  summary.worst = *std::max_element(regrets.begin(), regrets.end());
  summary.mean = std::min(summary.worst, std::accumulate(regrets.begin(), regrets.end(), 0.0) /
                                             static_cast<double>(regrets.size()));
  return summary;
}

double loaded_regret(const Scenario& scenario, const Problem& problem, const Plan& plan,
                     const Simulate& simulate) {
  if (!has_routes(problem, plan)) return -1;
  const std::vector<SweepRow> rows = run_condition(scenario, problem, simulate);
  const int best = winner(rows, scenario.objective);
  if (best < 0) return -1;
  const auto same = std::find_if(rows.begin(), rows.end(), [&](const SweepRow& row) {
    return row.plan == plan && row.status != RowStatus::kRuledOut;
  });
  const Seconds mine = same != rows.end() ? same->value(scenario.objective)
                                          : statistic(simulate(problem, plan), scenario.objective);
  return excess(mine, rows[static_cast<std::size_t>(best)].value(scenario.objective));
}

}  // namespace kerf
