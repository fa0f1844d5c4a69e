#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "testbed/comparison.hpp"

namespace kerf {
namespace {

// As the axis holds it, for people: a number in base units becomes short.
std::string setting_text(const std::string& key, const std::string& setting) {
  const std::string last = key.substr(key.find_last_of('.') + 1);
  const std::optional<double> number = parse_number(setting);
  if (!number) return setting;
  if (last == "bandwidth" || last == "up" || last == "down") return format(BytesPerSecond(*number));
  if (last == "rtt" || last == "delay" || last == "overhead") return format(Seconds(*number));
  return setting;
}

std::string heading(const Comparison& comparison, const std::vector<std::string>& settings) {
  std::string text;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string& key = comparison.question.axes[i];
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", key, setting_text(key, settings[i]));
  }
  return text.empty() ? "the scenario's one condition" : text;
}

std::string plan_line(const ComparedPlan& plan, std::size_t width) {
  const auto figures = [&](Statistic statistic) {
    const ComparedStatistic& one = plan.of(statistic);
    return fmt::format("{:>9} {:>9} {:>+7.1f} {:>6.1f}", format(Seconds(one.predicted)),
                       format(Seconds(one.measured)), 100 * one.error, 100 * one.noise);
  };
  const ComparedStatistic& mean = plan.of(Statistic::kMean);
  std::string remark = plan.is_void ? "  void" : "";
  if (plan.lost > 0) remark += fmt::format("  {} of {} not by plan", plan.lost, plan.requests);
  return fmt::format("    {:<{}} {}  {:>9} to {:<9} {}{}\n", plan.plan, width, figures(Statistic::kMean),
                     format(Seconds(mean.low)), format(Seconds(mean.high)), figures(Statistic::kP95), remark);
}

std::string error_line(const Comparison& comparison, Statistic statistic, double aim) {
  const ErrorSummary& summary = comparison.errors[static_cast<std::size_t>(statistic)];
  if (summary.rows == 0) return fmt::format("  {:<5} no row counts\n", name_of(statistic));
  std::string text = fmt::format(
      "  {:<5} mean absolute error {:.2f} %, median {:.2f} %, worst {:.1f} %; mean error {:+.2f} %; noise "
      "floor {:.2f} %",
      name_of(statistic), 100 * summary.mean_absolute, 100 * summary.median_absolute,
      100 * summary.worst_absolute, 100 * summary.mean_error, 100 * summary.mean_noise);
  if (aim > 0) {
    text += fmt::format("\n        {} of {} rows within {:.3g} %, {} more within 1.5 times their noise floor",
                        summary.within, summary.rows, 100 * aim, summary.within_noise);
  }
  return text + "\n";
}

std::string choice_lines(const Comparison& comparison) {
  if (comparison.choices.empty()) return "";
  const Aims& aims = comparison.aims;
  int good = 0;
  int same = 0;
  int cut_wins = 0;
  double worst = 0;
  for (const ComparedChoice& choice : comparison.choices) {
    good += choice.regret <= aims.regret;
    same += choice.chosen == choice.best;
    cut_wins += choice.cut_saves.value_or(0) >= 0.1;
    worst = std::max(worst, choice.regret);
  }
  const std::size_t all = comparison.choices.size();
  std::string text = fmt::format(
      "\nChoices, by {}: in {} of {} conditions the chosen plan is within {:.3g} % of the best measured one "
      "(in {} it is "
      "that one); worst regret {:.1f} %\n",
      name_of(aims.rank_by), good, all, 100 * aims.regret, same, 100 * worst);
  text += fmt::format("  a true cut saves 10 % or more in {} of {} conditions\n", cut_wins, all);
  if (!comparison.static_plan.empty()) {
    text += fmt::format(
        "  one plan for all, at best {}: {:.1f} % above each condition's best; the choices: {:.1f} %\n",
        comparison.static_plan, 100 * comparison.static_excess, 100 * comparison.chosen_excess);
  }
  for (const ComparedChoice& choice : comparison.choices) {
    if (choice.regret <= aims.regret) continue;
    text += fmt::format("  {}: chose {}, {} is {:.1f} % better\n", heading(comparison, choice.settings),
                        choice.chosen, choice.best, 100 * choice.regret);
  }
  return text;
}

nlohmann::ordered_json settings_json(const Comparison& comparison, const std::vector<std::string>& settings) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::optional<double> number = parse_number(settings[i]);
    if (number) {
      all[comparison.question.axes[i]] = *number;
    } else {
      all[comparison.question.axes[i]] = settings[i];
    }
  }
  return all;
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::size_t width = 4;
  for (const ComparedPlan& plan : comparison.plans) width = std::max(width, plan.plan.size());
  std::string text = fmt::format("{}: {}, predicted beside measured\n", comparison.question.scenario,
                                 comparison.question.model);
  text += fmt::format("    {:<{}} {:>9} {:>9} {:>7} {:>6}  {:>9}    {:<9} {:>9} {:>9} {:>7} {:>6}\n", "",
                      width, "mean: pr.", "measured", "error %", "noise", "95 % of", "measured", "p95: pr.",
                      "measured", "error %", "noise");
  const ComparedPlan* before = nullptr;
  for (const ComparedPlan& plan : comparison.plans) {
    if (before == nullptr || before->condition != plan.condition)
      text += fmt::format("  {}\n", heading(comparison, plan.settings));
    text += plan_line(plan, width);
    before = &plan;
  }
  text += "\n";
  text += error_line(comparison, Statistic::kMean, comparison.aims.mean);
  text += error_line(comparison, Statistic::kP50, 0);
  text += error_line(comparison, Statistic::kP95, comparison.aims.p95);
  text += error_line(comparison, Statistic::kP99, 0);
  text +=
      fmt::format("  void: {} of {} plans, {} attempts (repeats more than {:.3g} % apart)\n",
                  comparison.void_plans, comparison.plans.size(), comparison.void_attempts, 100 * kVoidNoise);
  text += choice_lines(comparison);

  const ErrorSummary& mean = comparison.errors[static_cast<std::size_t>(Statistic::kMean)];
  const ErrorSummary& p95 = comparison.errors[static_cast<std::size_t>(Statistic::kP95)];
  if (mean.rows == 0) {
    return text + fmt::format("\n{}: no row counts, all {} are void\n", comparison.question.scenario,
                              comparison.void_plans);
  }
  text += fmt::format(
      "\n{}: {} rows, {} void; mean off by {:.2f} % (noise {:.2f} %), p95 by {:.2f} % (noise {:.2f} %)\n",
      comparison.question.scenario, mean.rows, comparison.void_plans, 100 * mean.mean_absolute,
      100 * mean.mean_noise, 100 * p95.mean_absolute, 100 * p95.mean_noise);
  return text;
}

std::string comparison_json(const Comparison& comparison) {
  using Json = nlohmann::ordered_json;
  Json plans = Json::array();
  for (const ComparedPlan& plan : comparison.plans) {
    Json row{{"condition", plan.condition},
             {"settings", settings_json(comparison, plan.settings)},
             {"plan", plan.plan},
             {"void", plan.is_void},
             {"void_attempts", plan.void_attempts},
             {"repeats", plan.repeats},
             {"requests", plan.requests},
             {"lost", plan.lost}};
    for (const Statistic statistic : kCompared) {
      const ComparedStatistic& one = plan.of(statistic);
      row[name_of(statistic)] = {
          {"predicted_s", one.predicted}, {"measured_s", one.measured}, {"low_s", one.low},
          {"high_s", one.high},           {"error", one.error},         {"noise", one.noise}};
    }
    plans.push_back(std::move(row));
  }
  Json choices = Json::array();
  for (const ComparedChoice& choice : comparison.choices) {
    Json row{{"condition", choice.condition}, {"settings", settings_json(comparison, choice.settings)},
             {"chosen", choice.chosen},       {"best", choice.best},
             {"regret", choice.regret},       {"cut_saves", nullptr}};
    if (choice.cut_saves) row["cut_saves"] = *choice.cut_saves;
    choices.push_back(std::move(row));
  }
  Json errors = Json::object();
  for (const Statistic statistic : kCompared) {
    const ErrorSummary& summary = comparison.errors[static_cast<std::size_t>(statistic)];
    errors[name_of(statistic)] = {{"rows", summary.rows},
                                  {"mean_error", summary.mean_error},
                                  {"mean_absolute", summary.mean_absolute},
                                  {"median_absolute", summary.median_absolute},
                                  {"worst_absolute", summary.worst_absolute},
                                  {"mean_noise", summary.mean_noise},
                                  {"within_aim", summary.within},
                                  {"within_noise", summary.within_noise}};
  }
  const Json all{{"scenario", comparison.question.scenario},
                 {"model", comparison.question.model},
                 {"model_hash", comparison.question.model_hash},
                 {"aims",
                  {{"mean", comparison.aims.mean},
                   {"p95", comparison.aims.p95},
                   {"regret", comparison.aims.regret},
                   {"rank_by", name_of(comparison.aims.rank_by)}}},
                 {"errors", std::move(errors)},
                 {"void_plans", comparison.void_plans},
                 {"void_attempts", comparison.void_attempts},
                 {"static_plan", comparison.static_plan},
                 {"static_excess", comparison.static_excess},
                 {"chosen_excess", comparison.chosen_excess},
                 {"plans", std::move(plans)},
                 {"choices", std::move(choices)}};
  return all.dump(2) + "\n";
}

}  // namespace kerf
