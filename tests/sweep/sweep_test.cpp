#include "sweep/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <limits>

#include "base/error.hpp"
#include "base/random.hpp"
#include "policy/reader/policy_reader.hpp"
#include "scenarios/problem.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

class Sweep : public SweepFixture {
 protected:
  SweepResult sweep(const std::string& out, int jobs = 1, bool resume = false,
                    const std::vector<std::string>& settings = {}, const ProgressReport& progress = {},
                    const StopRequested& stop = {}) {
    ScenarioFile file(scenario());
    for (const std::string& setting : settings) file.set(setting);
    return run_sweep(file, {.jobs = jobs, .out = folder() / out, .resume = resume}, progress, stop);
  }
  [[nodiscard]] std::string csv(const std::string& out) const {
    return read_file(folder() / out / "sweep.csv");
  }
  [[nodiscard]] std::string policy(const std::string& out) const {
    return read_file(folder() / out / "policy.kerf");
  }
};

TEST_F(Sweep, GivesTheSameRowsAndPolicyForAnyNumberOfJobs) {
  const SweepResult one = sweep("one", 1);
  sweep("three", 3);
  EXPECT_EQ(one.conditions, 48U);
  EXPECT_GT(one.simulated, 48U);
  EXPECT_EQ(csv("one"), csv("three"));
  EXPECT_EQ(policy("one"), policy("three"));
}

TEST_F(Sweep, LeavesNoPartialFileBehind) {
  sweep("out");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder() / "out"))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("sweep.sqlite", "sweep.csv", "policy.kerf"));
}

// Kills the process of a sweep once `after` conditions have ended.
void killed_sweep(const std::function<void(const ProgressReport&)>& run, double after) {
  const pid_t child = ::fork();
  if (child == 0) {
    run([&](double done, double, std::string_view) {
      if (done >= after) ::kill(::getpid(), SIGKILL);
    });
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST_F(Sweep, ResumedAfterKill9GivesWhatAnUndisturbedRunGives) {
  sweep("whole", 2);
  killed_sweep([&](const ProgressReport& progress) { sweep("killed", 2, false, {}, progress); }, 40);
  EXPECT_FALSE(std::filesystem::exists(folder() / "killed" / "policy.kerf"));
  const SweepResult resumed = sweep("killed", 1, true);
  EXPECT_EQ(resumed.resumed, 32U) << "what was committed is not done again";
  EXPECT_EQ(csv("killed"), csv("whole"));
  EXPECT_EQ(policy("killed"), policy("whole"));
}

TEST_F(Sweep, InterruptedKeepsWhatHasEnded) {
  int reports = 0;
  const auto count = [&](double, double, std::string_view) { ++reports; };
  EXPECT_THROW(sweep("out", 1, false, {}, count, [&] { return reports >= 5; }), Error);
  EXPECT_GE(sweep("out", 1, true).resumed, 5U);
}

TEST_F(Sweep, AnInterruptedSweepIsNotThrownAwayBySlip) {
  int reports = 0;
  const auto count = [&](double, double, std::string_view) { ++reports; };
  EXPECT_THROW(sweep("out", 1, false, {}, count, [&] { return reports >= 3; }), Error);
  try {
    sweep("out");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--resume"));
  }
}

TEST_F(Sweep, RefusesToResumeAnotherScenario) {
  int reports = 0;
  const auto count = [&](double, double, std::string_view) { ++reports; };
  EXPECT_THROW(sweep("out", 1, false, {}, count, [&] { return reports >= 3; }), Error);
  try {
    sweep("out", 1, true, {"workload.seed=4"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("another scenario"));
  }
}

// Interrupts a sweep of these settings, changes `file` and expects that it cannot be resumed.
class ChangedInput : public Sweep {
 protected:
  void expect_refused(const std::vector<std::string>& settings, const std::string& file,
                      const std::string& content) {
    int reports = 0;
    const auto count = [&](double, double, std::string_view) { ++reports; };
    EXPECT_THROW(sweep("out", 1, false, settings, count, [&] { return reports >= 3; }), Error);
    write_file(folder() / file, content);
    try {
      sweep("out", 1, true, settings);
      FAIL() << "went on with another " << file;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
      EXPECT_THAT(error.what(), HasSubstr("another scenario, profile, platform"));
    }
  }
};

// Only the profiles of the scenario as it stands were guarded.
TEST_F(ChangedInput, ASweptProfileIsGuarded) {
  Profile other = read_profile(folder() / "profile.json");
  write_profile(other, folder() / "other.json");
  other.host = "elsewhere";
  write_profile(other, folder() / "changed.json");
  expect_refused({R"("sweep"."hosts.camera.profile" = ["profile.json", "other.json"])"}, "other.json",
                 read_file(folder() / "changed.json"));
}

// Platforms were told apart by their file's name alone.
TEST_F(ChangedInput, PlatformsOfOneNameInTwoFoldersAreBothGuarded) {
  for (const char* place : {"a", "b"}) {
    std::filesystem::create_directory(folder() / place);
    write_file(folder() / place / "net.xml", kPlatform);
  }
  expect_refused({R"("sweep"."platform.file" = ["a/net.xml", "b/net.xml"])", "platform.file=a/net.xml"},
                 "a/net.xml", std::string(kPlatform) + "<!-- changed -->\n");
}

TEST_F(Sweep, AFinishedSweepResumesToTheSameFiles) {
  sweep("out");
  const std::string rows = csv("out");
  const std::string table = policy("out");
  EXPECT_EQ(sweep("out", 1, true).resumed, 48U);
  EXPECT_EQ(csv("out"), rows);
  EXPECT_EQ(policy("out"), table);
}

TEST_F(Sweep, AnUnwritableFolderIsAnErrorBeforeAnyWork) {
  write_file(folder() / "file", "no folder");
  try {
    sweep("file/below");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("cannot be written"));
  }
}

TEST_F(Sweep, AFullDiskKeepsTheEarlierResult) {
  sweep("out");
  const std::string rows = csv("out");
  const std::string table = policy("out");
  const std::string database = read_file(folder() / "out" / "sweep.sqlite");
  const pid_t child = ::fork();
  if (child == 0) {
    // A disk with 30 kB left, as far as this process can tell.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{30000, 30000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      sweep("out", 1, false, {"workload.seed=9"});
    } catch (const Error& error) {
      ::_exit(error.code() == ErrorCode::kLimit ? 20 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 20);
  EXPECT_EQ(csv("out"), rows);
  EXPECT_EQ(policy("out"), table);
  EXPECT_EQ(read_file(folder() / "out" / "sweep.sqlite"), database);
}

TEST_F(Sweep, AMistakeInTheLastConditionIsFoundBeforeTheFirstIsSimulated) {
  try {
    sweep("out", 1, false, {R"("sweep"."platform.file" = ["platform.xml", "no-such.xml"])"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no-such.xml"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder() / "out" / "sweep.sqlite.partial"));
}

// Every plan, written out without the planner: all ways to cut the blocks and to give the pieces to hosts of
// rising rank.
double brute_force(const Problem& problem) {
  double best = std::numeric_limits<double>::infinity();
  const int hosts = static_cast<int>(problem.hosts.size());
  const std::function<void(int, int, double)> extend = [&](int block, int at, double cost) {
    if (block == problem.blocks) {
      if (at != problem.source && problem.workload.return_result) {
        const auto& back = problem.path(at, problem.source);
        if (!back) return;
        cost += back->transfer(problem.cut_bytes.back()).value();
      }
      best = std::min(best, cost);
      return;
    }
    for (int host = 0; host < hosts; ++host) {
      const auto& to = problem.hosts[static_cast<std::size_t>(host)];
      double arrive = cost;
      if (block == 0) {
        if (host != problem.source) {
          const auto& path = problem.path(problem.source, host);
          if (!path) continue;
          arrive += path->transfer(problem.wire_bytes).value() + problem.decode.value();
        }
      } else {
        const auto& path = problem.path(at, host);
        if (to.rank <= problem.hosts[static_cast<std::size_t>(at)].rank || !path) continue;
        arrive += path->transfer(problem.cut_bytes[static_cast<std::size_t>(block)]).value();
      }
      for (int last = block; last < problem.blocks; ++last) {
        extend(last + 1, host, arrive + to.compute(block, last).value());
      }
    }
  };
  extend(0, problem.source, 0);
  return best;
}

TEST_F(Sweep, AnUnloadedTableCostsWhatBruteForceFindsOn200RandomConditions) {
  const std::vector<std::string> settings{
      "workload.arrivals=single",
      R"(sweep."network.uplink.bandwidth" = { log = ["0.5Mbps", "20Mbps"], points = 25 })",
      R"(sweep."network.uplink.rtt" = ["1ms", "5ms", "20ms", "60ms", "200ms"])",
      R"(sweep."workload.rate" = ["1/s"])", R"(sweep."hosts.camera.slowdown" = [1.0, 3.0, 10.0])"};
  sweep("out", 1, false, settings);
  Policy table;
  const std::string bytes = policy("out");
  ASSERT_EQ(table.open(bytes.data(), bytes.size()), PolicyStatus::kOk);

  ScenarioFile file(scenario());
  for (const std::string& setting : settings) file.set(setting);
  const Scenario whole = file.bind();
  ASSERT_EQ(condition_count(whole), 375U);
  ProblemBuilder builder;
  std::size_t cuts_win = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const auto index = static_cast<std::size_t>(375 * uniform({.seed = 17, .request = i}));
    const Condition condition = condition_at(whole, index);
    std::vector<double> at;
    for (const Setting& setting : condition.settings) at.push_back(setting.number);
    const PolicyAnswer answer = table.query(at.data(), at.size());
    ASSERT_FALSE(answer.fallback);
    const double best = brute_force(*builder.build(file.bind(condition)));
    EXPECT_NEAR(static_cast<double>(answer.latency), best, 1e-6 * best) << "condition " << index;
    cuts_win +=
        table.plan_text(static_cast<std::size_t>(answer.plan)).find(',') != std::string_view::npos ? 1 : 0;
  }
  EXPECT_GT(cuts_win, 20U) << "the conditions are too easy to prove anything";
}

// Rows, and the plans of the table, were refused when they were read back: "each host once".
TEST_F(Sweep, PlansThatComeBackToAHostAreReadBack) {
  for (const char* arrivals : {"single", "poisson"}) {
    sweep(arrivals, 1, false,
          {std::string("workload.arrivals=") + arrivals, "plans.order=any", "plans.revisit=true",
           R"(constraints.camera = { must_run = ["0-2", "5"] })", R"(constraints.edge = { used = true })",
           R"(constraints.cloud = { used = false })"});
    EXPECT_THAT(csv(arrivals), HasSubstr("camera:0-2,edge:3-4,camera:5-5"));
    Policy table;
    const std::string bytes = policy(arrivals);
    ASSERT_EQ(table.open(bytes.data(), bytes.size()), PolicyStatus::kOk);
    EXPECT_EQ(table.plan_text(0), "camera:0-2,edge:3-4,camera:5-5");
  }
}

TEST_F(Sweep, ANamedPlanThatTheRulesForbidIsRefused) {
  const std::vector<std::string> named{R"(sweep.plans = ["camera:0-2,edge:3-4,camera:5-5"])"};
  try {
    sweep("out", 1, false, named);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("edge (edge) cannot hand on to camera (device)"));
  }
}

TEST_F(Sweep, TheSummarySaysWhereCuttingPays) {
  const std::string text = sweep("out").summary;
  EXPECT_THAT(text, HasSubstr("Which plan wins where"));
  EXPECT_THAT(text, HasSubstr("all on camera"));
  EXPECT_THAT(text, HasSubstr("Does cutting pay?"));
}

// A goal was said to be met although nothing had been measured.
class UnmeasuredGoal : public Sweep {
 protected:
  void expect_unknown(const std::vector<std::string>& settings) {
    std::vector<std::string> all{"workload.arrivals=single", R"(policy = { regret = "2%" })"};
    all.insert(all.end(), settings.begin(), settings.end());
    const std::string text = sweep("out", 1, false, all).summary;
    EXPECT_THAT(text, HasSubstr("its regret off the grid could not be measured"));
    EXPECT_THAT(text, HasSubstr("    not refined; whether at most 2 % is met is not known\n"));
  }
};

TEST_F(UnmeasuredGoal, IsNotMetWhereNothingLiesBetweenThePoints) {
  expect_unknown({R"(sweep = { "network.uplink.rtt" = ["4ms"] })"});
}

// The input alone takes 90 ms at 8 Mbit/s: at any lower bandwidth the deadline is missed.
TEST_F(UnmeasuredGoal, IsNotMetWhereNoRandomConditionHasAPlan) {
  expect_unknown({R"(sweep = { "network.uplink.bandwidth" = ["1Mbps", "8Mbps"] })",
                  "constraints.camera = { used = false }", "constraints.cloud = { used = false }",
                  "constraints.deadline = \"142.0001ms\""});
}

TEST_F(Sweep, WhereNoPlanIsFeasibleItSaysSo) {
  try {
    sweep("out", 1, false,
          {R"(constraints.camera = { used = false })", R"(constraints.edge = { used = false })",
           R"(constraints.cloud = { used = false })"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInfeasible);
  }
}

}  // namespace
}  // namespace kerf
