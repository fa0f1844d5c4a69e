// `kerf plan` as a shell starts it, on scenarios/resnet50.toml: the program's start, scenario, profile,
// platform, the model's graph, search and print. As the baseline the same program that only says its version.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

extern char** environ;

namespace {

// The exit code; what it prints goes nowhere.
int run(std::vector<std::string> arguments) {
  std::vector<char*> texts;
  for (std::string& argument : arguments) texts.push_back(argument.data());
  texts.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  int status = -1;
  if (posix_spawn(&child, KERF_PROGRAM, &actions, nullptr, texts.data(), environ) == 0)
    waitpid(child, &status, 0);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

void kerf(benchmark::State& state, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"kerf"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  for ([[maybe_unused]] auto _ : state) {
    if (run(all) != 0) state.SkipWithError("kerf failed");
  }
}

const std::string kScenario = KERF_SOURCE_DIR "/scenarios/resnet50.toml";

}  // namespace

BENCHMARK_CAPTURE(kerf, plan, {"plan", kScenario})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(kerf, plan_json, {"plan", kScenario, "--json"})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(kerf, plan_dag, {"plan", kScenario, "--dag"})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(kerf, version, {"--version"})->UseRealTime()->Unit(benchmark::kMillisecond);
