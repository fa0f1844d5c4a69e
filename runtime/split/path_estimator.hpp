#pragma once
// Round trip and goodput of the path to a host, from the messages that go there anyway: their bytes, and how
// long they took without the time that the host itself held them. A message of few bytes tells the round
// trip; a large one, given the round trip, how fast bytes go. Each figure is the median of the last few
// messages that could tell, so that a stray one does nothing and a change shows after three.
//
// A message that shared the path with others of ours gives two bounds: goodput is at least what it alone had,
// and at most what all that arrived meanwhile had together. Only an estimate beyond a bound is corrected by
// it. So a path that is overrun, where no message is alone any more, is noticed too. Not thread-safe.

#include <array>
#include <cstddef>
#include <optional>

#include "base/quantity.hpp"

namespace kerf {

struct Exchange {
  Seconds took;  // from sending to the reply, less what the host held it
  Bytes up, down;
};

class PathEstimator {
 public:
  void observe(const Exchange& exchange);
  // `all`: the bytes of every message that ended while this one was under way, itself included.
  void observe_shared(const Exchange& exchange, Bytes all_up, Bytes all_down);

  // Nothing until a message could tell.
  [[nodiscard]] std::optional<Seconds> round_trip() const;
  [[nodiscard]] std::optional<BytesPerSecond> up() const { return rate(up_); }
  [[nodiscard]] std::optional<BytesPerSecond> down() const { return rate(down_); }

 private:
  class Recent {  // the last samples
   public:
    void add(double sample);
    [[nodiscard]] std::optional<double> median() const;

   private:
    static constexpr std::size_t kSamples = 5;
    std::array<double, kSamples> samples_{};
    std::size_t seen_ = 0;
  };
  // What a direction's samples say; a bound where a message was too short to say more than "at least".
  [[nodiscard]] static std::optional<BytesPerSecond> rate(const Recent& seconds_per_byte);
  static void add(Recent& seconds_per_byte, double sample, bool is_bound);
  static void bring_within(Recent& seconds_per_byte, double least, double most);
  // Seconds a byte takes up, if so many go up and down in that time, and which part of it the way down has.
  struct Pace {
    double up = 0, down = 0;
    double share_down = 0;
  };
  [[nodiscard]] Pace pace(Seconds moving, Bytes up, Bytes down) const;

  Recent round_trip_;
  Recent up_, down_;  // seconds a byte
};

}  // namespace kerf
