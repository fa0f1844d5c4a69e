// The companion that links SimGrid: `kerf simulate`, `kerf sweep`, `kerf testbed` and `kerf compare`.

#include "cli/command.hpp"

int main(int argc, char** argv) {
  CLI::App app("The commands of kerf that simulate.", "kerf");
  app.require_subcommand(1);
  kerf::cli::add_simulate(app);
  kerf::cli::add_sweep(app);
  kerf::cli::add_compare(app);
  kerf::cli::add_testbed(app);
  return kerf::cli::run_app(app, argc, argv);
}
