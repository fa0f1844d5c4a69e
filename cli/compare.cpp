#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/command.hpp"
#include "sweep/read_sweep.hpp"
#include "testbed/comparison.hpp"
#include "testbed/predictions.hpp"
#include "testbed/real_results.hpp"

namespace kerf::cli {
namespace {

struct CompareArguments {
  std::string simulated;
  std::string real;
  double mean_percent = 3;
  double p95_percent = 6;
  double regret_percent = 2;
  std::string rank_by = "mean";
  bool json = false;
};

Predicted from_sweep(const std::filesystem::path& file) {
  const SweepFile sweep = read_sweep(file);
  const auto said = [&](const std::string& key) {
    const auto found = sweep.identity.find(key);
    return found == sweep.identity.end() ? std::string() : found->second;
  };
  Predicted predicted{.source = file.string(),
                      .question = {.scenario = said("scenario"),
                                   .scenario_hash = said("scenario hash"),
                                   .model = said("model"),
                                   .model_hash = said("model hash"),
                                   .axes = sweep.axes},
                      .rows = {}};
  for (const SweepFileRow& row : sweep.rows) {
    const Outcome& o = row.outcome;
    predicted.rows.push_back({.condition = row.condition,
                              .settings = row.settings,
                              .plan = row.plan,
                              .seconds = {o.mean.value(), o.p50.value(), o.p95.value(), o.p99.value()}});
  }
  return predicted;
}

Predicted read_predicted(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return from_sweep(path / "sweep.sqlite");
  if (path.extension() == ".sqlite") return from_sweep(path);
  const std::string text = read_file(path);
  return path.extension() == ".json" ? predictions_from_json(text, path.string())
                                     : predictions_from_csv(text, path.string());
}

void run_compare(const CompareArguments& arguments) {
  static constexpr std::array kNames{std::pair{"mean", Statistic::kMean}, std::pair{"p50", Statistic::kP50},
                                     std::pair{"p95", Statistic::kP95}, std::pair{"p99", Statistic::kP99}};
  Aims aims{.mean = arguments.mean_percent / 100,
            .p95 = arguments.p95_percent / 100,
            .regret = arguments.regret_percent / 100,
            .rank_by = Statistic::kMean};
  for (const auto& [name, statistic] : kNames) {
    if (arguments.rank_by == name) aims.rank_by = statistic;
  }
  const Comparison found = compare(read_predicted(arguments.simulated), read_measured(arguments.real), aims);
  fmt::print("{}", arguments.json ? comparison_json(found) : comparison_text(found));
}

}  // namespace

void add_compare(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "compare", "Put what was predicted beside what real runs yielded, error and noise floor");
  const auto arguments = std::make_shared<CompareArguments>();
  command
      ->add_option(
          "simulated", arguments->simulated,
          "A folder that kerf sweep wrote (or its sweep.sqlite or sweep.csv), or what kerf simulate --json "
          "printed, in a .json file")
      ->required();
  command->add_option("real", arguments->real, "A folder that kerf testbed wrote")->required();
  command->add_option("--aim-mean", arguments->mean_percent, "Percent that a mean may be off")
      ->capture_default_str();
  command->add_option("--aim-p95", arguments->p95_percent, "Percent that a 95th percentile may be off")
      ->capture_default_str();
  command
      ->add_option("--aim-regret", arguments->regret_percent,
                   "Percent that a chosen plan may lie above the best")
      ->capture_default_str();
  command->add_option("--rank-by", arguments->rank_by, "The figure by which plans are ranked")
      ->check(CLI::IsMember({"mean", "p50", "p95", "p99"}))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "For programs: finite numbers at full precision");
  command->callback([arguments] { run_compare(*arguments); });
}

}  // namespace kerf::cli
