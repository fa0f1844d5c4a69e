#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_text.hpp"
#include "cli/load_model.hpp"
#include "cli/policy_table.hpp"
#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_server.hpp"
#include "runtime/executor/message_memory.hpp"
#include "runtime/inference/runtime_shapes.hpp"
#include "runtime/split/policy_plans.hpp"
#include "runtime/split/slice_server.hpp"

namespace kerf::cli {
namespace {

constexpr Seconds kGrace{1};

struct ServeArguments {
  bool echo = false;
  std::string model;
  std::vector<std::string> shapes;
  std::string name;
  std::vector<std::string> slices;
  std::string policy;
  std::vector<std::string> next;
  std::string listen = "127.0.0.1:8470";
  int threads = 1;
  int workers = 1;
  int queue = 64;
  int per_client = 32;
  std::string largest_message = "64MB";
  std::string decode;
  TlsFiles tls;
  bool insecure = false;
};

ServerOptions server_options(const ServeArguments& arguments) {
  ServerOptions options;
  options.listen = arguments.listen;
  options.tls = read_identity(arguments.tls);
  options.insecure = arguments.insecure;
  options.largest_message = flag(parse_bytes, arguments.largest_message, "--largest-message");
  return options;
}

void serve_until_stopped(std::vector<ServedModel> models, const ServerOptions& options,
                         const StopRequested& stop) {
  InferenceServer server(std::move(models), options);
  fmt::print("listening on {}\n", server.address());
  std::fflush(stdout);
  while (!stop()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server.stop(kGrace);
}

std::set<BlockRange> slices_to_serve(const ServeArguments& arguments, const Graph& graph, int last_block) {
  std::set<BlockRange> slices;
  for (const std::string& text : arguments.slices) slices.insert(parse_block_range(text, "--slice"));
  if (!arguments.policy.empty()) {
    const PolicyFile opened = open_policy(arguments.policy);
    for (const auto& plan : plans_of(opened.policy, arguments.policy, graph, last_block)) {
      for (const HostSlice& slice : plan) {
        if (slice.host == arguments.name) slices.insert({slice.first_block, slice.last_block});
      }
    }
    if (slices.empty()) {
      throw Error(ErrorCode::kUsage, "--as",
                  fmt::format("no plan of {} gives {} anything", arguments.policy, arguments.name),
                  "a host of its plans", "`kerf policy info` lists them");
    }
  }
  if (slices.empty()) {
    throw Error(ErrorCode::kUsage, "serve", "nothing to serve",
                "--slice FIRST-LAST, --policy FILE or --echo");
  }
  return slices;
}

void serve_slices(const ServeArguments& arguments) {
  check_plain_name(arguments.name, "--as", "a host's name", "edge");
  ServerOptions options = server_options(arguments);
  // Each waiting request has a thread: the slices' own line decides who computes.
  options.workers = arguments.workers + arguments.queue;
  options.queue = 0;
  options.per_client = arguments.per_client;
  SliceServerOptions slice_options;
  slice_options.name = arguments.name;
  slice_options.workers = arguments.workers;
  for (const std::string& text : arguments.next)
    slice_options.next.insert(parse_setting(text, "--next", "cloud=10.0.0.9:8470"));
  if (!arguments.decode.empty()) slice_options.decode = flag(parse_seconds, arguments.decode, "--decode");
  slice_options.link.client = {
      .largest_message = options.largest_message, .tls = options.tls, .insecure = options.insecure};

  const StopRequested stop = stop_on_interrupt();
  const Graph graph = load_model(arguments.model, parse_shapes(arguments.shapes), runtime_shapes());
  const Chain chain = find_cuts(graph);
  SliceStore store(graph, chain, {.threads = arguments.threads});
  const std::set<BlockRange> wanted = slices_to_serve(arguments, graph, store.last_block());
  const Log log = log_to_stderr("kerf serve");
  SliceServer slices(store, {wanted.begin(), wanted.end()}, slice_options, steady_clock(), log);
  log(fmt::format("{} ({}): {} slices; {} of weights are shared, the process takes {}", graph.name,
                  graph.hash, store.size(), format(store.shared_weights()), format(process_memory())));
  serve_until_stopped(slices.models(), options, stop);
}

// What only a model's server can honour.
void refuse_beside_echo(const CLI::App& command) {
  for (const char* flag : {"--shape", "--as", "--slice", "--policy", "--next", "--threads", "--decode"}) {
    if (command.count(flag) == 0) continue;
    throw Error(ErrorCode::kUsage, flag, "beside --echo, which runs no model",
                "a model, or --echo without it", "leave it out");
  }
}

// Its own limits are wider than those of a model's server: what is not given stays as it is.
void serve_echo(const ServeArguments& arguments, const CLI::App& command) {
  refuse_beside_echo(command);
  ServerOptions options = server_options(arguments);
  if (command.count("--workers") > 0) options.workers = arguments.workers;
  if (command.count("--queue") > 0) options.queue = arguments.queue;
  if (command.count("--per-client") > 0) options.per_client = arguments.per_client;
  serve_until_stopped({echo_model(options.largest_message)}, options, stop_on_interrupt());
}

void run_serve(const ServeArguments& arguments, const CLI::App& command) {
  keep_message_memory();
  if (!arguments.echo && arguments.model.empty()) {
    throw Error(ErrorCode::kUsage, "serve", "nothing to serve",
                "a model, or --echo, the peer for measuring links");
  }
  if (arguments.echo && !arguments.model.empty()) {
    throw Error(ErrorCode::kUsage, "serve", "both a model and --echo", "one of them");
  }
  if (arguments.echo) {
    serve_echo(arguments, command);
  } else {
    serve_slices(arguments);
  }
}

}  // namespace

void add_serve(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "serve", "Answer other hosts: run slices of a model, or be the echo for measuring links");
  const auto arguments = std::make_shared<ServeArguments>();
  command->add_option("model", arguments->model, "An ONNX file or a name of the zoo");
  command->add_flag("--echo", arguments->echo, "Be the peer of `kerf calibrate-link`");
  command->add_option("--shape", arguments->shapes, "INPUT=1,3,320,320: an input's shape; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--as", arguments->name, "This host's name in plans");
  command->add_option("--slice", arguments->slices, "FIRST-LAST: blocks to serve; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--policy", arguments->policy, "Serve every slice that its plans give to this host");
  command->add_option("--next", arguments->next, "NAME=ADDRESS:PORT of a later host; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--listen", arguments->listen, "ADDRESS:PORT; port 0 picks a free one, which is printed")
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Of one slice's computation")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--workers", arguments->workers, "Slices computed at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--queue", arguments->queue, "Requests that may wait; further ones are refused")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command->add_option("--per-client", arguments->per_client, "Requests of one client at once")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--largest-message", arguments->largest_message, "Larger requests are refused")
      ->capture_default_str();
  command->add_option("--decode", arguments->decode, "Take raw inputs, and hold a worker so long for each");
  command->add_option("--tls-cert", arguments->tls.certificate, "This host's certificate (PEM)");
  command->add_option("--tls-key", arguments->tls.key, "Its private key (PEM)");
  command->add_option("--tls-ca", arguments->tls.authority, "Who signs the certificates it believes (PEM)");
  command->add_flag("--insecure", arguments->insecure,
                    "Listen and talk to other machines without TLS, unencrypted and for everybody");
  command->callback([arguments, command] { run_serve(*arguments, *command); });
}

}  // namespace kerf::cli
