#pragma once
// Which messages are sent when, so that a budget of wall time yields the most certain times of all sizes on a
// link. It knows neither the network nor the real clock: both are handed in, so that its decisions can be
// tested.
//
// First messages of growing sizes warm the connection up: TCP starts slowly and doubles what it dares to have
// under way once a round trip. Each size is repeated until a message is no faster than those before it; the
// largest is the one that takes the longest time allowed. Then a ladder of sizes between, in each direction,
// is visited in rounds, in an order shuffled anew, so that a slow moment falls on all alike. The first
// message of a visit is dropped: while the other direction was at work the connection may have cooled down.
// Sizes known well enough drop out.

#include <cstdint>
#include <vector>

#include "base/progress.hpp"
#include "base/quantity.hpp"
#include "calibrate/measure/sampler.hpp"

namespace kerf {

class LinkPeer {
 public:
  virtual ~LinkPeer() = default;
  // A request of `up` bytes and its reply of `down` bytes, one after the other, without the time that the
  // peer held it.
  virtual Seconds exchange(Bytes up, Bytes down) = 0;
  // The network's own round trip, of packets without content.
  virtual Seconds round_trip() = 0;
};

struct LinkSamplerOptions {
  Seconds start;           // on the clock: when the budget began to run
  Seconds deadline;        // on the clock: when it is used up
  Seconds pause;           // that the peer rests before each message: part of what a message takes
  double width = 0.02;     // relative half width of the interval of the median at which a size is done
  Bytes largest{4e6};      // message
  Seconds longest{2};      // that one message may take, and a fortieth of the budget
  int sizes = 7;           // in each direction, from 1 kB, in geometric progression
  std::uint64_t seed = 1;  // of the order
};

struct LinkSamples {
  struct Point {
    Bytes up;
    Bytes down;
    std::vector<double> seconds;  // ascending; not empty
  };
  std::vector<Point> ladder;        // ordered by (up, down); the first is without content both ways
  std::vector<double> round_trips;  // ascending; seconds
};

// Error(kInterrupted) when asked to stop; Error(kLimit), with the budget that would do, when the ladder
// cannot be visited once.
[[nodiscard]] LinkSamples sample_link(LinkPeer& peer, const MeasuringClock& clock,
                                      const LinkSamplerOptions& options, const ProgressReport& progress,
                                      const StopRequested& stop);

}  // namespace kerf
