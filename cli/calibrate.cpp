#include "calibrate/measure/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_text.hpp"
#include "cli/load_model.hpp"
#include "models/cuts.hpp"
#include "runtime/inference/runtime_shapes.hpp"

namespace kerf::cli {
namespace {

constexpr double kLeastWidth = 0.001;
constexpr double kMostWidth = 1;

struct CalibrateArguments {
  std::vector<std::string> models;
  std::string host;
  std::vector<int> batches{1};
  std::vector<int> threads{1};
  std::vector<int> sessions{1};
  std::string budget = "90s";
  std::string pause = "0s";
  double width = 0.02;
  int validate = 0;
  std::vector<std::string> shapes;
  std::filesystem::path out = ".";
};

CalibrateOptions options_of(const CalibrateArguments& arguments) {
  CalibrateOptions options;
  options.host = arguments.host;
  options.modes.clear();
  for (const int batch : arguments.batches) {
    for (const int threads : arguments.threads) {
      for (const int sessions : arguments.sessions) options.modes.push_back({batch, threads, sessions});
    }
  }
  options.width = arguments.width;
  options.validate = arguments.validate;
  options.budget = flag(parse_seconds, arguments.budget, "--budget");
  options.pause = flag(parse_seconds, arguments.pause, "--pause");
  if (options.pause > Seconds(0) && arguments.sessions != std::vector{1}) {
    throw Error(ErrorCode::kUsage, "--pause", "with --sessions above 1", "one session at a time",
                "a host that runs several at once does not rest: measure those rows without --pause");
  }
  if (!(options.width >= kLeastWidth && options.width <= kMostWidth)) {  // CLI11 lets "nan" through
    throw Error(ErrorCode::kUsage, "--width", fmt::format("{}", options.width),
                fmt::format("a number from {} to {}", kLeastWidth, kMostWidth), "try --width 0.02");
  }
  if (options.budget <= Seconds(0)) {
    throw Error(ErrorCode::kUsage, "--budget", fmt::format("\"{}\"", arguments.budget), "more than no time",
                "try --budget 90s");
  }
  return options;
}

// The model whose inputs' first dimension is `batch` times what the file or --shape say.
CutModel at_batch(const std::string& model, const InputShapes& shapes, int batch) {
  Graph graph = load_model(model, shapes, runtime_shapes());
  if (batch != 1) {
    InputShapes larger;
    for (const TensorId id : graph.inputs) {
      const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
      if (tensor.shape.empty()) continue;
      std::vector<std::int64_t> shape = tensor.shape;
      shape.front() *= batch;
      larger.emplace(tensor.name, shape);
    }
    graph = load_model(model, larger, runtime_shapes());
  }
  Chain chain = find_cuts(graph);
  return {std::move(graph), std::move(chain)};
}

std::string summary_of(const Profile& profile, const ProfileRow& row) {
  const int last = static_cast<int>(profile.blocks.size()) - 1;
  const auto whole = std::find_if(row.measurements.begin(), row.measurements.end(),
                                  [&](const auto& m) { return m.first_block == 0 && m.last_block == last; });
  const RunMode& mode = row.mode;
  std::string text = fmt::format(
      "  batch {}, threads {}, sessions {}: whole model {} (95 % of {} to {}, {} runs)\n"
      "    {}\n",
      mode.batch, mode.threads, mode.sessions, format(whole->p20), format(whole->low), format(whole->high),
      whole->samples, row.note);
  if (row.validation) {
    const Validation& v = *row.validation;
    text += fmt::format(
        "    {} slices held out: predicted within {:.1f} % (median) and {:.1f} % (90th percentile) of "
        "measured; measured twice they differ by {:.1f} % and {:.1f} %; {} void attempts\n",
        v.slices, 100 * v.median_error, 100 * v.p90_error, 100 * v.median_noise, 100 * v.p90_noise, v.voids);
  }
  return text;
}

void print_held_out(const Calibration& calibration) {
  if (calibration.held_out.empty()) return;
  fmt::print("  {:<24} {:>12} {:>12} {:>8} {:>8}\n", "held out", "predicted", "measured", "error", "noise");
  for (const HeldOut& slice : calibration.held_out) {
    const RunMode& mode = slice.mode;
    fmt::print("  {:<24} {:>12} {:>12} {:>+7.1f}% {:>7.1f}%\n",
               fmt::format("{}-{} b{} t{} s{}", slice.first_block, slice.last_block, mode.batch, mode.threads,
                           mode.sessions),
               format(slice.predicted), format(slice.measured), 100 * (slice.predicted / slice.measured - 1),
               100 * slice.noise);
  }
}

// A machine that others keep busy gives intervals that never close: what was reached is kept, and said.
void warn_if_busy(const Calibration& calibration, double width) {
  constexpr double kFew = 0.5;
  constexpr double kBusy = 0.1;
  const bool wide = calibration.narrow < kFew * calibration.measured;
  if (!wide && calibration.waited < kBusy) return;
  fmt::print(
      stderr,
      "note: {} of {} slices are not within +-{:g} %, and {:.0f} % of the time the main thread stood ready "
      "while others had the processors. What was reached is stored. A quieter machine or a larger --budget "
      "does "
      "better.\n",
      calibration.measured - calibration.narrow, calibration.measured, 100 * width, 100 * calibration.waited);
}

// The name of every model's profile, before any is measured: minutes are lost on a second file that is
// missing.
std::vector<std::string> file_names(const CalibrateArguments& arguments, const InputShapes& shapes) {
  std::vector<std::string> names;
  for (const std::string& model : arguments.models) {
    const std::string name = load_model(model, shapes, runtime_shapes()).name;
    names.push_back(fmt::format("{}-{}.json", name, arguments.host));
    if (std::find(names.begin(), names.end() - 1, names.back()) != names.end() - 1) {
      throw Error(ErrorCode::kUsage, model, fmt::format("a second model named {}", name),
                  "names that differ, for each is a file's", "rename one of the files");
    }
  }
  return names;
}

void run_calibrate(const CalibrateArguments& arguments) {
  check_plain_name(arguments.host, "--as", "a host's name", "edge");
  CalibrateOptions options = options_of(arguments);
  const InputShapes shapes = parse_shapes(arguments.shapes);
  ensure_writable_folder(arguments.out);
  const StopRequested stop = stop_on_interrupt();
  const std::vector<std::string> names = file_names(arguments, shapes);
  for (std::size_t m = 0; m < names.size(); ++m) {
    const std::string& model = arguments.models[m];
    const std::filesystem::path file = arguments.out / names[m];
    options.journal = file;
    options.journal += ".partial";
    const Calibration calibration =
        calibrate([&](int batch) { return at_batch(model, shapes, batch); }, options,
                  terminal_progress(fmt::format("calibrate {}", model)), stop);
    write_profile(calibration.profile, file);
    std::error_code ignored;
    std::filesystem::remove(options.journal, ignored);
    fmt::print("{}{}\n", calibration.profile.model,
               calibration.resumed ? ", continued from where it was interrupted" : "");
    for (const ProfileRow& row : calibration.profile.rows) {
      fmt::print("{}", summary_of(calibration.profile, row));
    }
    print_held_out(calibration);
    fmt::print("Written: {}\n", file.string());
    warn_if_busy(calibration, options.width);
  }
}

}  // namespace

void add_calibrate(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("calibrate", "Measure models on this machine; write a profile of each");
  const auto arguments = std::make_shared<CalibrateArguments>();
  command->add_option("models", arguments->models, "ONNX files or names of the zoo")->required();
  command->add_option("--as", arguments->host, "What to call this machine")->required();
  const auto add_counts = [&](const char* flag, std::vector<int>& counts, const char* description) {
    command->add_option(flag, counts, description)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
  };
  add_counts("--threads", arguments->threads, "Threads of one run; 1,2 measures both");
  add_counts("--batch", arguments->batches, "Inputs of one run; 1,2,4 measures all");
  add_counts("--sessions", arguments->sessions,
             "Runs at the same time, as workers of one host; 1,2 measures both");
  command->add_option("--budget", arguments->budget, "Wall time for each model and row, such as 90s")
      ->capture_default_str();
  command
      ->add_option("--pause", arguments->pause,
                   "Rest before each run, such as 20ms: what a host that is asked now and then takes")
      ->capture_default_str();
  command->add_option("--width", arguments->width, "Relative half width of an interval that is narrow enough")
      ->capture_default_str();
  command
      ->add_option("--validate", arguments->validate,
                   "Hold out this many slices and compare them with what the fit predicts")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command->add_option("--shape", arguments->shapes, "INPUT=1,3,320,320: an input's shape; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out, "Folder for MODEL-HOST.json")->capture_default_str();
  command->callback([arguments] { run_calibrate(*arguments); });
}

}  // namespace kerf::cli
