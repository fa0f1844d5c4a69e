// The companion that links ONNX Runtime and gRPC: `kerf calibrate`, `kerf model verify`, `kerf
// calibrate-link` and `kerf serve`.

#include "cli/command.hpp"

int main(int argc, char** argv) {
  CLI::App app("The commands of kerf that run networks and talk to other hosts.", "kerf");
  app.require_subcommand(1);
  kerf::cli::add_calibrate(app);
  kerf::cli::add_calibrate_link(app);
  kerf::cli::add_serve(app);
  CLI::App* model = app.add_subcommand("model", "Look into a model");
  model->require_subcommand(1);
  kerf::cli::add_verify(*model);
  return kerf::cli::run_app(app, argc, argv);
}
