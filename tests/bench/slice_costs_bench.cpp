// Profiles: fitting, tabulating all slices, looking one up.

#include <benchmark/benchmark.h>

#include "calibrate/profile/slice_costs.hpp"
#include "tests/profile/sample_profile.hpp"

namespace {

kerf::Profile profile_of(int blocks) {
  return kerf::test::measured_profile(blocks, kerf::test::calibrated_slices(blocks), [](int first, int last) {
    return 1e-4 + 1e-3 * (last - first + 1) * (1 + 0.01 * kerf::test::normal(1, first, last, 1));
  });
}

void fit_profile(benchmark::State& state) {
  kerf::Profile profile = profile_of(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    kerf::fit(profile.rows[0], profile.blocks, "profile");
    benchmark::DoNotOptimize(profile.rows[0].entry.data());
  }
}
BENCHMARK(fit_profile)->Arg(100)->Arg(600)->Unit(benchmark::kMillisecond);

void tabulate_slices(benchmark::State& state) {
  const kerf::Profile profile = profile_of(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    kerf::SliceCosts costs(profile);
    benchmark::DoNotOptimize(costs);
  }
}
BENCHMARK(tabulate_slices)->Arg(100)->Arg(600)->Unit(benchmark::kMillisecond);

void read_json(benchmark::State& state) {
  const std::string json = kerf::to_json(profile_of(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    kerf::Profile profile = kerf::profile_from_json(json, "bench");
    benchmark::DoNotOptimize(profile);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK(read_json)->Arg(100)->Arg(600)->Unit(benchmark::kMillisecond);

void look_up_time_and_memory(benchmark::State& state) {
  const int blocks = static_cast<int>(state.range(0));
  const kerf::SliceCosts costs(profile_of(blocks));
  for (auto _ : state) {
    for (int last = 0; last < blocks; ++last) {
      benchmark::DoNotOptimize(costs.mean(0, last));
      benchmark::DoNotOptimize(costs.memory(0, last));
    }
  }
  state.SetItemsProcessed(state.iterations() * blocks);
}
BENCHMARK(look_up_time_and_memory)->Arg(100)->Arg(600);

}  // namespace
