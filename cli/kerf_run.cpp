// The companion that links ONNX Runtime and gRPC: `kerf calibrate`, `kerf model verify`, `kerf
// calibrate-link`, `kerf serve` and `kerf run`; `kerf model info` and `slice` where the shapes have to come
// from ONNX Runtime.

#include "cli/command.hpp"
#include "cli/load_model.hpp"
#include "runtime/inference/runtime_shapes.hpp"

int main(int argc, char** argv) {
  CLI::App app("The commands of kerf that run networks and talk to other hosts.", "kerf");
  app.require_subcommand(1);
  kerf::cli::add_calibrate(app);
  kerf::cli::add_calibrate_link(app);
  kerf::cli::add_serve(app);
  kerf::cli::add_run(app);
  CLI::App* model = kerf::cli::add_model(app, [](const std::string& name, const kerf::InputShapes& shapes) {
    return kerf::cli::load_model(name, shapes, kerf::runtime_shapes());
  });
  kerf::cli::add_verify(*model);
  return kerf::cli::run_app(app, argc, argv);
}
