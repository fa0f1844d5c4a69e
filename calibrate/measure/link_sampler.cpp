#include "calibrate/measure/link_sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/shuffle.hpp"

namespace kerf {
namespace {

constexpr Bytes kSmallest{1e3};
constexpr double kStep = 4;           // from one size of the warm-up to the next
constexpr double kFaster = 0.97;      // of the best before: still warming up
constexpr int kMostRepeats = 20;      // of one size of the warm-up
constexpr double kBudgetShares = 40;  // the longest message takes one of them
constexpr int kFirstRoundTrips = 5;
constexpr int kRoundTripsARound = 2;
constexpr std::size_t kMostRoundTrips = 60;

// Messages kept of a visit, beside the one that is dropped.
int kept_messages(Seconds message) {
  if (message < Seconds(10e-3)) return 5;
  return message < Seconds(0.2) ? 3 : 2;
}

// Rounded down, so that no message takes longer than it may.
double two_digits(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
  return std::floor(value / unit * (1 + 1e-9)) * unit;
}

void insert(std::vector<double>& ascending, Seconds time) {
  ascending.insert(std::upper_bound(ascending.begin(), ascending.end(), time.value()), time.value());
}

class LinkSampler {
 public:
  LinkSampler(LinkPeer& peer, const MeasuringClock& clock, const LinkSamplerOptions& options,
              const ProgressReport& progress, const StopRequested& stop)
      : peer_(peer), clock_(clock), options_(options), progress_(progress), stop_(stop) {}

  LinkSamples sample() {
    take_round_trips(kFirstRoundTrips);
    add_point(Bytes(0), Bytes(0));
    for (const bool up : {true, false}) {
      const Bytes top = warm_up(up);
      for (const Bytes size : ladder_to(top)) add_point(up ? size : Bytes(0), up ? Bytes(0) : size);
    }
    run_rounds();
    LinkSamples samples;
    for (State& state : points_) samples.ladder.push_back(std::move(state.point));
    std::sort(samples.ladder.begin(), samples.ladder.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.up, a.down) < std::tuple(b.up, b.down);
    });
    samples.round_trips = std::move(round_trips_);
    return samples;
  }

 private:
  struct State {
    LinkSamples::Point point;
    Seconds last;  // message; 0: none yet
    bool done = false;
  };

  void check_stop(std::string_view what) const {
    if (stop_ && stop_()) {
      throw Error(ErrorCode::kInterrupted, "calibration", "stopped before it was done", "",
                  "nothing was written; start it again");
    }
    if (progress_)
      progress_((clock_() - options_.start).value(), (options_.deadline - options_.start).value(), what);
  }

  [[nodiscard]] Seconds longest() const {
    return std::min(options_.longest, (options_.deadline - options_.start) / kBudgetShares);
  }

  void take_round_trips(int count) {
    for (int i = 0; i < count && round_trips_.size() < kMostRoundTrips; ++i) {
      check_stop("the network's own round trip");
      insert(round_trips_, peer_.round_trip());
    }
  }

  void add_point(Bytes up, Bytes down) { points_.push_back({{up, down, {}}, Seconds(0), false}); }

  // ---- Warm-up

  // Repeats one size until it is no faster than before.
  Seconds settle(Bytes size, bool up) {
    Seconds best;
    for (int i = 0; i < kMostRepeats; ++i) {
      check_stop(fmt::format("warming up: {} {}", format(size), up ? "up" : "down"));
      const Seconds time = up ? peer_.exchange(size, Bytes(0)) : peer_.exchange(Bytes(0), size);
      const bool calm = i > 0 && time >= best * kFaster;
      best = i > 0 ? std::min(best, time) : time;
      if (calm || clock_() >= options_.deadline) break;
    }
    return best;
  }

  // The largest size that takes at most the longest time.
  Bytes warm_up(bool up) {
    Bytes size = kSmallest;
    Seconds time = settle(size, up);
    for (;;) {
      const Bytes next = std::min(size * kStep, options_.largest);
      if (next <= size) return size;
      const Seconds next_time = settle(next, up);
      const Seconds a_byte = (next_time - time) / (next - size).value();
      size = next;
      time = next_time;
      // Before time grows with size there is nothing to foresee.
      if (a_byte <= Seconds(0) || time + a_byte * (size * (kStep - 1)).value() <= longest()) continue;
      const Bytes fits = size + Bytes((longest() - time) / a_byte);
      return std::clamp(fits, kSmallest * kStep, options_.largest);
    }
  }

  [[nodiscard]] std::vector<Bytes> ladder_to(Bytes top) const {
    std::vector<Bytes> sizes;
    for (int i = 0; i < options_.sizes; ++i) {
      const double share = static_cast<double>(i) / (options_.sizes - 1);
      const Bytes size(two_digits(kSmallest.value() * std::pow(top / kSmallest, share)));
      if (sizes.empty() || size > sizes.back()) sizes.push_back(size);
    }
    return sizes;
  }

  // ---- Rounds

  void run_rounds() {
    for (std::uint32_t round = 0;; ++round) {
      std::vector<std::size_t> order;
      for (std::size_t i = 0; i < points_.size(); ++i) {
        if (!points_[i].done) order.push_back(i);
      }
      shuffle(order, options_.seed, round);
      bool visited = false;
      if (!order.empty()) take_round_trips(kRoundTripsARound);
      for (const std::size_t i : order) {
        State& state = points_[i];
        if (state.point.seconds.empty() && clock_() >= options_.deadline) give_up();
        const Seconds takes = (state.last + options_.pause) * (1 + kept_messages(state.last));
        if (!state.point.seconds.empty() && clock_() + takes > options_.deadline) continue;
        visit(state, fmt::format("round {}: {} of {} sizes are not narrow yet", round + 1, order.size(),
                                 points_.size()));
        visited = true;
      }
      if (!visited) return;
    }
  }

  void visit(State& state, const std::string& what) {
    LinkSamples::Point& point = state.point;
    check_stop(what);
    state.last = peer_.exchange(point.up, point.down);  // dropped
    const int kept = kept_messages(state.last);
    for (int i = 0; i < kept; ++i) {
      check_stop(what);
      state.last = peer_.exchange(point.up, point.down);
      insert(point.seconds, state.last);
    }
    state.done = estimate_median(point.seconds).half_width() <= options_.width;
  }

  [[noreturn]] void give_up() const {
    constexpr double kComfort = 3;  // one visit each is the least, and no good measurement
    const Seconds budget = options_.deadline - options_.start;
    const auto unseen =
        std::count_if(points_.begin(), points_.end(), [](const State& s) { return s.point.seconds.empty(); });
    throw Error(ErrorCode::kLimit, "--budget",
                fmt::format("{} does not reach one visit of each size: {} of {} are missing", format(budget),
                            unseen, points_.size()),
                "more time",
                fmt::format("try --budget {:.0f}s", std::max(1.0, std::ceil(budget.value() * kComfort))));
  }

  LinkPeer& peer_;
  const MeasuringClock& clock_;
  const LinkSamplerOptions& options_;
  const ProgressReport& progress_;
  const StopRequested& stop_;
  std::vector<State> points_;
  std::vector<double> round_trips_;
};

}  // namespace

LinkSamples sample_link(LinkPeer& peer, const MeasuringClock& clock, const LinkSamplerOptions& options,
                        const ProgressReport& progress, const StopRequested& stop) {
  return LinkSampler(peer, clock, options, progress, stop).sample();
}

}  // namespace kerf
