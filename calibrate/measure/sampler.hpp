#pragma once
// Who is run when: plans loading, visits and rounds so that a budget of wall time yields the most certain
// times for all slices. It knows neither ONNX Runtime nor the real clock; both are handed in, so that its
// decisions can be tested.
//
// Slices are loaded in the order given until there is no room for more or no time. A new slice is run until
// it is warm (steady.hpp); those runs are dropped. Then rounds begin: each visits every loaded slice once, in
// an order shuffled anew, for a few runs, so that a slow moment of the machine falls on all alike; slices
// known well enough drop out. While slices between narrow cuts are open, those at wide ones are visited in
// every second round only: plans cut where little crosses. When the group's share of the budget is used it is
// unloaded and the next group loaded. Time left over goes to slices still uncertain. Required slices come
// first, whatever the budget; others are taken on only when there is time to visit them, and all loaded
// before, often enough to be worth it. The whole model stays loaded and is visited twice a round; known well
// enough, now and then: it ties the groups together, which are measured minutes apart.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/progress.hpp"
#include "base/quantity.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/slice_set.hpp"
#include "calibrate/measure/steady.hpp"

namespace kerf {

class SliceRunner {
 public:
  virtual ~SliceRunner() = default;
  // Whether memory bears one more. Slices are numbers: their places in the plan.
  [[nodiscard]] virtual bool has_room(std::size_t slice) = 0;
  virtual void load(std::size_t slice) = 0;
  virtual void unload(std::size_t slice) = 0;
  // Runs the slice so many times, in each of the concurrent sessions: the times of each session's runs.
  virtual std::vector<Visit> run(std::size_t slice, int times) = 0;
};

using MeasuringClock = std::function<Seconds()>;  // never goes back

// How many runs make a visit: some 15 ms of them, but 7 at most. Long slices take one run at a time. In
// between there are two or more, so that the first ones, slow because other slices have used the caches, can
// be told from the rest.
[[nodiscard]] int runs_of_visit(Seconds run);

struct SamplerOptions {
  Seconds start;           // on the clock: when the budget began to run
  Seconds deadline;        // on the clock: when it is used up
  Seconds pause;           // that the runner rests before each run: part of what a run takes
  int sessions = 1;        // concurrent ones of the runner: a visit yields the times of each
  double width = 0.02;     // relative half width of the interval of p20 at which a slice is done
  std::uint64_t seed = 1;  // of the order
  int most_warm_up_runs = 12;
  // What there must be time for before a slice that is not required is taken on.
  int worthwhile_runs = 24;
  // Called after every visit. Stretches of time are numbered from 0: a group of slices loaded at the same
  // time is one, or several where it takes longer than 10 s.
  std::function<void(std::size_t slice, int stretch, std::span<const Visit> sessions)> on_visit;
};

using SliceVisits = std::vector<std::vector<Visit>>;  // of each slice; none of those that were not taken on

// `earlier` are visits from before an interruption, by slice; empty where there was none. They are in the
// result. Error(kInterrupted) when asked to stop; Error(kLimit), with the budget that would do, when a
// required slice cannot be visited.
[[nodiscard]] SliceVisits sample_slices(std::span<const PlannedSlice> plan, SliceRunner& runner,
                                        const MeasuringClock& clock, const SamplerOptions& options,
                                        const ProgressReport& progress, const StopRequested& stop,
                                        SliceVisits earlier = {});

}  // namespace kerf
