// The companion that links SimGrid: `kerf simulate` and `kerf sweep`.

#include "cli/command.hpp"

int main(int argc, char** argv) {
  CLI::App app("The commands of kerf that simulate.", "kerf");
  app.require_subcommand(1);
  kerf::cli::add_simulate(app);
  kerf::cli::add_sweep(app);
  return kerf::cli::run_app(app, argc, argv);
}
