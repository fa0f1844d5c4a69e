#include "testbed/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/statistics.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr double kExcusedNoise = 1.5;

bool is_cut(const std::string& plan) {
  return plan.find(',') != std::string::npos;
}

std::string words(const std::vector<std::string>& axes, const std::vector<std::string>& settings) {
  std::string text;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", i < axes.size() ? axes[i] : "", settings[i]);
  }
  return text;
}

void refuse_different(const std::string& what, const std::string& predicted, const std::string& measured,
                      const Predicted& from, const std::string& hint) {
  if (predicted.empty() || measured.empty() || predicted == measured) return;
  throw Error(ErrorCode::kBadInput, from.source, fmt::format("{} is {}", what, predicted),
              fmt::format("{}, as in the real runs", measured), hint);
}

void refuse_different_questions(const Predicted& predicted, const Measured& measured) {
  const Question& p = predicted.question;
  const Question& m = measured.question;
  refuse_different("the model's hash", p.model_hash, m.model_hash, predicted, "compare results of one model");
  refuse_different("the scenario", p.scenario, m.scenario, predicted, "compare results of one scenario");
  refuse_different("the scenario's hash", p.scenario_hash, m.scenario_hash, predicted,
                   "the file or an override changed between the two: make both with the same");
  if (p.axes != m.axes) {
    throw Error(
        ErrorCode::kBadInput, predicted.source, fmt::format("the axes are {}", fmt::join(p.axes, ", ")),
        fmt::format("{}, as in the real runs", fmt::join(m.axes, ", ")), "compare results of one scenario");
  }
}

// The key by which both sides know a plan under a condition.
using PlanKey = std::pair<std::size_t, std::string>;

std::map<PlanKey, const PredictedRow*> by_plan(const Predicted& predicted) {
  std::map<PlanKey, const PredictedRow*> rows;
  for (const PredictedRow& row : predicted.rows) {
    if (!rows.emplace(PlanKey(row.condition, row.plan), &row).second) {
      throw Error(ErrorCode::kBadInput, predicted.source,
                  fmt::format("plan {} stands twice under condition {}", row.plan, row.condition),
                  "each plan once a condition");
    }
  }
  return rows;
}

const PredictedRow& prediction_of(const std::map<PlanKey, const PredictedRow*>& rows, const MeasuredRun& run,
                                  const Predicted& predicted, const Measured& measured) {
  const auto found = rows.find({run.condition, run.plan});
  if (found != rows.end()) {
    if (found->second->settings != run.settings) {
      throw Error(ErrorCode::kBadInput, predicted.source,
                  fmt::format("condition {} is {}", run.condition,
                              words(predicted.question.axes, found->second->settings)),
                  fmt::format("{}, as in the real runs", words(measured.question.axes, run.settings)),
                  "make both with the same scenario");
    }
    return *found->second;
  }
  const bool known = std::ranges::any_of(
      predicted.rows, [&](const PredictedRow& row) { return row.condition == run.condition; });
  if (!known) {
    throw Error(ErrorCode::kBadInput, predicted.source,
                fmt::format("condition {} ({}) is not predicted", run.condition,
                            words(measured.question.axes, run.settings)),
                "a prediction for every condition that was run", "sweep the whole scenario");
  }
  throw Error(ErrorCode::kBadInput, predicted.source,
              fmt::format("plan {} is not predicted under condition {}", run.plan, run.condition),
              "a prediction for every plan that was run",
              "name the plans in [sweep] plans, so that none is left out or ruled out");
}

// The runs of one plan under one condition.
using Runs = std::vector<const MeasuredRun*>;

// By attempt, and within one by repeat.
std::map<int, Runs> by_attempt(const Runs& runs) {
  std::map<int, Runs> attempts;
  for (const MeasuredRun* run : runs) attempts[run->attempt].push_back(run);
  for (auto& [attempt, repeats] : attempts) std::ranges::sort(repeats, {}, &MeasuredRun::repeat);
  return attempts;
}

std::vector<double> statistic_of_each(const Runs& repeats, Statistic statistic) {
  std::vector<double> values;
  for (const MeasuredRun* run : repeats)
    values.push_back(statistics_of(run->latencies)[static_cast<std::size_t>(statistic)]);
  return values;
}

int percent_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::kP50:
      return 50;
    case Statistic::kP95:
      return 95;
    case Statistic::kP99:
      return 99;
    case Statistic::kMean:
      break;
  }
  return 0;
}

ComparedStatistic compared(const Runs& repeats, Statistic statistic, double predicted) {
  std::vector<double> pooled;  // repeat after repeat, each by arrival
  for (const MeasuredRun* run : repeats)
    pooled.insert(pooled.end(), run->latencies.begin(), run->latencies.end());
  ComparedStatistic result;
  result.predicted = predicted;
  result.measured = statistics_of(pooled)[static_cast<std::size_t>(statistic)];
  if (statistic == Statistic::kMean) {
    const double half = batch_half_width(pooled);
    result.low = pooled.size() > 1 ? std::max(0.0, result.measured - half) : 0;
    result.high = result.measured + half;
  } else {
    std::ranges::sort(pooled);
    const Ranks ranks = interval_ranks(pooled.size(), percent_of(statistic) / 100.0);
    result.low = ranks.closed() ? pooled[ranks.low - 1] : 0;
    result.high = pooled[ranks.high - 1];
  }
  result.error = result.predicted / result.measured - 1;
  result.noise = noise_of(statistic_of_each(repeats, statistic));
  return result;
}

ComparedPlan compared(const Runs& runs, const PredictedRow& prediction) {
  ComparedPlan plan;
  plan.condition = prediction.condition;
  plan.settings = prediction.settings;
  plan.plan = prediction.plan;
  const std::map<int, Runs> attempts = by_attempt(runs);
  const Runs* counted = nullptr;
  for (const auto& [attempt, repeats] : attempts) {
    if (noise_of(statistic_of_each(repeats, Statistic::kMean)) > kVoidNoise) {
      ++plan.void_attempts;
    } else {
      counted = &repeats;
    }
  }
  plan.is_void = counted == nullptr;
  if (plan.is_void) counted = &attempts.rbegin()->second;
  plan.repeats = static_cast<int>(counted->size());
  for (const MeasuredRun* run : *counted) {
    plan.requests += static_cast<int>(run->latencies.size());
    plan.lost += run->lost;
  }
  for (const Statistic statistic : kCompared) {
    const auto place = static_cast<std::size_t>(statistic);
    plan.statistics[place] = compared(*counted, statistic, prediction.seconds[place]);
  }
  return plan;
}

double aim_of(Statistic statistic, const Aims& aims) {
  if (statistic == Statistic::kMean) return aims.mean;
  return statistic == Statistic::kP95 ? aims.p95 : 0;
}

ErrorSummary summary_of(std::span<const ComparedPlan> plans, Statistic statistic, double aim) {
  ErrorSummary summary;
  std::vector<double> absolute;
  for (const ComparedPlan& plan : plans) {
    if (plan.is_void) continue;
    const ComparedStatistic& one = plan.of(statistic);
    absolute.push_back(std::abs(one.error));
    summary.mean_error += one.error;
    summary.mean_noise += one.noise;
    if (aim <= 0) continue;
    if (absolute.back() <= aim) {
      ++summary.within;
    } else if (absolute.back() <= kExcusedNoise * one.noise) {
      ++summary.within_noise;
    }
  }
  if (absolute.empty()) return summary;
  const auto count = static_cast<double>(absolute.size());
  summary.rows = static_cast<int>(absolute.size());
  summary.mean_error /= count;
  summary.mean_noise /= count;
  summary.mean_absolute = mean_of(absolute);
  std::ranges::sort(absolute);
  summary.median_absolute = nearest_rank(absolute, 50);
  summary.worst_absolute = absolute.back();
  return summary;
}

const ComparedPlan* least(const std::vector<const ComparedPlan*>& plans, Statistic statistic,
                          double ComparedStatistic::*figure) {
  const ComparedPlan* best = nullptr;
  for (const ComparedPlan* plan : plans) {
    if (best == nullptr || plan->of(statistic).*figure < best->of(statistic).*figure) best = plan;
  }
  return best;
}

std::optional<double> cut_saves(const std::vector<const ComparedPlan*>& plans, Statistic statistic) {
  double cut = std::numeric_limits<double>::infinity();
  double whole = cut;
  for (const ComparedPlan* plan : plans) {
    double& kind = is_cut(plan->plan) ? cut : whole;
    kind = std::min(kind, plan->of(statistic).measured);
  }
  if (!std::isfinite(cut) || !std::isfinite(whole)) return std::nullopt;
  return 1 - cut / whole;
}

void rank(Comparison& comparison) {
  const Statistic by = comparison.aims.rank_by;
  std::map<std::size_t, std::vector<const ComparedPlan*>> conditions;
  std::set<std::string> everywhere;
  for (const ComparedPlan& plan : comparison.plans) {
    if (!plan.is_void) conditions[plan.condition].push_back(&plan);
    everywhere.insert(plan.plan);
  }
  std::map<std::string, double> excess;  // by plan, over the conditions in which every plan counts
  int complete = 0;
  for (const auto& [condition, plans] : conditions) {
    if (plans.size() < 2) continue;
    const ComparedPlan* chosen = least(plans, by, &ComparedStatistic::predicted);
    const ComparedPlan* best = least(plans, by, &ComparedStatistic::measured);
    const double regret = chosen->of(by).measured / best->of(by).measured - 1;
    comparison.choices.push_back({.condition = condition,
                                  .settings = best->settings,
                                  .chosen = chosen->plan,
                                  .best = best->plan,
                                  .regret = regret,
                                  .cut_saves = cut_saves(plans, by)});
    if (plans.size() != everywhere.size()) continue;
    ++complete;
    comparison.chosen_excess += regret;
    for (const ComparedPlan* plan : plans)
      excess[plan->plan] += plan->of(by).measured / best->of(by).measured - 1;
  }
  if (complete == 0) return;
  const auto least_excess =
      std::ranges::min_element(excess, {}, [](const auto& each) { return each.second; });
  comparison.static_plan = least_excess->first;
  comparison.static_excess = least_excess->second / complete;
  comparison.chosen_excess /= complete;
}

}  // namespace

const char* name_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::kMean:
      return "mean";
    case Statistic::kP50:
      return "p50";
    case Statistic::kP95:
      return "p95";
    case Statistic::kP99:
      return "p99";
  }
  return "";
}

Statistics statistics_of(std::span<const double> latencies) {
  std::vector<double> ascending(latencies.begin(), latencies.end());
  std::ranges::sort(ascending);
  return {mean_of(latencies), nearest_rank(ascending, 50), nearest_rank(ascending, 95),
          nearest_rank(ascending, 99)};
}

double noise_of(std::span<const double> repeats) {
  double sum = 0;
  int pairs = 0;
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    for (std::size_t j = i + 1; j < repeats.size(); ++j) {
      sum += std::abs(repeats[i] - repeats[j]);
      ++pairs;
    }
  }
  return pairs == 0 ? 0 : sum / pairs / mean_of(repeats);
}

Comparison compare(const Predicted& predicted, const Measured& measured, const Aims& aims) {
  refuse_different_questions(predicted, measured);
  const std::map<PlanKey, const PredictedRow*> predictions = by_plan(predicted);
  std::vector<PlanKey> order;
  std::map<PlanKey, Runs> runs;
  for (const MeasuredRun& run : measured.runs) {
    Runs& same = runs[{run.condition, run.plan}];
    if (same.empty()) order.emplace_back(run.condition, run.plan);
    same.push_back(&run);
  }
  if (order.empty()) {
    throw Error(ErrorCode::kBadInput, measured.source, "there are no real runs", "at least one",
                "let kerf testbed finish a run");
  }
  std::ranges::stable_sort(order, {}, &PlanKey::first);

  Comparison comparison;
  comparison.question = measured.question;
  comparison.aims = aims;
  for (const PlanKey& key : order) {
    const Runs& same = runs.at(key);
    comparison.plans.push_back(
        compared(same, prediction_of(predictions, *same.front(), predicted, measured)));
    comparison.void_plans += comparison.plans.back().is_void;
    comparison.void_attempts += comparison.plans.back().void_attempts;
  }
  for (const Statistic statistic : kCompared) {
    comparison.errors[static_cast<std::size_t>(statistic)] =
        summary_of(comparison.plans, statistic, aim_of(statistic, aims));
  }
  rank(comparison);
  return comparison;
}

}  // namespace kerf
