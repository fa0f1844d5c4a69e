// The companion that links ONNX Runtime: `kerf calibrate` and `kerf model verify`.

#include "cli/command.hpp"

int main(int argc, char** argv) {
  CLI::App app("The commands of kerf that run networks.", "kerf");
  app.require_subcommand(1);
  kerf::cli::add_calibrate(app);
  CLI::App* model = app.add_subcommand("model", "Look into a model");
  model->require_subcommand(1);
  kerf::cli::add_verify(*model);
  return kerf::cli::run_app(app, argc, argv);
}
