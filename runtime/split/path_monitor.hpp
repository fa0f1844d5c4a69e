#pragma once
// The estimate of a path, fed by whatever goes over it, and when to send something just to keep it fresh. Any
// thread.

#include <cstdint>
#include <mutex>

#include "base/quantity.hpp"
#include "runtime/split/observed_axes.hpp"
#include "runtime/split/path_estimator.hpp"

namespace kerf {

class PathMonitor {
 public:
  // Of one message under way.
  struct Passage {
    Seconds begun;
    bool alone = false;
    std::uint64_t overlaps = 0;
    Bytes up, down;  // that had arrived when it began
  };
  [[nodiscard]] Passage enter(Seconds now);
  // `held`: how long the host had the message. Where it is not known the message tells nothing.
  void leave(const Passage& passage, Seconds now, std::optional<Seconds> held, Bytes up, Bytes down);
  void give_up(const Passage& passage);
  // All that was known: the path broke, and may be another when it is back.
  void forget();

  [[nodiscard]] PathState state() const;

  // Probes are due two seconds after the last message that told something, if nothing is under way, and take
  // at most a fiftieth of the time.
  [[nodiscard]] bool probe_is_due(Seconds now) const;
  void probed(Seconds begun, Seconds ended);
  // Enough to take some 20 ms, or half a round trip where that is longer; 16 kB to 512 kB.
  [[nodiscard]] Bytes probe_size() const;

 private:
  mutable std::mutex mutex_;
  PathEstimator estimator_;
  int under_way_ = 0;
  std::uint64_t overlaps_ = 0;
  Bytes up_, down_;     // arrived so far
  Seconds told_{-1e9};  // when a message last told something
  Seconds probe_not_before_{-1e9};
};

}  // namespace kerf
