#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_server.hpp"

namespace kerf::cli {
namespace {

constexpr Bytes kLargestMessage{64e6};
constexpr Seconds kGrace{1};

struct ServeArguments {
  bool echo = false;
  std::string listen = "127.0.0.1:8470";
  bool insecure = false;
};

void run_serve(const ServeArguments& arguments) {
  if (!arguments.echo) {
    throw Error(ErrorCode::kUsage, "serve", "nothing to serve", "--echo, the peer for measuring links");
  }
  const StopRequested stop = stop_on_interrupt();
  ServerOptions options;
  options.listen = arguments.listen;
  options.insecure = arguments.insecure;
  options.largest_message = kLargestMessage;
  InferenceServer server({echo_model(kLargestMessage)}, options);
  fmt::print("{}\n", server.address());
  std::fflush(stdout);
  fmt::print(stderr, "kerf serve: an echo peer listens on {}; Ctrl-C ends it\n", server.address());
  while (!stop()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server.stop(kGrace);
}

}  // namespace

void add_serve(CLI::App& app) {
  CLI::App* command = app.add_subcommand("serve", "Answer other hosts: the echo peer for measuring links");
  const auto arguments = std::make_shared<ServeArguments>();
  command->add_flag("--echo", arguments->echo, "Be the peer of `kerf calibrate-link`");
  command
      ->add_option("--listen", arguments->listen, "ADDRESS:PORT; port 0 picks a free one, which is printed")
      ->capture_default_str();
  command->add_flag("--insecure", arguments->insecure,
                    "Listen to other machines too, unencrypted and for everybody");
  command->callback([arguments] { run_serve(*arguments); });
}

}  // namespace kerf::cli
