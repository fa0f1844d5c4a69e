#include "calibrate/measure/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/measure/journal.hpp"
#include "calibrate/measure/level.hpp"
#include "calibrate/measure/machine.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/ratios.hpp"
#include "calibrate/measure/sampler.hpp"
#include "calibrate/measure/slice_sessions.hpp"
#include "calibrate/measure/steady_clock.hpp"
#include "calibrate/measure/validate.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "models/slicer.hpp"
#include "runtime/inference/session.hpp"
#include "runtime/inference/value.hpp"

namespace kerf {
namespace {

constexpr std::size_t kRatios = 200;
constexpr int kMostAttempts = 3;

// Profiles are kept and compared as text: no more digits than the clock has.
double rounded(double value, double per_unit) {
  return std::round(value * per_unit) / per_unit;
}
Seconds to_nanoseconds(Seconds time) {
  return Seconds(rounded(time.value(), 1e9));
}

std::vector<ProfileCut> described_cuts(const CutModel& model) {
  std::vector<ProfileCut> cuts;
  for (const Cut& cut : model.chain.cuts) {
    ProfileCut& described = cuts.emplace_back();
    described.bytes = cut.bytes;
    for (const TensorId id : cut.tensors) {
      described.tensors.push_back(model.graph.tensors[static_cast<std::size_t>(id)].name);
    }
  }
  return cuts;
}

Profile described(const CutModel& model, const CalibrateOptions& options) {
  Profile profile;
  profile.host = options.host;
  profile.model = model.graph.name;
  profile.model_hash = model.graph.hash;
  for (const TensorId id : model.graph.inputs) {
    const Tensor& tensor = model.graph.tensors[static_cast<std::size_t>(id)];
    profile.input_shapes.emplace(tensor.name, tensor.shape);
  }
  profile.cuts = described_cuts(model);
  for (const Block& block : model.chain.blocks) {
    profile.blocks.push_back({block.name, block.multiply_adds, block.weights, block.activations});
  }
  profile.provenance = {.tool = "kerf calibrate",
                        .version = KERF_VERSION,
                        .measured = utc_now(),
                        .machine = machine_name(),
                        .system = system_name(),
                        .runtime = runtime_version(),
                        .provider = "CPU",
                        .note = ""};
  return profile;
}

std::string text_of(const RunMode& mode) {
  return fmt::format("batch {}, {} thread{}, {} session{}", mode.batch, mode.threads,
                     mode.threads == 1 ? "" : "s", mode.sessions, mode.sessions == 1 ? "" : "s");
}

// What a journal is of. Not the budget: an interrupted calibration may be given more time.
std::string subject_of(const Profile& profile, const CalibrateOptions& options) {
  std::string text = fmt::format("{} {}", profile.model, profile.model_hash);
  for (const auto& [input, shape] : profile.input_shapes) {
    text += fmt::format(", {} {}", input, fmt::join(shape, "x"));
  }
  text +=
      fmt::format("; on {} ({}; {})", profile.host, profile.provenance.machine, profile.provenance.runtime);
  for (const RunMode& mode : options.modes) text += "; " + text_of(mode);
  if (options.pause > Seconds(0)) text += fmt::format("; {} of rest", format(options.pause));
  return text + fmt::format("; seed {}, {} held out", options.seed, options.validate);
}

// Measures one row, in as many attempts as it takes.
class RowMeasurement {
 public:
  RowMeasurement(const CutModel& model, const CalibrateOptions& options, std::size_t row, Journal& journal,
                 const ProgressReport& progress, const StopRequested& stop)
      : model_(model),
        options_(options),
        row_(row),
        journal_(journal),
        stop_(stop),
        plan_(slices_to_measure(model.chain, options.seed, options.validate)) {
    if (progress) {
      progress_ = [this, &progress](double done, double total, std::string_view what) {
        const std::size_t rows = options_.modes.size();
        const std::string text = rows > 1 ? fmt::format("row {} of {} ({}): {}", row_ + 1, rows,
                                                        text_of(options_.modes[row_]), what)
                                          : std::string(what);
        progress(static_cast<double>(row_) * total + done, static_cast<double>(rows) * total, text);
      };
    }
  }

  void measure(Calibration& into) {
    int voids = 0;
    for (int attempt = 0;; ++attempt) {
      Attempt attempted = measure_once(attempt, into.profile);
      into.measured += attempted.measured;
      into.narrow += attempted.narrow;
      into.waited += attempted.waited / static_cast<double>(options_.modes.size());
      if (!attempted.held_out.empty()) {
        Validation validation = summarize(attempted.held_out);
        const bool is_void = validation.median_noise > kMostNoise || attempted.drift > kMostDrift;
        if (is_void && attempt + 1 < kMostAttempts) {
          ++voids;
          into.measured -= attempted.measured;
          into.narrow -= attempted.narrow;
          into.waited -= attempted.waited / static_cast<double>(options_.modes.size());
          continue;
        }
        validation.voids = voids;
        attempted.row.validation = validation;
      }
      into.held_out.insert(into.held_out.end(), attempted.held_out.begin(), attempted.held_out.end());
      into.profile.rows.push_back(std::move(attempted.row));
      return;
    }
  }

 private:
  struct Attempt {
    ProfileRow row;
    std::vector<HeldOut> held_out;
    int measured = 0;
    int narrow = 0;
    double waited = 0;
    double drift = 0;
  };

  Attempt measure_once(int attempt, const Profile& profile) {
    const int part = static_cast<int>(row_) * kMostAttempts + attempt;
    const Journal::Part& before = journal_.part(part);
    const Seconds begun = steady_now();
    const Seconds start = begun - before.spent;
    const Seconds waited_before = waited_for_processor();
    if (progress_)
      progress_(before.spent.value(), options_.budget.value(), "recording the tensors at the cuts");
    SliceSessions sessions(model_.graph, model_.chain, plan_, options_.modes[row_], options_.pause,
                           options_.seed);

    SamplerOptions sampling;
    sampling.start = start;
    sampling.deadline = start + options_.budget * (1 + held_out_share());
    sampling.pause = options_.pause;
    sampling.sessions = options_.modes[row_].sessions;
    sampling.width = options_.width;
    sampling.seed = options_.seed + static_cast<std::uint64_t>(attempt);
    SliceVisits earlier(plan_.size());
    SliceStretches stretches(plan_.size());
    int first_stretch = 0;
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      const auto found = before.slices.find({plan_[i].first_block, plan_[i].last_block});
      if (found == before.slices.end()) continue;
      earlier[i] = found->second.visits;
      stretches[i] = found->second.stretches;
      for (const int stretch : stretches[i]) first_stretch = std::max(first_stretch, stretch + 1);
    }
    sampling.on_visit = [&](std::size_t slice, int stretch, std::span<const Visit> visits) {
      const PlannedSlice& planned = plan_[slice];
      const int number = first_stretch + stretch;
      stretches[slice].insert(stretches[slice].end(), visits.size(), number);
      journal_.add(part, planned.first_block, planned.last_block, number, steady_now() - start, visits);
    };
    SliceVisits visits =
        sample_slices(plan_, sessions, steady_now, sampling, progress_, stop_, std::move(earlier));
    level(plan_, profile.blocks, stretches, visits);
    const Seconds ended = steady_now();
    // The counter is this process's: what was spent before an interruption is not in it.
    const double waited = (waited_for_processor() - waited_before) / (ended - begun);
    return row_of(profile, sessions, visits, ended - start, waited);
  }

  // Of the run time of what the fit sees: the budget is the fit's, and validation comes on top.
  [[nodiscard]] double held_out_share() const {
    double held_out = 0;
    double fitted = 0;
    for (const PlannedSlice& slice : plan_) {
      if (slice.held_out) held_out += slice.run_share;
      if (!slice.held_out) fitted += slice.run_share;
    }
    return fitted > 0 ? held_out / fitted : 0;
  }

  Attempt row_of(const Profile& profile, const SliceSessions& sessions, const SliceVisits& visits,
                 Seconds used, double waited) {
    Attempt result;
    result.waited = waited;
    ProfileRow& row = result.row;
    row.mode = options_.modes[row_];
    std::vector<SliceRuns> known;    // well enough that a ratio to their p20 means something
    std::vector<SliceRuns> unknown;  // used only where the others are none
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      std::vector<double> runs = steady_runs(visits[i]);
      if (runs.empty()) continue;
      if (plan_[i].whole) result.drift = drift(visits[i]);
      const PercentileEstimate estimate = estimate_p20(runs);
      ++result.measured;
      if (estimate.half_width() <= options_.width) ++result.narrow;
      if (plan_[i].held_out) {
        result.held_out.push_back({.mode = row.mode,
                                   .first_block = plan_[i].first_block,
                                   .last_block = plan_[i].last_block,
                                   .predicted = Seconds(0),
                                   .measured = estimate.p20,
                                   .noise = repeat_noise(visits[i])});
        continue;
      }
      row.measurements.push_back({.first_block = plan_[i].first_block,
                                  .last_block = plan_[i].last_block,
                                  .p20 = to_nanoseconds(estimate.p20),
                                  .low = to_nanoseconds(estimate.low),
                                  .high = to_nanoseconds(estimate.high),
                                  .samples = static_cast<int>(runs.size()),
                                  .load = to_nanoseconds(sessions.load_time(i)),
                                  .memory = sessions.memory(i)});
      (estimate.closed ? known : unknown).push_back({estimate.p20.value(), std::move(runs)});
    }
    std::sort(row.measurements.begin(), row.measurements.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first_block, a.last_block) < std::pair(b.first_block, b.last_block);
    });
    row.ratios = equally_likely_ratios(known.empty() ? unknown : known, kRatios);
    for (double& ratio : row.ratios) ratio = std::max(1e-4, rounded(ratio, 1e4));
    fit(row, profile.blocks, fmt::format("calibration of {} on {}", profile.model, profile.host));
    for (Seconds& time : row.entry) time = to_nanoseconds(time);
    for (Seconds& time : row.exit) time = to_nanoseconds(time);
    for (double& weight : row.residual_weights) weight = rounded(weight, 1e6);
    row.note = fmt::format(
        "budget {}, used {}; seed {}; {} of {} slices measured, {:.0f} % of them within +-{:g} %; {:.0f} % "
        "of the main thread's time spent waiting for a processor",
        format(options_.budget), format(used), options_.seed, result.measured, plan_.size(),
        100.0 * static_cast<double>(result.narrow) / std::max(1, result.measured), 100 * options_.width,
        100 * waited);
    if (options_.pause > Seconds(0))
      row.note += fmt::format("; {} of rest before each run", format(options_.pause));
    predict(profile, row, result.held_out);
    return result;
  }

  static void predict(const Profile& profile, const ProfileRow& row, std::vector<HeldOut>& held_out) {
    if (held_out.empty()) return;
    Profile with_row = profile;
    with_row.rows = {row};
    const SliceCosts costs(std::move(with_row));
    for (HeldOut& slice : held_out) slice.predicted = costs.p20(slice.first_block, slice.last_block);
    std::sort(held_out.begin(), held_out.end(), [](const HeldOut& a, const HeldOut& b) {
      return std::pair(a.first_block, a.last_block) < std::pair(b.first_block, b.last_block);
    });
  }

  const CutModel& model_;
  const CalibrateOptions& options_;
  std::size_t row_;
  Journal& journal_;
  const StopRequested& stop_;
  std::vector<PlannedSlice> plan_;
  ProgressReport progress_;
};

void check_same_cuts(const Profile& profile, const CutModel& model, int batch) {
  const std::vector<ProfileCut> cuts = described_cuts(model);
  const bool same =
      std::equal(cuts.begin(), cuts.end(), profile.cuts.begin(), profile.cuts.end(),
                 [](const ProfileCut& a, const ProfileCut& b) { return a.tensors == b.tensors; });
  if (same) return;
  throw Error(ErrorCode::kUnsupported, fmt::format("{} at batch {}", profile.model, batch),
              fmt::format("{} cuts, or other ones", cuts.size()),
              fmt::format("the {} cuts that it has at the first batch", profile.cuts.size()),
              "give the model that many inputs by --shape, as a model of its own");
}

// Not every model's first dimensions are the batch: those of a recurrent network's state are its layers.
void check_runs(const CutModel& model, int batch, std::uint64_t seed) {
  try {
    WeightStore weights(model.graph);
    const int last = static_cast<int>(model.chain.blocks.size()) - 1;
    (void)Session(weights, make_slice(model.graph, model.chain, 0, last))
        .run(random_inputs(model.graph, seed));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    throw Error(error.code(), fmt::format("{} at batch {}", model.graph.name, batch), error.found(),
                "a model of which every input's first dimension is the batch",
                "give the shapes of that many inputs by --shape, as a model of its own");
  }
}

}  // namespace

Calibration calibrate(const ModelAtBatch& model_at, const CalibrateOptions& given,
                      const ProgressReport& progress, const StopRequested& stop) {
  CalibrateOptions options = given;
  std::sort(options.modes.begin(), options.modes.end());
  options.modes.erase(std::unique(options.modes.begin(), options.modes.end()), options.modes.end());

  int loaded = 1;
  CutModel model = model_at(loaded);
  Calibration result;
  result.profile = described(model, options);
  // Every batch is tried before any is measured.
  int tried = loaded;
  for (const RunMode& mode : options.modes) {
    if (std::exchange(tried, mode.batch) == mode.batch) continue;
    const CutModel larger = model_at(mode.batch);
    check_same_cuts(result.profile, larger, mode.batch);
    check_runs(larger, mode.batch, options.seed);
  }
  Journal journal(options.journal, subject_of(result.profile, options));
  result.resumed = journal.resumed();
  for (std::size_t row = 0; row < options.modes.size(); ++row) {
    const int batch = options.modes[row].batch;
    if (batch != loaded) {
      model = model_at(batch);
      loaded = batch;
    }
    RowMeasurement(model, options, row, journal, progress, stop).measure(result);
  }
  return result;
}

}  // namespace kerf
