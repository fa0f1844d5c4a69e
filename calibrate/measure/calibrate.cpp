#include "calibrate/measure/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "calibrate/measure/machine.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/ratios.hpp"
#include "calibrate/measure/sampler.hpp"
#include "calibrate/measure/slice_sessions.hpp"
#include "calibrate/measure/steady_clock.hpp"

namespace kerf {
namespace {

constexpr std::size_t kRatios = 200;

Profile described(const Graph& graph, const Chain& chain, const CalibrateOptions& options) {
  Profile profile;
  profile.host = options.host;
  profile.model = graph.name;
  profile.model_hash = graph.hash;
  profile.threads = options.threads;
  for (const TensorId id : graph.inputs) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    if (profile.input_shapes.empty() && !tensor.shape.empty()) {
      profile.batch = static_cast<int>(std::max<std::int64_t>(1, tensor.shape[0]));
    }
    profile.input_shapes.emplace(tensor.name, tensor.shape);
  }
  for (const Cut& cut : chain.cuts) {
    ProfileCut described_cut{{}, cut.bytes};
    for (const TensorId id : cut.tensors) {
      described_cut.tensors.push_back(graph.tensors[static_cast<std::size_t>(id)].name);
    }
    profile.cuts.push_back(std::move(described_cut));
  }
  for (const Block& block : chain.blocks) {
    profile.blocks.push_back({block.name, block.multiply_adds, block.weights, block.activations});
  }
  return profile;
}

struct Tally {
  std::size_t measured = 0;
  std::size_t narrow = 0;
};

Tally fill_measurements(Profile& profile, const std::vector<PlannedSlice>& plan,
                        std::vector<std::vector<double>> samples, double width) {
  Tally tally;
  std::vector<SliceRuns> known;    // well enough that a ratio to their p20 means something
  std::vector<SliceRuns> unknown;  // used only where the others are none
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (samples[i].empty()) continue;
    const PercentileEstimate estimate = estimate_p20(samples[i]);
    profile.measurements.push_back({plan[i].first_block, plan[i].last_block, estimate.p20, estimate.low,
                                    estimate.high, static_cast<int>(samples[i].size())});
    ++tally.measured;
    if (estimate.half_width() <= width) ++tally.narrow;
    (estimate.closed ? known : unknown).push_back({estimate.p20.value(), std::move(samples[i])});
  }
  std::sort(profile.measurements.begin(), profile.measurements.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first_block, a.last_block) < std::pair(b.first_block, b.last_block);
  });
  profile.ratios = equally_likely_ratios(known.empty() ? unknown : known, kRatios);
  return tally;
}

}  // namespace

Profile calibrate(const Graph& graph, const Chain& chain, const CalibrateOptions& options,
                  const ProgressReport& progress, const StopRequested& stop) {
  const Seconds start = steady_now();
  const Seconds waited_before = waited_for_processor();
  Profile profile = described(graph, chain, options);
  profile.provenance.measured = utc_now();

  const std::vector<PlannedSlice> plan = slices_to_measure(chain, options.seed);
  if (progress) progress(0, options.budget.value(), "recording the tensors at the cuts");
  SliceSessions sessions(graph, chain, plan, options.threads, options.seed);
  SamplerOptions sampling;
  sampling.start = start;
  sampling.deadline = start + options.budget;
  sampling.width = options.width;
  sampling.seed = options.seed;
  std::vector<std::vector<double>> samples =
      sample_slices(plan, sessions, steady_now, sampling, progress, stop);

  const Tally tally = fill_measurements(profile, plan, std::move(samples), options.width);
  fit(profile);
  profile.provenance.tool = "kerf calibrate";
  profile.provenance.version = KERF_VERSION;
  profile.provenance.machine = machine_name();
  profile.provenance.system = system_name();
  profile.provenance.runtime = runtime_version();
  profile.provenance.provider = "CPU";
  const Seconds used = steady_now() - start;
  profile.provenance.note = fmt::format(
      "budget {}, used {}; seed {}; {} of {} slices measured, {:.0f} % of them within +-{:g} %; {:.0f} % of "
      "the "
      "time spent waiting for a processor",
      format(options.budget), format(used), options.seed, tally.measured, plan.size(),
      100.0 * static_cast<double>(tally.narrow) /
          static_cast<double>(std::max<std::size_t>(1, tally.measured)),
      100 * options.width, 100 * ((waited_for_processor() - waited_before) / used));
  return profile;
}

}  // namespace kerf
