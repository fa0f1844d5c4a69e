#pragma once
// A subcommand: a function that adds itself to a CLI11 app. One file a subcommand; kerf.cpp, kerf_sim.cpp and
// kerf_run.cpp gather them. The callback throws Error; the programs turn that into one message and the exit
// code.
//
// `kerf` itself links neither SimGrid nor ONNX Runtime nor gRPC, so that it starts in milliseconds: for
// `simulate`, `sweep`, `testbed` and `compare` it runs its companion kerf-sim, for `calibrate`, `model
// verify`, `calibrate-link`, `serve` and `run` kerf-run, which stand beside it; and kerf-run too for a model
// whose shapes only ONNX Runtime knows.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/log.hpp"
#include "base/progress.hpp"
#include "models/onnx_import.hpp"

namespace kerf::cli {

// How a program loads the model that the user names: load_model.hpp, with or without a shape oracle.
using ModelLoader = std::function<Graph(const std::string& model, const InputShapes& shapes)>;

// list, info, slice, export; verify hands over to kerf-run. Gives `model`, for more subcommands.
CLI::App* add_model(CLI::App& app, ModelLoader load);
void add_import_profile(CLI::App& app);
void add_plan(CLI::App& app);
void add_policy(CLI::App& app);

void add_simulate(CLI::App& app);  // kerf-sim
void add_sweep(CLI::App& app);     // kerf-sim
void add_compare(CLI::App& app);   // kerf-sim
void add_testbed(CLI::App& app);   // kerf-sim

void add_calibrate(CLI::App& app);       // kerf-run
void add_verify(CLI::App& model);        // kerf-run: `verify` under `model`
void add_calibrate_link(CLI::App& app);  // kerf-run
void add_serve(CLI::App& app);           // kerf-run
void add_run(CLI::App& app);             // kerf-run

// What becomes part of a file's name or names a host in plans: Error(kUsage) for anything but letters,
// digits, '-', '_' and '.', or a '.' in front (scenarios take no '.' in names at all), such as
//
//   --as: "a/b"; expected a host's name: letters, digits, '-', '_' and '.'; try --as edge
void check_plain_name(const std::string& name, const std::string& flag, const std::string& what,
                      const std::string& example);

// Prints "NAME: line" on stderr.
[[nodiscard]] Log log_to_stderr(std::string name);
// Prints "  42 %  1 min 10 s left  what" on stderr, on one line when it is a terminal, seldom otherwise.
[[nodiscard]] ProgressReport terminal_progress(std::string_view task);
// True once the user pressed Ctrl-C; the first call installs the handler.
[[nodiscard]] StopRequested stop_on_interrupt();

// Parses, runs the callback, prints errors; returns the exit code.
int run_app(CLI::App& app, int argc, char** argv);

}  // namespace kerf::cli
