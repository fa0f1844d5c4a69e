#include "runtime/split/path_monitor.hpp"

#include <algorithm>

namespace kerf {
namespace {

constexpr Seconds kNever{-1e9};
constexpr Seconds kFresh{2};
constexpr double kMostOfTheTime = 50;
constexpr Bytes kLeastProbe{16e3};
constexpr Bytes kMostProbe{512e3};
constexpr Seconds kProbeTakes{0.02};

}  // namespace

PathMonitor::Passage PathMonitor::enter(Seconds now) {
  const std::lock_guard lock(mutex_);
  const bool alone = under_way_++ == 0;
  if (!alone) ++overlaps_;
  return {now, alone, overlaps_, up_, down_};
}

void PathMonitor::leave(const Passage& passage, Seconds now, std::optional<Seconds> held, Bytes up,
                        Bytes down) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  up_ += up;
  down_ += down;
  if (!held) return;
  const Exchange exchange{now - passage.begun - *held, up, down};
  if (passage.alone && passage.overlaps == overlaps_) {
    estimator_.observe(exchange);
    told_ = now;
  } else {
    estimator_.observe_shared(exchange, up_ - passage.up, down_ - passage.down);
  }
}

void PathMonitor::forget() {
  const std::lock_guard lock(mutex_);
  estimator_ = {};
  told_ = kNever;
  probe_not_before_ = kNever;
}

void PathMonitor::give_up(const Passage&) {
  const std::lock_guard lock(mutex_);
  --under_way_;
}

PathState PathMonitor::state() const {
  const std::lock_guard lock(mutex_);
  return {estimator_.round_trip(), estimator_.up(), estimator_.down()};
}

bool PathMonitor::probe_is_due(Seconds now) const {
  const std::lock_guard lock(mutex_);
  return under_way_ == 0 && now - told_ >= kFresh && now >= probe_not_before_;
}

void PathMonitor::probed(Seconds begun, Seconds ended) {
  const std::lock_guard lock(mutex_);
  probe_not_before_ = ended + (ended - begun) * (kMostOfTheTime - 1);
}

Bytes PathMonitor::probe_size() const {
  const PathState path = state();
  const Seconds takes = std::max(kProbeTakes, path.round_trip.value_or(Seconds(0)) * 0.5);
  const std::optional<BytesPerSecond> slower = path.up && path.down ? std::min(path.up, path.down)
                                               : path.up            ? path.up
                                                                    : path.down;
  return slower ? std::clamp(*slower * takes, kLeastProbe, kMostProbe) : kLeastProbe;
}

}  // namespace kerf
