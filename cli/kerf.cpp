// The front door. Commands that need SimGrid, ONNX Runtime or gRPC are companions' work: `kerf sweep ...`
// becomes `kerf-sim sweep ...` in this same process, so that every other command starts in milliseconds.

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/load_model.hpp"

namespace {

struct Handover {
  std::string_view command, subcommand, program, description;
};

constexpr std::array<Handover, 9> kHandovers{{
    {"simulate", "", "kerf-sim", "Simulate one plan under load and say where the time goes"},
    {"sweep", "", "kerf-sim", "Plan and simulate every condition of a scenario; write the policy table"},
    {"testbed", "", "kerf-sim",
     "Run plans for real, on this machine made into a scenario's hosts, or on real hosts"},
    {"compare", "", "kerf-sim", "Put what was predicted beside what real runs yielded"},
    {"calibrate", "", "kerf-run", "Time a model's slices on this machine and write a profile"},
    {"calibrate-link", "", "kerf-run",
     "Measure the link to a `kerf serve --echo` and write what messages cost"},
    {"serve", "", "kerf-run",
     "Answer other hosts: run slices of a model, or be the echo for measuring links"},
    {"run", "", "kerf-run", "Be the device: send requests through a plan's hosts"},
    {"model", "verify", "kerf-run", "Prove that every cut leaves the model's results unchanged"},
}};

std::filesystem::path beside_this(std::string_view program) {
  std::error_code failure;
  return std::filesystem::read_symlink("/proc/self/exe", failure).parent_path() / program;
}

// Replaces this process by the companion beside it; returns only on failure.
int run_companion(std::string_view program, char** argv) {
  const std::filesystem::path companion = beside_this(program);
  std::string name(program);
  argv[0] = name.data();
  ::execv(companion.c_str(), argv);
  fmt::print(stderr, "kerf: {}: cannot be started ({}); it belongs beside kerf{}\n", companion.string(),
             std::generic_category().message(errno),
             program == "kerf-run" ? ", and is built only where ONNX Runtime is found" : "");
  return static_cast<int>(kerf::ErrorCode::kUnsupported);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  for (const Handover& handover : kHandovers) {
    const bool first = !words.empty() && words[0] == handover.command;
    const bool second = handover.subcommand.empty() || (words.size() > 1 && words[1] == handover.subcommand);
    if (first && second) return run_companion(handover.program, argv);
  }

  CLI::App app(
      "Kerf decides where to cut a neural network across device, edge and cloud, and what each cut costs.",
      "kerf");
  app.require_subcommand(1);
  app.set_version_flag("--version", KERF_VERSION);
  kerf::cli::add_model(app, [&](const std::string& model, const kerf::InputShapes& shapes) {
    try {
      return kerf::cli::load_model(model, shapes);
    } catch (const kerf::Error& error) {
      // ONNX Runtime may know more operators. kerf-run begins anew, with it.
      std::error_code failure;
      if (error.code() == kerf::ErrorCode::kUnsupported &&
          std::filesystem::exists(beside_this("kerf-run"), failure)) {
        (void)run_companion("kerf-run", argv);
      }
      throw;
    }
  });
  kerf::cli::add_import_profile(app);
  kerf::cli::add_plan(app);
  kerf::cli::add_policy(app);
  // Named here only so that --help lists them: they were handed over above.
  for (const Handover& handover : kHandovers) {
    CLI::App* parent = handover.subcommand.empty() ? &app : app.get_subcommand(std::string(handover.command));
    parent->add_subcommand(std::string(handover.subcommand.empty() ? handover.command : handover.subcommand),
                           std::string(handover.description));
  }
  return kerf::cli::run_app(app, argc, argv);
}
