#include "testbed/real_runs.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "testbed/executors.hpp"
#include "testbed/real_results.hpp"

namespace kerf {
namespace {

constexpr int kPort = 8470;
constexpr Seconds kLoading{600};
constexpr Seconds kRunning{7200};
constexpr Seconds kEchoStarts{30};
constexpr int kUnanswered = 20;  // kerf run's exit code where a request had no answer

// One condition, everything looked up.
struct Turn {
  Condition condition;
  Scenario scenario;
  std::shared_ptr<const Problem> problem;
  std::vector<Plan> plans;
};

void refuse_what_cannot_be_run(const Scenario& scenario, const Problem& problem,
                               std::span<const Plan> plans) {
  const std::string where = scenario.file.string();
  if (!problem.workload.return_result) {
    throw Error(ErrorCode::kUnsupported, where, "workload.return_result is false", "true in a real run",
                "an answer's way back is part of what is measured");
  }
  if (problem.batch != 1)
    throw Error(ErrorCode::kUnsupported, where, fmt::format("model.batch is {}", problem.batch),
                "1 in a real run");
  for (const Plan& plan : plans) {
    for (std::size_t i = 1; i < plan.stages.size(); ++i) {
      if (plan.stages[i].host == problem.source) {
        throw Error(ErrorCode::kUnsupported, to_text(plan, problem.host_names()), "comes back to the source",
                    "a plan that leads away from it");
      }
      const ProblemHost& from = problem.hosts[static_cast<std::size_t>(plan.stages[i - 1].host)];
      const ProblemHost& to = problem.hosts[static_cast<std::size_t>(plan.stages[i].host)];
      if (plan.stages[i - 1].host == problem.source || to.rank > from.rank) continue;
      throw Error(ErrorCode::kUnsupported, to_text(plan, problem.host_names()),
                  fmt::format("{} hands on to {}", from.name, to.name),
                  "a plan that moves to later tiers: an executor knows only the hosts of those");
    }
  }
}

std::vector<Turn> turns_of(const ScenarioFile& file, const Scenario& scenario, const TestbedOptions& options,
                           const PlansOf& plans_of) {
  std::vector<std::size_t> chosen = options.conditions;
  if (chosen.empty()) {
    for (std::size_t i = 0; i < condition_count(scenario); ++i) chosen.push_back(i);
  }
  ProblemBuilder builder;
  std::vector<Turn> turns;
  for (const std::size_t index : chosen) {
    if (index >= condition_count(scenario)) {
      throw Error(ErrorCode::kUsage, "--conditions", fmt::format("{}", index),
                  fmt::format("below {}: so many conditions has the scenario", condition_count(scenario)));
    }
    Turn turn{.condition = condition_at(scenario, index), .scenario = {}, .problem = {}, .plans = {}};
    turn.scenario = file.bind(turn.condition);
    auto problem = std::make_shared<Problem>(*builder.build(turn.scenario));
    problem->workload.requests = options.requests.value_or(problem->workload.requests);
    turn.problem = std::move(problem);
    turn.plans = plans_of(turn.scenario, *turn.problem);
    refuse_what_cannot_be_run(turn.scenario, *turn.problem, turn.plans);
    turns.push_back(std::move(turn));
  }
  return turns;
}

std::vector<Plan> all_plans(std::span<const Turn> turns) {
  std::set<Plan> all;
  for (const Turn& turn : turns) all.insert(turn.plans.begin(), turn.plans.end());
  return {all.begin(), all.end()};
}

std::map<std::string, std::string> provenance_of(const TestbedOptions& options,
                                                 const std::vector<std::string>& hosts) {
  utsname system{};
  ::uname(&system);
  std::map<std::string, std::string> all{
      {"tool", "kerf testbed"},
      {"version", KERF_VERSION},
      {"begun", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"system", fmt::format("{} {} {}", system.sysname, system.release, system.machine)},
      {"network", options.addresses.empty() ? "emulated" : "real"}};
  for (const std::string& host : hosts) all.emplace("hosts " + host.substr(0, host.find(':')), host);
  return all;
}

// Where requests go, and whoever answers them. Servers that somebody else started are only addresses.
class Deployment {
 public:
  Deployment(const TestbedOptions& options, std::span<const Turn> turns, const StopRequested& stop)
      : options_(options), plans_(all_plans(turns)), stop_(stop) {
    if (options.addresses.empty()) {
      emulation_ = std::make_unique<Emulation>(*turns.front().problem, options.emulation);
      hosts_ = emulation_->description();
      return;
    }
    if (turns.size() > 1) {
      throw Error(ErrorCode::kUsage, "--host", fmt::format("{} conditions", turns.size()),
                  "one, since real hosts and links are as they are", "choose one with --conditions");
    }
    for (const auto& [name, address] : options.addresses)
      hosts_.push_back(fmt::format("{}: {}", name, address));
  }

  [[nodiscard]] const std::vector<std::string>& hosts() const { return hosts_; }

  // From now on everything is as under this condition.
  void take_turn(const Turn& turn) {
    if (!emulation_) return;
    emulation_->apply(*turn.problem);
    std::map<ServerPlace, std::vector<std::string>> wanted;
    const std::vector<ServerPlace> places = server_places(*turn.problem, plans_);
    for (const ServerPlace& place : places) {
      wanted[place] = serve_words(turn.scenario, *turn.problem, plans_, place,
                                  address(*turn.problem, place.host_class, place.host), next_of(turn, place));
    }
    if (wanted == serving_) return;
    emulation_->throttle(false);
    servers_.clear();
    serving_ = wanted;
    for (const ServerPlace& place : places) {
      servers_.emplace_back(emulation_->on(place.host, command(turn, place.host, wanted.at(place))));
      static_cast<void>(servers_.back().await_line("listening on ", kLoading, stop_));
    }
    emulation_->throttle(true);
  }

  // What `kerf run --out` wrote, of all devices.
  [[nodiscard]] std::string run(const Turn& turn, const Plan& plan) const {
    const Problem& problem = *turn.problem;
    std::vector<ChildProcess> devices;
    std::vector<std::filesystem::path> files;
    if (emulation_) emulation_->throttle(false);
    for (int device = 0; device < devices_of(problem); ++device) {
      const HostId host = problem.instance(problem.source, device);
      files.push_back(options_.out / fmt::format("device-{}.csv", device));
      std::filesystem::remove(files.back());
      Command made = command(turn, host,
                             run_words(turn.scenario, problem, plan, device, options_.rest,
                                       seen_by(problem, device), files.back()));
      devices.emplace_back(emulation_ ? emulation_->on(host, std::move(made)) : std::move(made));
    }
    for (ChildProcess& device : devices) static_cast<void>(device.await_line("ready", kLoading, stop_));
    if (emulation_) emulation_->throttle(true);
    for (ChildProcess& device : devices) device.say("go");
    std::string all;
    for (std::size_t i = 0; i < devices.size(); ++i) {
      const int code = devices[i].await_end(kRunning, stop_);
      if (code != 0 && code != kUnanswered) {
        throw Error(ErrorCode::kLimit, fmt::format("device {}", i),
                    fmt::format("kerf run ended with exit code {}: {}", code, devices[i].last_words()));
      }
      const std::string rows = read_file(files[i]);
      all += i == 0 ? rows : rows.substr(std::min(rows.find('\n') + 1, rows.size()));
      std::filesystem::remove(files[i]);
    }
    return all;
  }

 private:
  static int devices_of(const Problem& problem) {
    return problem.workload.arrivals == Arrivals::kSingle ? 1 : problem.devices();
  }

  [[nodiscard]] std::string address(const Problem& problem, int host_class, HostId host) const {
    const std::string& name = problem.hosts[static_cast<std::size_t>(host_class)].name;
    if (emulation_) return fmt::format("{}:{}", emulation_->address(host), kPort);
    const auto given = options_.addresses.find(name);
    if (given != options_.addresses.end()) return given->second;
    throw Error(ErrorCode::kUsage, "--host", fmt::format("no address for {}", name),
                fmt::format("--host {}=ADDRESS:PORT", name), "where one host is real, all are");
  }

  [[nodiscard]] Addresses next_of(const Turn& turn, const ServerPlace& place) const {
    return kerf::next_of(*turn.problem, place, [&](int host_class, HostId host) {
      return address(*turn.problem, host_class, host);
    });
  }

  // The hosts that plans use, as this device sees them.
  [[nodiscard]] Addresses seen_by(const Problem& problem, int device) const {
    Addresses hosts;
    for (const ServerPlace& place : server_places(problem, plans_)) {
      if (problem.instance(place.host_class, device) != place.host) continue;
      hosts.emplace(problem.hosts[static_cast<std::size_t>(place.host_class)].name,
                    address(problem, place.host_class, place.host));
    }
    return hosts;
  }

  [[nodiscard]] Command command(const Turn& turn, HostId host, std::vector<std::string> words) const {
    words.insert(words.begin(), options_.executor.string());
    const std::string& name = turn.problem->platform->hosts()[static_cast<std::size_t>(host)].name;
    return {.words = std::move(words),
            .log = options_.out / "log" / (name + ".log"),
            .processors = {},
            .group = {}};
  }

  const TestbedOptions& options_;
  std::vector<Plan> plans_;
  const StopRequested& stop_;
  std::vector<std::string> hosts_;
  std::unique_ptr<Emulation> emulation_;
  std::map<ServerPlace, std::vector<std::string>> serving_;
  std::vector<ChildProcess> servers_;  // go before the emulation does
};

using Report = std::function<void(const Turn&, const std::string& plan, std::size_t again)>;

// One condition's plans, all repeats and attempts.
class Rounds {
 public:
  Rounds(Deployment& deployment, RealRecorder& recorder, const TestbedOptions& options, TestbedResult& result,
         const Report& report)
      : deployment_(deployment), recorder_(recorder), options_(options), result_(result), report_(report) {}

  void run(const Turn& turn) {
    bool begun = false;
    for (int attempt = 0; attempt < options_.attempts; ++attempt) {
      for (int repeat = 0; repeat < options_.repeats; ++repeat) {
        for (const Plan& plan : turn.plans) {
          const RunKey key{.condition = turn.condition.index,
                           .plan = to_text(plan, turn.problem->host_names()),
                           .attempt = attempt,
                           .repeat = repeat};
          if (!is_needed(key)) continue;
          if (recorder_.has(key)) {
            ++result_.resumed;
            continue;
          }
          if (!std::exchange(begun, true)) deployment_.take_turn(turn);
          report_(turn, key.plan, again_);
          recorder_.add(key, settings_of(turn.condition), deployment_.run(turn, plan));
          ++result_.runs;
        }
      }
      for (const Plan& plan : turn.plans) {
        if (!is_void(turn.condition.index, to_text(plan, turn.problem->host_names()), attempt)) continue;
        ++result_.void_attempts;
        if (attempt + 1 < options_.attempts) again_ += static_cast<std::size_t>(options_.repeats);
      }
    }
  }

 private:
  [[nodiscard]] bool is_void(std::size_t condition, const std::string& plan, int attempt) const {
    return noise_of(recorder_.means(condition, plan, attempt)) > kVoidNoise;
  }
  [[nodiscard]] bool is_needed(const RunKey& key) const {
    return key.attempt == 0 || is_void(key.condition, key.plan, key.attempt - 1);
  }

  Deployment& deployment_;
  RealRecorder& recorder_;
  const TestbedOptions& options_;
  TestbedResult& result_;
  const Report& report_;
  std::size_t again_ = 0;  // runs that void attempts have added
};

// "camera=2 edge=4"
template <class Values, class Text>
std::string joined(const Values& values, const Text& text) {
  std::string all;
  for (const auto& [name, value] : values)
    all += fmt::format("{}{}={}", all.empty() ? "" : " ", name, text(value));
  return all;
}

}  // namespace

std::map<std::string, std::string> flags_of(const TestbedOptions& options) {
  const auto itself = [](const std::string& text) { return text; };
  std::map<std::string, std::string> flags{
      {"--rest", options.rest > Seconds(0) ? format_exact(options.rest.value()) + "s" : ""},
      {"--throttle", joined(options.emulation.throttle, format_exact)},
      {"--pin", joined(options.emulation.processors,
                       [](const std::vector<int>& all) { return fmt::format("{}", fmt::join(all, ",")); })},
      {"--trace", joined(options.emulation.traces, [](const auto& trace) { return trace->hash(); })},
      {"--host", joined(options.addresses, itself)}};
  std::erase_if(flags, [](const auto& flag) { return flag.second.empty(); });
  return flags;
}

TestbedResult run_testbed(const ScenarioFile& file, const TestbedOptions& options, const PlansOf& plans_of,
                          const ProgressReport& progress, const StopRequested& stop) {
  const Scenario scenario = file.bind();
  const std::vector<Turn> turns = turns_of(file, scenario, options, plans_of);
  if (options.addresses.empty()) {
    for (const Turn& turn : turns)
      refuse_other_hosts(*turns.front().problem, *turn.problem, options.emulation);
  }
  ensure_writable_folder(options.out / "log");
  Deployment deployment(options, turns, stop);
  const Problem& first = *turns.front().problem;
  Question question{.scenario = scenario.name,
                    .scenario_hash = scenario.text_hash,
                    .model = first.model,
                    .model_hash = first.model_hash,
                    .axes = {}};
  for (const Axis& axis : scenario.sweep.axes) question.axes.push_back(axis.key);
  RunSetup setup{.flags = flags_of(options), .requests = {}};
  for (const Turn& turn : turns)
    setup.requests.emplace(turn.condition.index, turn.problem->workload.requests);
  RealRecorder recorder(options.out, question, setup, provenance_of(options, deployment.hosts()));

  TestbedResult result;
  result.hosts = deployment.hosts();
  std::size_t all = 0;
  for (const Turn& turn : turns) all += turn.plans.size() * static_cast<std::size_t>(options.repeats);
  const Report report = [&](const Turn& turn, const std::string& plan, std::size_t again) {
    const std::size_t done = result.runs + result.resumed;
    if (progress)
      progress(static_cast<double>(done), static_cast<double>(all + again),
               fmt::format("condition {}, {}", turn.condition.index, plan));
  };
  Rounds rounds(deployment, recorder, options, result, report);
  for (const Turn& turn : turns) rounds.run(turn);
  return result;
}

int run_on_host(const ScenarioFile& file, const TestbedOptions& options, const std::string& host,
                std::vector<std::string> words, const StopRequested& stop) {
  Scenario bound = file.bind();
  for (NetworkGroup& group : bound.networks) {
    if (!std::filesystem::exists(group.measured)) group.measured.clear();  // perhaps this is to measure it
  }
  const std::shared_ptr<const Problem> problem = ProblemBuilder().build(bound);
  const auto find_class = [&](const std::string& name) {
    const auto found = std::ranges::find(problem->hosts, name, &ProblemHost::name);
    if (found == problem->hosts.end() || found->instances.empty()) {
      throw Error(ErrorCode::kUsage, "--in", fmt::format("\"{}\"", name),
                  fmt::format("one of {}", fmt::join(problem->host_names(), ", ")));
    }
    return problem->instance(static_cast<int>(found - problem->hosts.begin()), 0);
  };
  const HostId place = find_class(host);
  ensure_writable_folder(options.out / "log");
  Emulation emulation(*problem, options.emulation);
  emulation.apply(*problem);
  std::vector<ChildProcess> peers;
  for (const ProblemHost& each : problem->hosts) {
    if (each.instances.empty()) continue;
    const HostId there = find_class(each.name);
    if (there == place) continue;
    const std::string address = fmt::format("{}:{}", emulation.address(there), kPort);
    const std::string mark = "{" + each.name + "}";
    bool named = false;
    for (std::string& word : words) {
      for (std::size_t at = word.find(mark); at != std::string::npos; at = word.find(mark)) {
        word.replace(at, mark.size(), address);
        named = true;
      }
    }
    if (!named) continue;
    peers.emplace_back(emulation.on(
        there, {.words = {options.executor.string(), "serve", "--echo", "--listen", address, "--insecure"},
                .log = options.out / "log" / (each.name + ".log"),
                .processors = {},
                .group = {}}));
    static_cast<void>(peers.back().await_line("", kEchoStarts, stop));
  }
  ChildProcess program(emulation.on(
      place, {.words = std::move(words), .log = {}, .speaks = false, .processors = {}, .group = {}}));
  return program.await_end(kRunning, stop);
}

}  // namespace kerf
