// Our sampler beside Google Benchmark on the same slices: manual time, one iteration a repetition, random
// interleaving, a reporter that keeps every repetition. Both end in a 20th percentile; printed is their
// ratio. Google Benchmark takes the number of repetitions beforehand and gives the same to all: it can
// neither stop at a budget nor let slices that are known well enough drop out, which is why calibration has a
// sampler of its own. They must agree all the same.
//
//   sampler_bench [FILE.onnx] [SHAPE]        # the repository's downloaded classifier unless given

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/sampler.hpp"
#include "calibrate/measure/slice_sessions.hpp"
#include "models/cuts.hpp"
#include "models/onnx_import.hpp"

namespace {

using namespace kerf;

constexpr int kRepetitions = 200;

class KeepEverything final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration)
        seconds[run.run_name.function_name].push_back(run.real_accumulated_time);
    }
  }
  std::map<std::string, std::vector<double>> seconds;
};

// The whole model, its two halves and its heaviest block.
std::vector<PlannedSlice> slices_of(const Chain& chain) {
  const int last = static_cast<int>(chain.blocks.size()) - 1;
  const auto heaviest =
      std::max_element(chain.blocks.begin(), chain.blocks.end(),
                       [](const Block& a, const Block& b) { return a.multiply_adds < b.multiply_adds; });
  const int block = static_cast<int>(heaviest - chain.blocks.begin());
  const auto slice = [](int first, int last_block) {
    return PlannedSlice{
        .first_block = first, .last_block = last_block, .required = true, .load_share = 1, .run_share = 1};
  };
  return {slice(0, last), slice(0, last / 2), slice(last / 2 + 1, last), slice(block, block)};
}

Seconds now() {
  return Seconds(std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

std::string name_of(const PlannedSlice& slice) {
  return fmt::format("blocks {}-{}", slice.first_block, slice.last_block);
}

std::map<std::string, std::vector<double>> by_google_benchmark(SliceSessions& sessions,
                                                               const std::vector<PlannedSlice>& plan) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    sessions.load(i);
    (void)sessions.run(i, 2);
    benchmark::RegisterBenchmark(name_of(plan[i]).c_str(),
                                 [&sessions, i](benchmark::State& state) {
                                   for (auto unused : state) {
                                     (void)unused;
                                     // A repetition is a visit of which the last run is kept.
                                     constexpr int kRuns = 3;
                                     state.SetIterationTime(sessions.run(i, kRuns).front().back());
                                   }
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(kRepetitions);
  }
  KeepEverything reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  for (std::size_t i = 0; i < plan.size(); ++i) sessions.unload(i);
  return reporter.seconds;
}

int compare(const std::string& file, const std::string& shape) {
  const Graph graph = import_onnx(file, {parse_shape(shape)});
  const Chain chain = find_cuts(graph);
  const std::vector<PlannedSlice> plan = slices_of(chain);
  SliceSessions sessions(graph, chain, plan, {}, {}, 1);

  const Seconds start = now();
  auto theirs = by_google_benchmark(sessions, plan);
  const Seconds their_time = now() - start;
  SamplerOptions options;
  options.start = now();
  options.deadline = options.start + their_time;
  options.width = 0;
  const SliceVisits ours = sample_slices(plan, sessions, now, options, {}, {});

  fmt::print("{:<14} {:>24} {:>24} {:>8}\n", "slice", "Google Benchmark (runs)", "our sampler (runs)",
             "ratio");
  for (std::size_t i = 0; i < plan.size(); ++i) {
    std::vector<double>& other = theirs[name_of(plan[i])];
    std::sort(other.begin(), other.end());
    const Seconds a = estimate_p20(other).p20;
    const Seconds b = estimate_p20(steady_runs(ours[i])).p20;
    fmt::print("{:<14} {:>24} {:>24} {:>8.3f}\n", name_of(plan[i]),
               fmt::format("{} ({})", format(a), other.size()),
               fmt::format("{} ({})", format(b), steady_runs(ours[i]).size()), b / a);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> flags{argv[0], "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> arguments;
  for (std::string& flag : flags) arguments.push_back(flag.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());

  const std::string file = argc > 1 ? argv[1] : KERF_SOURCE_DIR "/.deps/models/ppocr-cls.onnx";
  const std::string shape = argc > 2 ? argv[2] : "x=1,3,48,192";
  if (!std::filesystem::exists(file)) {
    fmt::print(stderr, "{} is absent; scripts/quickstart.sh fetches it, or name another\n", file);
    return 0;
  }
  try {
    return compare(file, shape);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return error.exit_code();
  }
}
