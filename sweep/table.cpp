#include "sweep/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include "base/error.hpp"

namespace kerf {
namespace {

const char* name_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::kMean:
      return "latency.mean";
    case Statistic::kP50:
      return "latency.p50";
    case Statistic::kP95:
      return "latency.p95";
    case Statistic::kP99:
      return "latency.p99";
  }
  return "";
}

PolicyAxisContent content_of(const Axis& axis, std::span<const PolicyAxisName> names) {
  PolicyAxisContent content;
  const auto named = std::ranges::find(names, axis.key, &PolicyAxisName::observes);
  content.name = named == names.end() ? axis.key : named->name;
  content.key = axis.key;
  content.unit = axis.unit;
  content.numeric = axis.numeric;
  content.logarithmic = axis.logarithmic;
  for (const Setting& point : axis.points) {
    if (axis.numeric) content.points.push_back(point.number);
    content.labels.push_back(point.text);
  }
  return content;
}

}  // namespace

double margin_of(Seconds best, Seconds runner_up) {
  return best > Seconds(0) ? (runner_up - best) / best : 0;
}

void TableBuilder::add(TableCell cell) {
  if (!cell.plan.stages.empty()) ++wins_[cell.plan];
  cells_.push_back(std::move(cell));
}

void TableBuilder::add(std::span<const SweepRow> rows) {
  for (const SweepRow& row : rows) allow(row.plan);
  const int best = winner(rows, scenario_.objective);
  TableCell cell;
  if (best >= 0) {
    const SweepRow& row = rows[static_cast<std::size_t>(best)];
    cell.plan = row.plan;
    cell.value = row.value(scenario_.objective);
    Seconds runner_up(std::numeric_limits<double>::infinity());
    for (const SweepRow& other : rows) {
      if (&other != &row) runner_up = std::min(runner_up, other.value(scenario_.objective));
    }
    cell.margin = margin_of(cell.value, runner_up);
  }
  add(std::move(cell));
}

PolicyContent TableBuilder::content(const std::string& model, const std::string& model_hash,
                                    std::vector<std::string> profile_hashes,
                                    std::vector<std::string> platform_hashes) const {
  PolicyContent content;
  content.scenario = scenario_.name;
  content.model = model;
  content.model_hash = model_hash;
  content.objective = name_of(scenario_.objective.latency);
  content.made_by = std::string("kerf ") + KERF_VERSION;
  content.profile_hashes = std::move(profile_hashes);
  content.platform_hashes = std::move(platform_hashes);
  for (const HostClass& host : scenario_.hosts) content.hosts.push_back(host.name);
  for (const Axis& axis : scenario_.sweep.axes)
    content.axes.push_back(content_of(axis, scenario_.sweep.policy));

  std::optional<Plan> on_source;
  std::optional<Plan> most_wins;
  std::size_t most = 0;
  for (const auto& [plan, wins] : wins_) {
    const bool alone = plan.stages.size() == 1;
    if (alone && content.hosts[static_cast<std::size_t>(plan.stages[0].host)] == scenario_.workload.source)
      on_source = plan;
    if (!most_wins || wins > most) {
      most_wins = plan;
      most = wins;
    }
  }
  if (!most_wins) {
    throw Error(ErrorCode::kInfeasible, scenario_.file.string(),
                "no condition of the sweep has a feasible plan", "",
                "see why with kerf plan, and relax the constraints");
  }
  const Plan fallback = on_source ? *on_source : *most_wins;

  std::map<Plan, int> number;
  for (const auto& [plan, wins] : wins_) {
    if (wins == 0 && plan != fallback) continue;
    number.emplace(plan, static_cast<int>(content.plans.size()));
    content.plans.push_back(plan);
  }
  content.fallback_plan = number.at(fallback);
  content.cells.reserve(cells_.size());
  for (const TableCell& cell : cells_) {
    content.cells.push_back({cell.plan.stages.empty() ? -1 : number.at(cell.plan), cell.value, cell.margin});
  }
  return content;
}

std::string fine_percent(double share) {
  return fmt::format("{:.2g} %", 100 * share);
}

std::string table_text(const PolicyContent& content) {
  std::vector<std::size_t> sizes;
  for (const PolicyAxisContent& axis : content.axes) sizes.push_back(axis.labels.size());
  std::string text =
      fmt::format("\nThe table: {} plans in {} cells{}\n", content.plans.size(), content.cells.size(),
                  sizes.size() > 1 ? fmt::format(" ({})", fmt::join(sizes, " x ")) : "");
  if (!content.regret) {
    return text +
           "    its regret off the grid could not be measured: nothing lies between its points, or no plan "
           "is feasible there\n";
  }
  return text + fmt::format(
                    "    off the grid its answers cost {} more than the best plan in the mean, {} at worst "
                    "({} random conditions)\n",
                    fine_percent(content.regret->mean), fine_percent(content.regret->worst),
                    content.regret->conditions);
}

}  // namespace kerf
