#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/check_model.hpp"
#include "cli/command.hpp"
#include "sweep/sweep.hpp"

namespace kerf::cli {
namespace {

struct SweepArguments {
  std::string scenario;
  std::vector<std::string> settings;
  SweepOptions options;
};

void sweep(const SweepArguments& arguments) {
  ScenarioFile file{std::filesystem::path(arguments.scenario)};
  for (const std::string& setting : arguments.settings) file.set(setting);
  check_model(file.bind());
  SweepResult result;
  try {
    result = run_sweep(file, arguments.options, terminal_progress("sweep"), stop_on_interrupt());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    throw Error(ErrorCode::kInterrupted, "sweep", "interrupted; what has ended is kept", "",
                "run the same command with --resume to continue");
  }
  if (result.resumed > 0) fmt::print(stderr, "sweep: {} conditions were there already\n", result.resumed);
  fmt::print("{}\nWritten: {}/sweep.sqlite, sweep.csv, policy.kerf\n", result.summary,
             arguments.options.out.string());
}

}  // namespace

void add_sweep(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("sweep", "Plan and simulate every condition of a scenario; write the policy table");
  const auto arguments = std::make_shared<SweepArguments>();
  command->add_option("scenario", arguments->scenario, "The scenario file")->required();
  command->add_option("--set", arguments->settings, "KEY=VALUE: overrides the scenario; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--jobs", arguments->options.jobs,
                   "Processes that simulate; as many as processors unless given")
      ->check(CLI::Range(1, 1024));
  command->add_option("--out", arguments->options.out, "Folder for sweep.sqlite, sweep.csv and policy.kerf")
      ->capture_default_str();
  command->add_flag("--resume", arguments->options.resume, "Continue an interrupted sweep");
  command->callback([arguments] { sweep(*arguments); });
}

}  // namespace kerf::cli
