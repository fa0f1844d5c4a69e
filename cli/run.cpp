#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_text.hpp"
#include "cli/load_model.hpp"
#include "cli/policy_table.hpp"
#include "cli/run_outcomes.hpp"
#include "runtime/executor/message_memory.hpp"
#include "runtime/inference/runtime_shapes.hpp"
#include "runtime/split/player.hpp"
#include "runtime/split/raw_input.hpp"

namespace kerf::cli {
namespace {

constexpr Seconds kHostsAnswerWithin{30};
constexpr const char* kHostExample = "edge=10.0.0.7:8470";

struct RunArguments {
  std::string model;
  std::vector<std::string> shapes;
  std::string name;
  std::string plan;
  std::string policy;
  std::vector<std::string> observed;
  std::vector<std::string> paths;
  std::string margin = "5%";
  std::string dwell = "2s";
  std::vector<std::string> hosts;
  bool any_version = false;
  int threads = 1;
  int workers = 1;
  int requests = 1;
  int warmup = 0;
  std::string arrivals = "single";
  std::string rate;
  int in_flight = 1;
  std::string rest = "0s";
  std::uint64_t seed = 1;
  int device = 0;
  std::string input = "random";
  std::string input_bytes;
  std::string deadline = "30s";
  std::string largest_message = "64MB";
  bool ordered = false;
  bool verify = false;
  bool wait = false;
  std::string out;
  bool json = false;
  TlsFiles tls;
  bool insecure = false;
};

Workload workload_of(const RunArguments& arguments) {
  Workload workload;
  workload.arrivals = arguments.arrivals == "closed"     ? Arrivals::kClosed
                      : arguments.arrivals == "periodic" ? Arrivals::kPeriodic
                      : arguments.arrivals == "poisson"  ? Arrivals::kPoisson
                                                         : Arrivals::kSingle;
  if (!arguments.rate.empty()) workload.rate = flag(parse_per_second, arguments.rate, "--rate");
  const bool open = workload.arrivals == Arrivals::kPeriodic || workload.arrivals == Arrivals::kPoisson;
  if (open && workload.rate <= PerSecond(0)) {
    throw Error(ErrorCode::kUsage, "--rate",
                fmt::format("\"{}\" with --arrivals {}", arguments.rate, arguments.arrivals),
                "more than none", "try --rate 4/s");
  }
  workload.in_flight = arguments.in_flight;
  workload.requests = arguments.requests;
  workload.warmup = arguments.warmup;
  workload.seed = arguments.seed;
  return workload;
}

// All input tensors' bytes, one after the other.
Values read_input(const Graph& graph, const std::string& file) {
  const std::string bytes = read_file(file);
  Values values;
  std::size_t at = 0;
  for (const TensorId id : graph.inputs) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    const auto size = static_cast<std::size_t>(tensor.bytes().value());
    if (at + size <= bytes.size())
      values.emplace(tensor.name, Value{tensor.type, tensor.shape, bytes.substr(at, size)});
    at += size;
  }
  if (at != bytes.size()) {
    throw Error(ErrorCode::kBadInput, file, fmt::format("{} bytes", bytes.size()),
                fmt::format("{} bytes: {} input tensors, little-endian, one after the other", at,
                            graph.inputs.size()));
  }
  return values;
}

SplitNetworkOptions network_options(const RunArguments& arguments) {
  SplitNetworkOptions options;
  options.name = arguments.name;
  for (const std::string& text : arguments.hosts)
    options.hosts.insert(parse_setting(text, "--host", kHostExample));
  options.workers = arguments.workers;
  options.deadline = flag(parse_seconds, arguments.deadline, "--deadline");
  options.link.any_version = arguments.any_version;
  if (!arguments.policy.empty()) {  // all devices of a scenario are one load
    options.link.workload = open_policy(arguments.policy).policy.info().scenario;
  }
  options.link.client = {.largest_message = flag(parse_bytes, arguments.largest_message, "--largest-message"),
                         .tls = read_identity(arguments.tls),
                         .insecure = arguments.insecure};
  if (!arguments.input_bytes.empty()) {
    options.raw_input = flag(parse_bytes, arguments.input_bytes, "--input-bytes");
    options.raw_seed = arguments.seed;
    if (*options.raw_input < Bytes(kLeastRawBytes)) {
      throw Error(ErrorCode::kUsage, "--input-bytes", fmt::format("\"{}\"", arguments.input_bytes),
                  "at least 8B", "try --input-bytes 150kB");
    }
    if (arguments.input != "random") {
      throw Error(ErrorCode::kUsage, "--input-bytes", "together with --input",
                  "a random input, which the bytes stand for");
    }
  }
  return options;
}

double parse_share(std::string_view text, const std::string& name) {
  const bool percent = text.ends_with('%');
  const std::optional<double> number = parse_number(text.substr(0, text.size() - (percent ? 1 : 0)));
  if (!number || *number < 0) {
    throw Error(ErrorCode::kUsage, name, fmt::format("\"{}\"", text), "a share such as 5% or 0.05");
  }
  return percent ? *number / 100 : *number;
}

PolicyUse policy_use(const RunArguments& arguments) {
  const PolicyFile file = open_policy(arguments.policy);
  PolicyUse use;
  use.chooser.margin = parse_share(arguments.margin, "--margin");
  use.chooser.dwell = flag(parse_seconds, arguments.dwell, "--dwell");
  if (!arguments.hosts.empty())
    use.axes.main_host = parse_setting(arguments.hosts.front(), "--host", kHostExample).first;
  for (const std::string& text : arguments.paths)
    use.axes.path.insert(parse_setting(text, "--path", "uplink=edge"));
  for (const std::string& text : arguments.observed) {
    const auto [axis, value] = parse_axis_setting(file.policy, text, "--observe");
    use.axes.given.insert_or_assign(std::string(file.policy.axis(axis).name), value);
  }
  return use;
}

void wait_for_start(SplitNetwork& network) {
  network.check_hosts(kHostsAnswerWithin);
  fmt::print("ready\n");
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
}

void run_plan(const RunArguments& arguments) {
  keep_message_memory();
  check_plain_name(arguments.name, "--as", "a host's name", "camera");
  if (arguments.plan.empty() == arguments.policy.empty()) {
    throw Error(ErrorCode::kUsage, "run", arguments.plan.empty() ? "no plan" : "both --plan and --policy",
                "--plan PLAN or --policy FILE");
  }
  const SplitNetworkOptions options = network_options(arguments);
  PlayOptions play_options;
  play_options.workload = workload_of(arguments);
  play_options.rest = flag(parse_seconds, arguments.rest, "--rest");
  play_options.device = arguments.device;
  play_options.ordered = arguments.ordered;

  const StopRequested stop = stop_on_interrupt();
  const Graph graph = load_model(arguments.model, parse_shapes(arguments.shapes), runtime_shapes());
  const Chain chain = find_cuts(graph);
  const Values values =
      arguments.input == "random" ? random_inputs(graph, arguments.seed) : read_input(graph, arguments.input);
  SliceStore store(graph, chain, {.threads = arguments.threads});
  Values reference;
  if (arguments.verify) {
    WeightStore weights(graph);
    Session whole(weights, make_slice(graph, chain, 0, store.last_block()), {.threads = arguments.threads});
    reference = whole.run(values);
    play_options.reference = &reference;
  }
  const Log log = log_to_stderr("kerf run");
  const Clock clock = steady_clock();
  SplitNetwork network(store, options, clock, log);
  if (arguments.policy.empty()) {
    network.use_plan(arguments.plan);
  } else {
    network.use_policy(arguments.policy, policy_use(arguments));
  }
  log(fmt::format("{} ({}): {} slices; {} of weights are shared, the process takes {}", graph.name,
                  graph.hash, store.size(), format(store.shared_weights()), format(process_memory())));
  if (arguments.wait) wait_for_start(network);

  const std::vector<PlayedRequest> played = play(network, owned(values), play_options, clock, stop);
  if (!arguments.out.empty()) write_file(arguments.out, outcomes_csv(played, arguments.device));
  RunSummary summary = summarize(played);
  summary.switches = network.switches();
  fmt::print("{}", arguments.json ? as_json(summary) : as_text(summary));
  throw_unless_all_well(summary, arguments.verify);
  if (stop())
    throw Error(ErrorCode::kInterrupted, "run", fmt::format("interrupted after {} requests", played.size()));
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "Be the device: send requests through a plan's hosts");
  const auto arguments = std::make_shared<RunArguments>();
  command->add_option("model", arguments->model, "An ONNX file or a name of the zoo")->required();
  command->add_option("--shape", arguments->shapes, "INPUT=1,3,320,320: an input's shape; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--as", arguments->name, "This device's name in plans")->required();
  command->add_option("--plan", arguments->plan, "camera:0-3,edge:4-19,cloud:20-26: always this one");
  command->add_option("--policy", arguments->policy, "A table of `kerf sweep` decides, request by request");
  command->add_option("--observe", arguments->observed, "AXIS=VALUE: what the device cannot measure")
      ->allow_extra_args(false);
  command->add_option("--path", arguments->paths, "NETWORK=HOST: whose path network.NETWORK is about")
      ->allow_extra_args(false);
  command
      ->add_option("--margin", arguments->margin, "Switch at once where every other plan costs so much more")
      ->capture_default_str();
  command->add_option("--dwell", arguments->dwell, "How long a smaller advantage has to last")
      ->capture_default_str();
  command
      ->add_option("--host", arguments->hosts,
                   "NAME=ADDRESS:PORT of a host that plans go to; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--any-version", arguments->any_version,
                    "Take servers that know no hashes by their tensors alone");
  command->add_option("--threads", arguments->threads, "Of one slice's computation")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--workers", arguments->workers, "Slices computed at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--requests", arguments->requests, "Requests that count")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command->add_option("--warmup", arguments->warmup, "Requests that come first and do not count")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  command->add_option("--arrivals", arguments->arrivals, "single, closed, periodic or poisson")
      ->check(CLI::IsMember({"single", "closed", "periodic", "poisson"}))
      ->capture_default_str();
  command->add_option("--rate", arguments->rate, "Of periodic and poisson arrivals, such as 4/s");
  command->add_option("--in-flight", arguments->in_flight, "Of closed arrivals")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--rest", arguments->rest,
                   "Of single and closed arrivals: between an answer and the next request")
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Of arrivals and of a random input")->capture_default_str();
  command->add_option("--device", arguments->device, "Which of the scenario's devices: it chooses the draws")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->add_option("--input", arguments->input, "A file of the input tensors' bytes, or random")
      ->capture_default_str();
  command->add_option("--input-bytes", arguments->input_bytes, "Send so many bytes for a raw input");
  command->add_option("--deadline", arguments->deadline, "Of what other hosts do for a request")
      ->capture_default_str();
  command->add_option("--largest-message", arguments->largest_message, "Larger replies are refused")
      ->capture_default_str();
  command->add_flag("--ordered", arguments->ordered, "Hand answers over in the order of their requests");
  command->add_flag("--verify", arguments->verify, "Hold every answer against the whole model's");
  command->add_flag("--wait", arguments->wait,
                    "Print `ready` when all hosts answer; start at a line on stdin");
  command->add_option("--out", arguments->out, "One row a request, as CSV");
  command->add_flag("--json", arguments->json, "For programs");
  command->add_option("--tls-cert", arguments->tls.certificate, "This device's certificate (PEM)");
  command->add_option("--tls-key", arguments->tls.key, "Its private key (PEM)");
  command->add_option("--tls-ca", arguments->tls.authority, "Who signs the certificates it believes (PEM)");
  command->add_flag("--insecure", arguments->insecure, "Talk to other machines without TLS, unencrypted");
  command->callback([arguments] { run_plan(*arguments); });
}

}  // namespace kerf::cli
