#include "sweep/sweep.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "planner/search/budget.hpp"
#include "policy/writer/policy_writer.hpp"
#include "scenarios/problem.hpp"
#include "sim/simulator.hpp"
#include "sweep/condition_run.hpp"
#include "sweep/fork_pool.hpp"
#include "sweep/grid_points.hpp"
#include "sweep/refine.hpp"
#include "sweep/regret.hpp"
#include "sweep/store.hpp"
#include "sweep/summary.hpp"
#include "sweep/table.hpp"

namespace kerf {
namespace {

constexpr std::size_t kConditionsPerCommit = 32;

std::string content_hash(const std::filesystem::path& file) {
  return hex(xxh64(read_file(file)));
}

// Every file that the rows depend on, under any condition.
struct InputFiles {
  std::set<std::filesystem::path> profiles, platforms, measured_links;
};

// The file as the scenario names it: from its own folder, wherever the command runs.
std::string name_of(const std::filesystem::path& file, const Scenario& scenario) {
  return file.lexically_proximate(scenario.file.parent_path()).generic_string();
}

// What the rows depend on, files by what they hold: a resume goes on only where all of it is the same.
Identity identity_of(const Scenario& scenario, const Problem& problem, const InputFiles& files) {
  Identity identity;
  identity["scenario"] = scenario.name;
  identity["scenario hash"] = scenario.text_hash;
  identity["conditions"] = fmt::format("{}", condition_count(scenario));
  identity["model"] = problem.model;
  identity["model hash"] = problem.model_hash;
  identity["made by"] = fmt::format("kerf {}", KERF_VERSION);
  const auto add = [&](const char* what, const std::set<std::filesystem::path>& named) {
    for (const std::filesystem::path& file : named)
      identity[fmt::format("{} {}", what, name_of(file, scenario))] = content_hash(file);
  };
  add("profile hash of", files.profiles);
  add("platform hash of", files.platforms);
  add("measured link", files.measured_links);
  return identity;
}

// Conditions that one engine serves: those with the same hosts on the same platform. SimGrid has one engine a
// process, so each batch has workers of its own.
using Batch = std::vector<std::size_t>;

std::string engine_key(const Problem& problem) {
  std::string key = problem.platform->hash();
  for (const ProblemHost& host : problem.hosts)
    key += fmt::format(" {}={}", host.name, fmt::join(host.instances, ","));
  return key;
}

struct Work {
  std::vector<Batch> batches;
  InputFiles files;
  std::shared_ptr<const Problem> first;  // of the first condition
};

// Builds every condition's problem before any is simulated, so that a mistake in the last one is found at
// once and not in the middle of the sweep.
Work work_of(const ScenarioFile& file, const Scenario& scenario, const StopRequested& stop) {
  Work work;
  ProblemBuilder builder;
  std::map<std::string, std::size_t> batch_of;
  for (std::size_t i = 0; i < condition_count(scenario); ++i) {
    if (stop && stop()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    const Scenario bound = file.bind(condition_at(scenario, i));
    const std::shared_ptr<const Problem> problem = builder.build(bound);
    if (!work.first) work.first = problem;
    if (!scenario.sweep.plans.empty()) static_cast<void>(considered_plans(bound, *problem));
    work.files.platforms.insert(bound.platform);
    for (const HostClass& host : bound.hosts) work.files.profiles.insert(host.profile);
    for (const NetworkGroup& group : bound.networks) {
      if (!group.measured.empty()) work.files.measured_links.insert(group.measured);
    }
    const auto [found, is_new] = batch_of.try_emplace(engine_key(*problem), work.batches.size());
    if (is_new) work.batches.emplace_back();
    work.batches[found->second].push_back(i);
  }
  return work;
}

// Puts conditions into the store as they end, and reports how far the sweep is.
class Recorder {
 public:
  Recorder(Store& store, const Scenario& scenario, const ProgressReport& progress)
      : store_(store), scenario_(scenario), total_(condition_count(scenario)), progress_(progress) {}
  ~Recorder() {
    if (std::uncaught_exceptions() == 0) return;
    try {
      store_.commit();  // interrupted: what has ended is kept
    } catch (const Error&) {
      // The disk is full or gone; the first error is the one to tell.
    }
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void record(std::size_t condition, std::span<const SweepRow> rows) {
    store_.add(condition_at(scenario_, condition), rows);
    if (++uncommitted_ == kConditionsPerCommit) {
      store_.commit();
      uncommitted_ = 0;
    }
    if (progress_) {
      progress_(static_cast<double>(store_.conditions()), static_cast<double>(total_),
                fmt::format("condition {} of {}", store_.conditions(), total_));
    }
  }

 private:
  Store& store_;
  const Scenario& scenario_;
  std::size_t total_;
  const ProgressReport& progress_;
  std::size_t uncommitted_ = 0;
};

void run_unloaded(const ScenarioFile& file, std::span<const std::size_t> conditions, const Scenario& scenario,
                  Recorder& recorder, const StopRequested& stop) {
  ProblemBuilder builder;
  for (const std::size_t i : conditions) {
    if (stop && stop()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    const Scenario bound = file.bind(condition_at(scenario, i));
    recorder.record(i, run_condition(bound, *builder.build(bound), {}));
  }
}

// What a worker keeps: profiles and platform read, engine built. Children start from a copy of it.
struct Warm {
  ProblemBuilder builder;
  std::unique_ptr<Simulator> simulator;
};

void run_loaded(const ScenarioFile& file, std::span<const std::size_t> conditions, int jobs,
                const Scenario& scenario, Recorder& recorder, const StopRequested& stop) {
  const Prepare prepare = [&]() -> ForkedWork {
    auto warm = std::make_shared<Warm>();
    const auto problem = warm->builder.build(file.bind(condition_at(scenario, conditions.front())));
    warm->simulator = std::make_unique<Simulator>(*problem);
    return [&file, &scenario, warm](std::size_t i) {
      const Scenario bound = file.bind(condition_at(scenario, i));
      const Simulate simulate = [&](const Problem& p, const Plan& plan) {
        return warm->simulator->run(p, plan);
      };
      return pack(run_condition(bound, *warm->builder.build(bound), simulate));
    };
  };
  run_forked(
      conditions, jobs, prepare,
      [&](std::size_t i, const std::string& rows) { recorder.record(i, unpack(rows)); }, stop);
}

// A twentieth of the sweep's work, within reason.
std::uint32_t loaded_cases(const Scenario& scenario) {
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(condition_count(scenario) / 20, 10, 200));
}

// The table's regret, each case treated like a condition of the sweep, in a child of its own.
std::optional<PolicyRegret> simulated_regret(const ScenarioFile& file, const Scenario& scenario,
                                             const PolicyContent& content, int blocks, int jobs,
                                             const StopRequested& stop) {
  const OffGrid off_grid(file);
  if (off_grid.is_empty()) return std::nullopt;
  const AskedTable table(content, blocks);
  std::vector<Condition> cases;
  std::map<std::string, Batch> batches;
  {
    ProblemBuilder builder;
    for (std::uint32_t i = 0; i < loaded_cases(scenario); ++i) {
      const Condition condition = off_grid.draw(i);
      try {
        batches[engine_key(*builder.build(file.bind(condition)))].push_back(cases.size());
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kBadInput) throw;
        continue;  // axes that do not go together there
      }
      cases.push_back(condition);
    }
  }
  std::vector<double> regrets;
  for (const auto& [key, batch] : batches) {
    const Prepare prepare = [&]() -> ForkedWork {
      auto warm = std::make_shared<Warm>();
      warm->simulator = std::make_unique<Simulator>(*warm->builder.build(file.bind(cases[batch.front()])));
      return [&, warm](std::size_t i) {
        const Scenario bound = file.bind(cases[i]);
        const double regret =
            loaded_regret(bound, *warm->builder.build(bound), table.plan_for(cases[i]),
                          [&](const Problem& p, const Plan& plan) { return warm->simulator->run(p, plan); });
        return std::string(reinterpret_cast<const char*>(&regret), sizeof regret);
      };
    };
    const Receive receive = [&](std::size_t, const std::string& bytes) {
      double regret = 0;
      std::memcpy(&regret, bytes.data(), sizeof regret);
      if (regret >= 0) regrets.push_back(regret);
    };
    run_forked(batch, jobs, prepare, receive, stop);
  }
  return summarise(regrets);
}

std::vector<std::string> hashes(const Identity& identity, std::string_view prefix) {
  std::vector<std::string> result;
  for (const auto& [key, value] : identity) {
    if (key.starts_with(prefix) && std::ranges::find(result, value) == result.end()) result.push_back(value);
  }
  return result;
}

}  // namespace

SweepResult run_sweep(const ScenarioFile& file, const SweepOptions& options, const ProgressReport& progress,
                      const StopRequested& stop) {
  const Scenario scenario = file.bind();
  const Work work = work_of(file, scenario, stop);
  if (!ranks_by_latency(*work.first)) {
    throw Error(ErrorCode::kUnsupported, scenario.file.string(), "[objective] is not the latency alone",
                "minimize = \"latency\", \"latency.p95\" or the like: a sweep compares latencies",
                "kerf plan ranks by every objective");
  }
  const Identity identity = identity_of(scenario, *work.first, work.files);
  std::vector<std::string> hosts;
  for (const HostClass& host : scenario.hosts) hosts.push_back(host.name);
  Store store(options.out, identity, scenario.sweep.axes, hosts, work.first->blocks, options.resume);

  SweepResult result;
  result.resumed = store.conditions();
  const int jobs =
      options.jobs > 0 ? options.jobs : std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)));
  {
    Recorder recorder(store, scenario, progress);
    for (const Batch& batch : work.batches) {
      Batch left;
      std::ranges::copy_if(batch, std::back_inserter(left), [&](std::size_t i) { return !store.has(i); });
      if (left.empty()) continue;
      if (is_unloaded(scenario)) {
        run_unloaded(file, left, scenario, recorder, stop);
      } else {
        run_loaded(file, left, jobs, scenario, recorder, stop);
      }
    }
  }
  store.commit();

  TableBuilder table(scenario);
  Summary summary(scenario);
  store.for_each([&](std::size_t condition, std::span<const SweepRow> rows) {
    table.add(rows);
    summary.add(condition_at(scenario, condition), rows);
  });
  const TableSource source{work.first->model, work.first->model_hash, hashes(identity, "profile hash"),
                           hashes(identity, "platform hash")};
  PolicyContent content =
      table.content(source.model, source.model_hash, source.profile_hashes, source.platform_hashes);
  std::string refinement;
  if (is_unloaded(scenario) && scenario.sweep.plans.empty()) {
    RefinedTable refined = unloaded_table(file, source, stop);
    refinement = goal_text(refined, scenario.sweep);
    content = std::move(refined.content);
  } else {
    content.regret = simulated_regret(file, scenario, content, work.first->blocks, jobs, stop);
    if (scenario.sweep.regret)
      refinement = "    not refined: only a sweep over all plans in which nothing queues is\n";
  }
  write_file(options.out / "sweep.csv", store.csv());
  write_file(options.out / "policy.kerf", encode_policy(content));
  store.finish();

  result.conditions = summary.conditions();
  result.simulated = summary.simulated();
  result.summary = summary.text() + table_text(content) + refinement;
  return result;
}

}  // namespace kerf
