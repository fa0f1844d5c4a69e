#pragma once
// Who is run when: plans loading, visits and rounds so that a budget of wall time yields the most certain
// times for all slices. It knows neither ONNX Runtime nor the real clock; both are handed in, so that its
// decisions can be tested.
//
// Slices are loaded in the order given until there is no room for more or no time. A new slice's first visit
// warms it up and is dropped. Then rounds begin: each visits every loaded slice once, in an order shuffled
// anew, for a few runs, so that a slow moment of the machine falls on all alike; slices known well enough
// drop out. When the group's share of the budget is used it is unloaded and the next group loaded. Time left
// over goes to slices still uncertain. Required slices come first, whatever the budget; others are taken on
// only when there is time to visit them, and all loaded before, often enough to be worth it. The whole model
// stays loaded and is visited twice a round.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/progress.hpp"
#include "base/quantity.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/slice_set.hpp"

namespace kerf {

class SliceRunner {
 public:
  virtual ~SliceRunner() = default;
  // Whether memory bears one more. Slices are numbers: their places in the plan.
  [[nodiscard]] virtual bool has_room(std::size_t slice) = 0;
  virtual void load(std::size_t slice) = 0;
  virtual void unload(std::size_t slice) = 0;
  virtual Seconds run(std::size_t slice) = 0;
};

using MeasuringClock = std::function<Seconds()>;  // never goes back

// How many runs make a visit. Other slices have emptied the caches: measured on a detector, the first run of
// a visit is 28 % slow for slices below 1 ms, 17 % at 1 to 5 ms, and beyond 5 ms no slower than those that
// follow. So short slices settle for some runs that are dropped, and then keep more than long ones do.
[[nodiscard]] int settling_runs(Seconds run);  // 0 from 5 ms on, at most 3
[[nodiscard]] int kept_runs(Seconds run);      // 2 from 5 ms on, at most 4

struct SamplerOptions {
  Seconds start;           // on the clock: when the budget began to run
  Seconds deadline;        // on the clock: when it is used up
  double width = 0.02;     // relative half width of the interval of p20 at which a slice is done
  std::uint64_t seed = 1;  // of the order
  // The first visit: memory is laid out in the first run and used so from the second on.
  int warm_up_runs = 2;
  // What there must be time for before a slice that is not required is taken on.
  int worthwhile_visits = 5;
};

// Ascending run times of every slice in seconds; none of those that were not taken on. Error(kInterrupted)
// when asked to stop; Error(kLimit), with the budget that would do, when a required slice cannot be visited.
[[nodiscard]] std::vector<std::vector<double>> sample_slices(std::span<const PlannedSlice> plan,
                                                             SliceRunner& runner, const MeasuringClock& clock,
                                                             const SamplerOptions& options,
                                                             const ProgressReport& progress,
                                                             const StopRequested& stop);

}  // namespace kerf
