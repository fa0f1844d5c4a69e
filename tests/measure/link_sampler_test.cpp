// The sampler against a link that exists only here: a clock that messages move on, a connection that warms
// up.

#include "calibrate/measure/link_sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "base/random.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/profile/link_costs.hpp"

namespace kerf {
namespace {

class FakeLink final : public LinkPeer {
 public:
  Seconds exchange(Bytes up, Bytes down) override {
    ++exchanges;
    largest = std::max({largest, up, down});
    const Bytes bytes = up + down;
    // TCP's slow start: 14 kB in the first round trip, twice as much in each that follows, until the pipe is
    // full. It cools down while the other direction is at work.
    Bytes& window = up > down ? window_up : window_down;
    Seconds time = 2 * delay + 2 * overhead + up / rate_up + down / rate_down;
    const Bytes pipe = (up > down ? rate_up : rate_down) * (2 * delay);
    for (Bytes sent = window; slow_start && window < pipe && sent < bytes; sent += window) {
      time += 2 * delay;
      window = window * 2;
    }
    if (slow_start && bytes > Bytes(50e3)) (up > down ? window_down : window_up) = Bytes(14e3);
    const double u = uniform({.seed = 5, .request = static_cast<std::uint32_t>(exchanges)});
    time = time * (1 + noise * (2 * u - 1));
    now += pause + time;
    if (exchanges == fails_at) throw Error(ErrorCode::kBadInput, "peer", "gone");
    return time;
  }
  Seconds round_trip() override {
    now += 2 * delay;
    ++round_trips;
    return 2 * delay;
  }

  Seconds pause;  // before each exchange
  Seconds delay{0.02};
  Seconds overhead{1e-4};
  BytesPerSecond rate_up{1.2e6};
  BytesPerSecond rate_down{4.8e6};
  double noise = 0;
  bool slow_start = false;
  int fails_at = -1;
  Seconds now;
  Bytes largest;
  int exchanges = 0;
  int round_trips = 0;
  Bytes window_up{14e3};
  Bytes window_down{14e3};
};

LinkSamples sample(FakeLink& link, double budget, const StopRequested& stop = {}) {
  LinkSamplerOptions options;
  options.deadline = Seconds(budget);
  options.pause = link.pause;
  return sample_link(
      link, [&] { return link.now; }, options, {}, stop);
}

LinkCosts fitted(const LinkSamples& samples) {
  LinkCosts costs;
  costs.round_trip = estimate_median(samples.round_trips).median;
  for (const auto& point : samples.ladder) {
    const MedianEstimate estimate = estimate_median(point.seconds);
    costs.ladder.push_back({point.up, point.down, estimate.median, estimate.low, estimate.high,
                            static_cast<int>(point.seconds.size())});
  }
  fit(costs);
  return costs;
}

void expect_close(double found, double truth, double relative) {
  EXPECT_LT(std::abs(found / truth - 1), relative) << found << " instead of " << truth;
}

TEST(LinkSampler, FindsTheLink) {
  FakeLink link;
  link.noise = 0.01;
  const LinkCosts costs = fitted(sample(link, 20));
  expect_close(costs.up.goodput.value(), 1.2e6, 0.01);
  expect_close(costs.down.goodput.value(), 4.8e6, 0.02);
  EXPECT_DOUBLE_EQ(costs.up.delay.value(), 0.02);
}

TEST(LinkSampler, IsNotFooledByAConnectionThatCoolsDown) {
  FakeLink link;
  link.slow_start = true;
  link.rate_down = link.rate_up;
  const LinkCosts costs = fitted(sample(link, 60));
  expect_close(costs.up.goodput.value(), 1.2e6, 0.01);
  expect_close(costs.down.goodput.value(), 1.2e6, 0.01);
  EXPECT_LT(costs.worst_error, 0.01);
}

TEST(LinkSampler, TheLadderEndsWhereOneMessageTakesAFortiethOfTheBudget) {
  FakeLink link;
  const LinkSamples samples = sample(link, 40);
  EXPECT_LE(samples.ladder.back().seconds.back(), 1.02);
  EXPECT_GT(samples.ladder.back().seconds.back(), 0.9);
  FakeLink fast;
  fast.rate_up = fast.rate_down = BytesPerSecond(1e9);
  static_cast<void>(sample(fast, 40));
  EXPECT_EQ(fast.largest, Bytes(4e6));
}

TEST(LinkSampler, VisitsEverySizeInBothDirectionsAlike) {
  FakeLink link;
  link.rate_up = link.rate_down = BytesPerSecond(1.2e7);
  link.noise = 0.2;
  const LinkSamples samples = sample(link, 30);
  ASSERT_EQ(samples.ladder.size(), 15U);
  EXPECT_EQ(samples.ladder.front().up + samples.ladder.front().down, Bytes(0));
  for (const auto& point : samples.ladder) {
    EXPECT_TRUE(std::is_sorted(point.seconds.begin(), point.seconds.end()));
    EXPECT_GE(point.seconds.size(), 6U);
    EXPECT_TRUE(point.up == Bytes(0) || point.down == Bytes(0));
  }
}

TEST(LinkSampler, StopsEarlyWhenAllIsKnown) {
  FakeLink link;
  link.rate_up = link.rate_down = BytesPerSecond(1e8);
  static_cast<void>(sample(link, 1000));
  EXPECT_LT(link.now, Seconds(60));
}

TEST(LinkSampler, KeepsToItsBudget) {
  FakeLink link;
  link.noise = 0.5;
  static_cast<void>(sample(link, 20));
  EXPECT_LT(link.now, Seconds(20.5));
  EXPECT_GT(link.now, Seconds(18));
}

TEST(LinkSampler, ABudgetThatDoesNotReachSaysWhatWould) {
  FakeLink link;
  link.delay = Seconds(0.5);
  try {
    static_cast<void>(sample(link, 10));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
    EXPECT_THAT(error.what(), testing::HasSubstr("try --budget"));
  }
}

TEST(LinkSampler, StopsWhenAskedTo) {
  FakeLink link;
  try {
    static_cast<void>(sample(link, 20, [&] { return link.exchanges >= 10; }));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
    EXPECT_EQ(link.exchanges, 10);
  }
}

TEST(LinkSampler, APeerThatIsGoneEndsIt) {
  FakeLink link;
  link.fails_at = 40;
  EXPECT_THROW(static_cast<void>(sample(link, 20)), Error);
}

TEST(LinkSampler, TheSameSeedTakesTheSameWay) {
  FakeLink one, other;
  one.noise = other.noise = 0.3;
  const LinkSamples a = sample(one, 20);
  const LinkSamples b = sample(other, 20);
  ASSERT_EQ(a.ladder.size(), b.ladder.size());
  for (std::size_t i = 0; i < a.ladder.size(); ++i) EXPECT_EQ(a.ladder[i].seconds, b.ladder[i].seconds);
}

TEST(LinkSampler, RestBeforeEachMessageIsPartOfWhatItTakes) {
  FakeLink link;
  link.noise = 0.3;
  link.pause = Seconds(0.1);
  const LinkSamples samples = sample(link, 60);
  EXPECT_LE(link.now, Seconds(60));
  EXPECT_NEAR(samples.ladder.front().seconds.front(), 2 * link.delay.value(), 0.3 * 2 * link.delay.value());
}

}  // namespace
}  // namespace kerf
