#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/check_model.hpp"
#include "cli/command.hpp"
#include "cli/flag_text.hpp"
#include "cli/plan_flag.hpp"
#include "planner/search/search.hpp"
#include "sweep/condition_run.hpp"
#include "testbed/control_groups.hpp"
#include "testbed/real_runs.hpp"

namespace kerf::cli {
namespace {

struct TestbedArguments {
  std::string scenario;
  std::vector<std::string> settings;
  std::vector<std::string> plans;
  int candidates = 0;
  std::vector<std::string> hosts, throttle, pins, traces;
  std::string in;
  std::vector<std::string> words;
  std::string rest = "0s";
  bool clean = false;
  TestbedOptions options;
};

double number(const std::string& text, const std::string& flag, const std::string& expected) {
  const std::optional<double> value = parse_number(text);
  if (!value) throw Error(ErrorCode::kUsage, flag, fmt::format("\"{}\"", text), expected);
  return *value;
}

std::vector<int> processors(const std::string& text) {
  std::vector<int> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const double value = number(text.substr(at, comma - at), "--pin", "processors' numbers, as in edge=0,1");
    if (value < 0 || value > 1023 || value != static_cast<int>(value))
      throw Error(ErrorCode::kUsage, "--pin", fmt::format("\"{}\"", text),
                  "processors' numbers, as in edge=0,1");
    all.push_back(static_cast<int>(value));
    at = comma + 1;
  }
  return all;
}

// LINK=UP[:DOWN], files of mahimahi.
void add_trace(const std::string& text, EmulationOptions& emulation) {
  const auto [link, files] = parse_setting(text, "--trace", "uplink=lte.up:lte.down");
  const std::size_t colon = files.find(':');
  const auto trace = [](const std::string& file) {
    return std::make_shared<const DeliveryTrace>(read_trace(file));
  };
  if (colon == std::string::npos) {
    emulation.traces[link] = trace(files);
  } else {
    emulation.traces[link + "_UP"] = trace(files.substr(0, colon));
    emulation.traces[link + "_DOWN"] = trace(files.substr(colon + 1));
  }
}

PlansOf plans_of(const TestbedArguments& arguments) {
  return [&arguments](const Scenario& scenario, const Problem& problem) {
    std::vector<Plan> plans;
    for (const std::string& text : arguments.plans) plans.push_back(parse_plan_flag(text, problem));
    if (!plans.empty()) return plans;
    const std::vector<PlanCost> costs = arguments.candidates > 0 ? candidates(problem, arguments.candidates)
                                                                 : considered_plans(scenario, problem);
    for (const PlanCost& cost : costs) plans.push_back(cost.plan);
    return plans;
  };
}

TestbedOptions options_of(const TestbedArguments& arguments) {
  TestbedOptions options = arguments.options;
  options.executor = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "kerf-run";
  if (!std::filesystem::exists(options.executor)) {
    throw Error(ErrorCode::kUnsupported, options.executor.string(), "is not there",
                "the program that runs networks",
                "it belongs beside kerf, and is built only where ONNX Runtime is found");
  }
  options.rest = cli::flag(parse_seconds, arguments.rest, "--rest");
  for (const std::string& text : arguments.hosts)
    options.addresses.insert(parse_setting(text, "--host", "edge=10.0.0.7:8470"));
  for (const std::string& text : arguments.throttle) {
    const auto [name, times] = parse_setting(text, "--throttle", "camera=4");
    options.emulation.throttle[name] = number(times, "--throttle", "how many times slower, as in camera=4");
  }
  for (const std::string& text : arguments.pins) {
    const auto [name, list] = parse_setting(text, "--pin", "edge=0,1");
    options.emulation.processors[name] = processors(list);
  }
  for (const std::string& text : arguments.traces) add_trace(text, options.emulation);
  return options;
}

void run_clean() {
  const int removed = remove_leftovers(find_cpu_controller(read_file("/proc/mounts")));
  fmt::print("{} control {} of testbeds that are gone removed; nothing else outlives them\n", removed,
             removed == 1 ? "group" : "groups");
}

void testbed(const TestbedArguments& arguments) {
  if (arguments.clean) return run_clean();
  if (arguments.scenario.empty())
    throw Error(ErrorCode::kUsage, "testbed", "no scenario", "kerf testbed SCENARIO.toml");
  ScenarioFile file{std::filesystem::path(arguments.scenario)};
  for (const std::string& setting : arguments.settings) file.set(setting);
  const TestbedOptions options = options_of(arguments);
  const StopRequested stop = stop_on_interrupt();
  if (!arguments.in.empty()) {
    if (arguments.words.empty())
      throw Error(ErrorCode::kUsage, "--in", "no command",
                  "kerf testbed SCENARIO.toml --in HOST -- COMMAND...");
    const int code = run_on_host(file, options, arguments.in, arguments.words, stop);
    if (code != 0) {
      throw Error(static_cast<ErrorCode>(code), arguments.words.front(),
                  fmt::format("ended with exit code {}", code));
    }
    return;
  }
  check_model(file.bind());
  TestbedResult result;
  try {
    result = run_testbed(file, options, plans_of(arguments), terminal_progress("testbed"), stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    throw Error(ErrorCode::kInterrupted, "testbed", "interrupted; runs that have ended are kept", "",
                "run the same command again to continue");
  }
  for (const std::string& host : result.hosts) fmt::print("  {}\n", host);
  fmt::print(
      "{} runs made, {} were there already; {} attempts void\nWritten: {}/testbed.csv, testbed.json, runs\n",
      result.runs, result.resumed, result.void_attempts, options.out.string());
}

}  // namespace

void add_testbed(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "testbed", "Run plans for real, on this machine made into a scenario's hosts, or on real hosts");
  const auto arguments = std::make_shared<TestbedArguments>();
  const auto list = [&](const std::string& flag, std::vector<std::string>& into, const std::string& text) {
    command->add_option(flag, into, text)->allow_extra_args(false);
  };
  command->add_option("scenario", arguments->scenario, "The scenario file");
  list("--set", arguments->settings, "KEY=VALUE: overrides the scenario; may be repeated");
  list("--plan", arguments->plans,
       "A plan to run; may be repeated. Without any: [sweep] plans, or the candidates");
  command
      ->add_option("--candidates", arguments->candidates, "Run at least so many of the planner's candidates")
      ->check(CLI::Range(1, 1000));
  command->add_option("--repeat", arguments->options.repeats, "Runs of each plan under each condition")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command
      ->add_option("--attempts", arguments->options.attempts,
                   "Attempts at a plan, at most: it is run anew while its repeats lie more than 4 % apart")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--conditions", arguments->options.conditions, "Only these, by number: 0,3,5")
      ->delimiter(',');
  command
      ->add_option("--requests", arguments->options.requests,
                   "Of each device in a run, after the warm-up; the scenario's unless given")
      ->check(CLI::Range(1, 1000000));
  command
      ->add_option(
          "--rest", arguments->rest,
          "Between an answer and the next request, where the scenario's arrivals are single or closed")
      ->capture_default_str();
  command->add_option("--out", arguments->options.out, "Folder for the results")->capture_default_str();
  list("--host", arguments->hosts,
       "NAME=ADDRESS:PORT: an executor on a real host, in place of an emulated one");
  list("--throttle", arguments->throttle,
       "NAME=TIMES: so many times slower; the scenario's slowdown unless given");
  list("--pin", arguments->pins,
       "NAME=PROCESSORS: which of this machine's processors its hosts may use, as in edge=0,1");
  list("--trace", arguments->traces,
       "LINK=FILE or LINK=UP:DOWN: the bandwidth follows a trace in mahimahi's format");
  command->add_option("--in", arguments->in,
                      "Run the command behind -- on this host instead of plans; {NAME} in it "
                      "becomes the address of an echo peer on host NAME");
  command->add_option("command", arguments->words, "For --in");
  command->add_flag("--clean", arguments->clean, "Remove what testbeds that were killed have left");
  command->callback([arguments] { testbed(*arguments); });
}

}  // namespace kerf::cli
