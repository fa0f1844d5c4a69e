#pragma once
// Plans run for real: under each condition of a scenario, each plan, repeated, with the project's own
// executors (docs/runtime.md) on emulated hosts or on real ones that answer at given addresses.
//
// Under one condition all plans have their turn before any is repeated, so that plans are compared under the
// same circumstances and the repeats are some time apart. Where a plan's repeats lie more than 4 % apart,
// that attempt is void and it is run again, up to `attempts` times. Runs that are recorded already are not
// made again.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "scenarios/problem.hpp"
#include "scenarios/scenario.hpp"
#include "testbed/emulation.hpp"

namespace kerf {

struct TestbedOptions {
  std::filesystem::path out = "out";
  int repeats = 2;
  int attempts = 3;
  std::vector<std::size_t> conditions;  // empty: all
  std::optional<int> requests;          // of each device in a real run; the scenario's unless given
  Seconds rest;  // of single and closed arrivals: between an answer and the next request
  // By host class, ADDRESS:PORT of an executor that somebody has started. Empty: this machine plays all
  // hosts.
  std::map<std::string, std::string> addresses;
  std::filesystem::path executor;  // the program that knows `serve` and `run`
  EmulationOptions emulation;
};

// Those of the options that runs depend on, as the flags that give them. Traces are named by their hashes.
[[nodiscard]] std::map<std::string, std::string> flags_of(const TestbedOptions& options);

// Which plans to run under a condition.
using PlansOf = std::function<std::vector<Plan>(const Scenario& scenario, const Problem& problem)>;

struct TestbedResult {
  std::size_t runs = 0;     // made now
  std::size_t resumed = 0;  // there already
  std::size_t void_attempts = 0;
  std::vector<std::string> hosts;  // what stood for them, for people
};

// Error(kUsage) where not root; Error(kUnsupported) for what real runs cannot do: other tenants, conditions
// that need other hosts than the first, an answer that stays where it is, several inputs a request, a plan
// that comes back to the source; Error(kLimit) where an executor fails, with its own words. Whatever happens,
// nothing of it is left running.
[[nodiscard]] TestbedResult run_testbed(const ScenarioFile& file, const TestbedOptions& options,
                                        const PlansOf& plans_of, const ProgressReport& progress,
                                        const StopRequested& stop);

// Stands up the scenario's hosts as it has them, whatever it sweeps, with an echo peer on each but `host`,
// and runs `words` on `host`: to calibrate it, or its links. "{NAME}" in a word becomes the address of the
// peer on class NAME. Measured links that are not there yet are done without. Returns the program's exit
// code.
[[nodiscard]] int run_on_host(const ScenarioFile& file, const TestbedOptions& options,
                              const std::string& host, std::vector<std::string> words,
                              const StopRequested& stop);

}  // namespace kerf
