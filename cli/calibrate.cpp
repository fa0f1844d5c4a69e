#include "calibrate/measure/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/load_model.hpp"
#include "models/cuts.hpp"

namespace kerf::cli {
namespace {

struct CalibrateArguments {
  std::vector<std::string> models;
  std::string host;
  int threads = 1;
  std::string budget = "90s";
  std::vector<std::string> shapes;
  std::filesystem::path out = ".";
};

CalibrateOptions options_of(const CalibrateArguments& arguments) {
  CalibrateOptions options;
  options.host = arguments.host;
  options.threads = arguments.threads;
  try {
    options.budget = parse_seconds(arguments.budget, "--budget");
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, error.where(), error.found(), error.expected(), error.hint());
  }
  if (options.budget <= Seconds(0)) {
    throw Error(ErrorCode::kUsage, "--budget", fmt::format("\"{}\"", arguments.budget), "more than no time",
                "try --budget 90s");
  }
  return options;
}

std::string summary(const Profile& profile, const std::filesystem::path& file) {
  const int last = static_cast<int>(profile.blocks.size()) - 1;
  const auto whole = std::find_if(profile.measurements.begin(), profile.measurements.end(),
                                  [&](const auto& m) { return m.first_block == 0 && m.last_block == last; });
  return fmt::format("{}: whole model {} (95 % of {} to {}, {} runs)\n  {}\nWritten: {}\n", profile.model,
                     format(whole->p20), format(whole->low), format(whole->high), whole->samples,
                     profile.provenance.note, file.string());
}

void run_calibrate(const CalibrateArguments& arguments) {
  check_plain_name(arguments.host, "--as", "a host's name", "edge");
  const CalibrateOptions options = options_of(arguments);
  const InputShapes shapes = parse_shapes(arguments.shapes);
  ensure_writable_folder(arguments.out);
  const StopRequested stop = stop_on_interrupt();
  std::set<std::string> written;
  for (const std::string& model : arguments.models) {
    const Graph graph = load_model(model, shapes);
    const std::string name = fmt::format("{}-{}.json", graph.name, arguments.host);
    if (!written.insert(name).second) {
      throw Error(ErrorCode::kUsage, model, fmt::format("a second model named {}", graph.name),
                  "names that differ, for each is a file's", "rename one of the files");
    }
    const Chain chain = find_cuts(graph);
    const Profile profile =
        calibrate(graph, chain, options, terminal_progress(fmt::format("calibrate {}", graph.name)), stop);
    const std::filesystem::path file = arguments.out / name;
    write_profile(profile, file);
    fmt::print("{}", summary(profile, file));
  }
}

}  // namespace

void add_calibrate(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("calibrate", "Measure models on this machine; write a profile of each");
  const auto arguments = std::make_shared<CalibrateArguments>();
  command->add_option("models", arguments->models, "ONNX files or names of the zoo")->required();
  command->add_option("--as", arguments->host, "What to call this machine")->required();
  command->add_option("--threads", arguments->threads, "Threads of one run")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--budget", arguments->budget, "Wall time for each model, such as 90s")
      ->capture_default_str();
  command->add_option("--shape", arguments->shapes, "INPUT=1,3,320,320: an input's shape; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out, "Folder for MODEL-HOST.json")->capture_default_str();
  command->callback([arguments] { run_calibrate(*arguments); });
}

}  // namespace kerf::cli
