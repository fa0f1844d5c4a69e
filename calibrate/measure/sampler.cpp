#include "calibrate/measure/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/measure/shuffle.hpp"

namespace kerf {
namespace {

// Observed times predict those to come: shares of the whole model, scaled by what the slices seen so far
// took.
class Scale {
 public:
  void observe(double share, Seconds took) {
    shares_ += share;
    took_ += took;
  }
  [[nodiscard]] Seconds predict(double share) const {
    return shares_ > 0 ? took_ * (share / shares_) : Seconds(0);
  }

 private:
  double shares_ = 0;
  Seconds took_;
};

struct State {
  std::vector<Visit> runs;  // one a visit and session
  Seconds last_run;         // the latest run, once it has run
  int visits = 0;           // kept ones
  int runs_of_visit = 0;    // fixed when it is first loaded, so that places in visits mean the same
  bool known = false;       // has been loaded and run
  bool loaded = false;
  bool done = false;
};

class Sampler {
 public:
  Sampler(std::span<const PlannedSlice> plan, SliceRunner& runner, const MeasuringClock& clock,
          const SamplerOptions& options, const ProgressReport& progress, const StopRequested& stop,
          SliceVisits earlier)
      : plan_(plan),
        runner_(runner),
        clock_(clock),
        options_(options),
        progress_(progress),
        stop_(stop),
        states_(plan.size()),
        queue_(plan.size()) {
    std::iota(queue_.begin(), queue_.end(), std::size_t{0});
    stretch_start_ = clock_();
    for (std::size_t slice = 0; slice < earlier.size(); ++slice) {
      if (earlier[slice].empty()) continue;
      State& state = states_[slice];
      state.runs = std::move(earlier[slice]);
      state.visits = static_cast<int>(state.runs.size()) / options_.sessions;
      state.last_run = Seconds(state.runs.back().back());
      state.runs_of_visit = static_cast<int>(state.runs.front().size());
      state.known = true;
      state.done = is_narrow(slice);
    }
    std::erase_if(queue_, [&](std::size_t slice) { return states_[slice].done && !plan_[slice].whole; });
  }

  SliceVisits sample() {
    while (next_ < queue_.size()) {
      load_group();
      if (group_.empty()) break;
      run_rounds(group_deadline());
      unload_group();
      if (next_ == queue_.size()) queue_uncertain();
    }
    SliceVisits visits;
    for (State& state : states_) visits.push_back(std::move(state.runs));
    return visits;
  }

 private:
  // Expected costs of a slice.
  [[nodiscard]] Seconds run_time(std::size_t slice) const {
    const Seconds run =
        states_[slice].known ? states_[slice].last_run : run_scale_.predict(plan_[slice].run_share);
    return run + options_.pause;
  }
  [[nodiscard]] Seconds visit_time(std::size_t slice) const {
    const Seconds run = run_time(slice);
    const int fixed = states_[slice].runs_of_visit;
    return run * (fixed > 0 ? fixed : runs_of_visit(run));
  }
  [[nodiscard]] Seconds entry_time(std::size_t slice) const {
    constexpr double kUsualWarmUp = 2;  // runs
    return load_scale_.predict(plan_[slice].load_share) + run_time(slice) * kUsualWarmUp;
  }
  [[nodiscard]] Seconds owed(std::size_t slice, int visits) const {
    return visit_time(slice) * std::max(0, visits - states_[slice].visits);
  }
  [[nodiscard]] int worthwhile_visits(std::size_t slice) const {
    const int fixed = states_[slice].runs_of_visit;
    const int runs = fixed > 0 ? fixed : runs_of_visit(run_time(slice));
    return (options_.worthwhile_runs + runs - 1) / runs;
  }
  [[nodiscard]] int wanted_visits(std::size_t slice) const {
    return plan_[slice].required && states_[slice].visits == 0 ? 1 : worthwhile_visits(slice);
  }

  void check_stop(std::string_view what) {
    if (stop_ && stop_()) {
      throw Error(ErrorCode::kInterrupted, "calibration", "stopped before it was done", "",
                  "start it again: what was measured is kept and it goes on from there");
    }
    if (progress_)
      progress_((clock_() - options_.start).value(), (options_.deadline - options_.start).value(), what);
  }

  // ---- Loading

  void load_group() {
    Seconds committed;  // visits that the loaded slices must still get
    for (const std::size_t slice : group_) committed += owed(slice, worthwhile_visits(slice));
    for (; next_ < queue_.size(); ++next_) {
      const std::size_t slice = queue_[next_];
      const bool crowded =
          std::any_of(group_.begin(), group_.end(), [&](std::size_t s) { return !plan_[s].whole; });
      if (crowded && !runner_.has_room(slice)) return;
      if (plan_[slice].required && states_[slice].visits == 0) {
        check_reach();
      } else if (clock_() + committed + entry_time(slice) + owed(slice, worthwhile_visits(slice)) >
                 options_.deadline) {
        next_ = queue_.size();  // nor would the rest, which matters less, find time
        return;
      }
      load(slice);
      committed += owed(slice, worthwhile_visits(slice));
    }
  }

  void load(std::size_t slice) {
    check_stop(fmt::format("loading slice {} of at most {}", next_ + 1, queue_.size()));
    const Seconds before = clock_();
    runner_.load(slice);
    load_scale_.observe(plan_[slice].load_share, clock_() - before);
    std::vector<double> runs;
    while (!warm(runs) && static_cast<int>(runs.size()) < options_.most_warm_up_runs) {
      runs.push_back(runner_.run(slice, 1).front().front());
    }
    State& state = states_[slice];
    state.last_run = Seconds(runs.back());
    state.known = true;
    if (state.runs_of_visit == 0) state.runs_of_visit = runs_of_visit(run_time(slice));
    state.loaded = true;
    run_scale_.observe(plan_[slice].run_share, state.last_run);
    group_.push_back(slice);
  }

  // Can every required slice still be visited once? Predictions from a few slices are rough: give up early
  // only when they are far off.
  void check_reach() {
    constexpr std::size_t kSeenEnough = 8;
    constexpr double kFarOff = 1.5;
    const Seconds now = clock_();
    Seconds needed;
    for (std::size_t slice = 0; slice < plan_.size(); ++slice) {
      if (!plan_[slice].required) continue;
      if (!states_[slice].known) needed += entry_time(slice);
      needed += owed(slice, 1);
    }
    const bool over = now >= options_.deadline;
    const bool hopeless = next_ >= kSeenEnough && needed > (options_.deadline - now) * kFarOff;
    if (over || hopeless) give_up(now + needed - options_.start);
  }

  [[noreturn]] void give_up(Seconds would_take) const {
    constexpr double kComfort = 2;  // one visit each is the least, and no good measurement
    const auto required =
        std::count_if(plan_.begin(), plan_.end(), [](const PlannedSlice& s) { return s.required; });
    throw Error(ErrorCode::kLimit, "--budget",
                fmt::format("{} does not reach one visit of each of the {} slices that the fit needs",
                            format(options_.deadline - options_.start), required),
                fmt::format("at least {}", format(would_take)),
                fmt::format("try --budget {:.0f}s", std::max(1.0, kComfort * would_take.value())));
  }

  // ---- Rounds

  // The group's share of the remaining time, in proportion to the run times; what other groups' loading takes
  // is set aside first.
  [[nodiscard]] Seconds group_deadline() const {
    Seconds mine;
    for (const std::size_t slice : group_) mine += run_time(slice);
    const Seconds now = clock_();
    Seconds set_aside;
    Seconds others;
    for (std::size_t i = next_; i < queue_.size(); ++i) {
      const std::size_t slice = queue_[i];
      const Seconds minimum = entry_time(slice) + owed(slice, wanted_visits(slice));
      if (!plan_[slice].required && now + set_aside + minimum > options_.deadline) break;
      set_aside += entry_time(slice);
      others += run_time(slice);
    }
    if (mine + others <= Seconds(0)) return options_.deadline;
    const Seconds to_share = std::max(Seconds(0), options_.deadline - now - set_aside);
    return now + to_share * (mine / (mine + others));
  }

  void run_rounds(Seconds until) {
    for (;;) {
      begin_stretch_if_due();
      std::vector<std::size_t> order;
      std::size_t open = 0;
      bool skipped = false;
      const bool narrow_open = std::any_of(group_.begin(), group_.end(), [&](std::size_t slice) {
        return !states_[slice].done && !plan_[slice].wide;
      });
      for (const std::size_t slice : group_) {
        if (states_[slice].done) continue;
        ++open;
        if (plan_[slice].wide && narrow_open && round_ % 2 == 1 && states_[slice].visits > 0) {
          skipped = true;
          continue;
        }
        order.push_back(slice);
        if (plan_[slice].whole) order.push_back(slice);
      }
      if (!order.empty()) visit_done_whole(order);
      shuffle(order, options_.seed, round_++);
      bool visited = false;
      for (const std::size_t slice : order) {
        const bool must = plan_[slice].required && states_[slice].visits == 0;
        const Seconds limit = must ? options_.deadline : until;
        if (clock_() + visit_time(slice) > limit) continue;  // a shorter slice may still fit
        check_stop(
            fmt::format("round {}: {} of {} loaded slices are not narrow yet", round_, open, group_.size()));
        visit(slice);
        visited = true;
      }
      if (!visited && !skipped) break;
    }
    for (const std::size_t slice : group_) {
      if (plan_[slice].required && states_[slice].runs.empty()) {
        const Seconds now = clock_();
        give_up(now + visit_time(slice) - options_.start);
      }
    }
  }

  // A machine's speed changes within a group, too.
  void begin_stretch_if_due() {
    constexpr Seconds kStretch{10};
    if (clock_() - stretch_start_ > kStretch) begin_stretch();
  }
  void begin_stretch() {
    ++stretch_;
    stretch_start_ = clock_();
  }

  // Known well enough, the whole model still ties this group to the others, with a twentieth of the time.
  void visit_done_whole(std::vector<std::size_t>& order) {
    constexpr double kShare = 0.05;
    for (const std::size_t slice : group_) {
      if (!plan_[slice].whole || !states_[slice].done) continue;
      if (clock_() < next_tie_) continue;
      order.push_back(slice);
      next_tie_ = clock_() + visit_time(slice) / kShare;
    }
  }

  void visit(std::size_t slice) {
    State& state = states_[slice];
    const std::vector<Visit> sessions = runner_.run(slice, state.runs_of_visit);
    if (options_.on_visit) options_.on_visit(slice, stretch_, sessions);
    state.runs.insert(state.runs.end(), sessions.begin(), sessions.end());
    state.last_run = Seconds(state.runs.back().back());
    ++state.visits;
    state.done = is_narrow(slice);
  }

  [[nodiscard]] bool is_narrow(std::size_t slice) const {
    const double wanted = plan_[slice].whole ? options_.width / 2 : options_.width;
    return estimate_p20(steady_runs(states_[slice].runs)).half_width() <= wanted;
  }

  // ---- Groups

  void unload_group() {
    std::vector<std::size_t> kept;
    for (const std::size_t slice : group_) {
      if (plan_[slice].whole && next_ < queue_.size()) {
        kept.push_back(slice);
      } else {
        runner_.unload(slice);
        states_[slice].loaded = false;
      }
    }
    group_ = std::move(kept);
    begin_stretch();
  }

  // Time is left. First slices for which there seemed to be none, then the least certain.
  void queue_uncertain() {
    queue_.clear();
    next_ = 0;
    std::vector<std::pair<double, std::size_t>> uncertain;
    for (std::size_t slice = 0; slice < plan_.size(); ++slice) {
      const State& state = states_[slice];
      if (state.runs.empty()) {
        queue_.push_back(slice);
      } else if (!state.done) {
        uncertain.emplace_back(-estimate_p20(steady_runs(state.runs)).half_width(), slice);
      }
    }
    std::sort(uncertain.begin(), uncertain.end());
    for (const auto& [width, slice] : uncertain) queue_.push_back(slice);
  }

  std::span<const PlannedSlice> plan_;
  SliceRunner& runner_;
  const MeasuringClock& clock_;
  const SamplerOptions& options_;
  const ProgressReport& progress_;
  const StopRequested& stop_;
  std::vector<State> states_;
  std::vector<std::size_t> queue_;  // slices in the order of loading
  std::size_t next_ = 0;            // place in the queue
  std::vector<std::size_t> group_;  // loaded
  int stretch_ = 0;                 // stretches of time before this one: groups, and long groups' parts
  Seconds stretch_start_;
  Seconds next_tie_;  // when the whole model, once done, is visited again
  std::uint32_t round_ = 0;
  Scale load_scale_;
  Scale run_scale_;
};

}  // namespace

int runs_of_visit(Seconds run) {
  constexpr Seconds kLong{50e-3};
  constexpr Seconds kEnough{15e-3};
  if (run >= kLong) return 1;
  for (int runs = 2; runs < 7; ++runs) {
    if (run * runs >= kEnough) return runs;
  }
  return 7;
}

SliceVisits sample_slices(std::span<const PlannedSlice> plan, SliceRunner& runner,
                          const MeasuringClock& clock, const SamplerOptions& options,
                          const ProgressReport& progress, const StopRequested& stop, SliceVisits earlier) {
  return Sampler(plan, runner, clock, options, progress, stop, std::move(earlier)).sample();
}

}  // namespace kerf
