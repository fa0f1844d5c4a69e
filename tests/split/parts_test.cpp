// The parts that decide, each alone and with a clock of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "base/error.hpp"
#include "runtime/split/breaker.hpp"
#include "runtime/split/compute_slots.hpp"
#include "runtime/split/host_slice.hpp"
#include "runtime/split/load_meter.hpp"
#include "runtime/split/path_estimator.hpp"
#include "runtime/split/plan_chooser.hpp"
#include "runtime/split/stage_report.hpp"

namespace kerf::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HostSlices, AreTextAndBack) {
  const std::vector<HostSlice> slices = parse_host_slices("edge:13-40, cloud:41", 13, 41, "");
  EXPECT_THAT(slices, ElementsAre(HostSlice{"edge", 13, 40}, HostSlice{"cloud", 41, 41}));
  EXPECT_EQ(to_text(slices), "edge:13-40,cloud:41-41");
}

TEST(HostSlices, RefuseWhatIsNoPlan) {
  for (const char* text :
       {"", ",", "edge", ":1-2", "edge:", "edge:0-", "edge:-1", "edge:2-1", "edge:0-1,", "edge:1-2",
        "edge:0-1,cloud:1-2", "edge:0-3", "edge:0-1", "edge:0-0,cloud:2-2", "edge:0-99999999999"}) {
    EXPECT_THROW(static_cast<void>(parse_host_slices(text, 0, 2, "")), Error) << text;
  }
}

TEST(StageReports, AreTextAndBack) {
  const std::vector<StageReport> reports{{{"edge", 1, 2}, Seconds(0.0341), Seconds(1e-5)},
                                         {{"a:b", 3, 3}, Seconds(2), Seconds(0)}};
  const std::vector<StageReport> back = parse_stage_reports(to_text(reports));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[1].slice, reports[1].slice);
  EXPECT_EQ(back[0].compute, Seconds(0.0341));
  EXPECT_EQ(back[0].queued, Seconds(1e-5));
}

TEST(StageReports, LeaveOutWhatCannotBeRead) {
  for (const char* text : {";;", "edge", "edge:1-2", "edge:1-2=", "edge:1-2=1", "edge:1-2=x+y",
                           "edge:1-2=-1+0", "edge:1-2=nan+0", "=1+1", "edge:9-1=1+1", "+=:"}) {
    EXPECT_TRUE(parse_stage_reports(text).empty()) << text;
  }
  EXPECT_EQ(parse_stage_reports("nonsense;edge:1-2=1+0").size(), 1U);
  EXPECT_THAT(parse_host_loads("edge=0.25;cloud=1.5;x;y=;=0.5;moon=1"),
              ElementsAre(Pair("", 0.5), Pair("edge", 0.25), Pair("moon", 1.0)));
}

TEST(LoadMeter, IsTheShareOfTheWorkersTimeThatOthersTook) {
  LoadMeter meter(2, Seconds(10));
  meter.begin("theirs", Seconds(0));
  meter.begin("ours", Seconds(0));
  for (const double now : {1.0, 5.0, 100.0}) {
    EXPECT_NEAR(meter.share_of_others("ours", Seconds(now)), 0.5, 1e-9) << now;
    EXPECT_NEAR(meter.share(Seconds(now)), 1, 1e-9);
  }
  meter.end("theirs", Seconds(100));
  EXPECT_NEAR(meter.share_of_others("ours", Seconds(110)), 0.5 * std::exp(-1), 1e-4);
  EXPECT_NEAR(meter.share_of_others("theirs", Seconds(110)), 0.5, 1e-4);
}

TEST(LoadMeter, CountsGroupsBeyondItsNumberTogether) {
  LoadMeter meter(1, Seconds(10));
  for (int i = 0; i < 1000; ++i) {
    meter.begin(std::to_string(i), Seconds(i));
    meter.end(std::to_string(i), Seconds(i + 1));
  }
  EXPECT_NEAR(meter.share(Seconds(1000)), 1, 1e-9);
}

TEST(ComputeSlots, ServeInTheOrderOfArrival) {
  ComputeSlots slots(1, steady_clock());
  std::vector<int> order;
  std::atomic<int> came = 0;
  std::vector<std::thread> threads;
  {
    const ComputeSlots::Lease held = slots.take("");
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        ++came;
        const ComputeSlots::Lease lease = slots.take("");
        order.push_back(i);
      });
      while (slots.waiting() != i + 1) std::this_thread::yield();
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(Breaker, WaitsTwiceAsLongAfterEachFailureAndStartsOverOnceItWorked) {
  Breaker breaker(Seconds(1), Seconds(5));
  EXPECT_TRUE(breaker.admit(Seconds(0)));
  breaker.fail(Seconds(0));
  EXPECT_FALSE(breaker.admit(Seconds(0.9)));
  EXPECT_TRUE(breaker.admit(Seconds(1)));
  EXPECT_FALSE(breaker.admit(Seconds(1.1)));  // one try at a time
  breaker.fail(Seconds(1));
  EXPECT_EQ(breaker.retry_at(), Seconds(3));
  breaker.fail(Seconds(3));
  EXPECT_EQ(breaker.retry_at(), Seconds(7));
  breaker.fail(Seconds(7));
  EXPECT_EQ(breaker.retry_at(), Seconds(12));
  breaker.seems_well();
  breaker.fail(Seconds(12));
  EXPECT_EQ(breaker.retry_at(), Seconds(17));
  breaker.worked();
  EXPECT_TRUE(breaker.is_up());
  breaker.fail(Seconds(20));
  EXPECT_EQ(breaker.retry_at(), Seconds(21));
}

// A path that keeps to its figures.
struct TruePath {
  double round_trip, up, down;
  [[nodiscard]] Exchange exchange(double bytes_up, double bytes_down, double noise = 0) const {
    return {Seconds(round_trip + bytes_up / up + bytes_down / down + noise), Bytes(bytes_up),
            Bytes(bytes_down)};
  }
};

TEST(PathEstimator, KnowsNothingBeforeItHasSeenAnything) {
  const PathEstimator estimator;
  EXPECT_FALSE(estimator.round_trip());
  EXPECT_FALSE(estimator.up());
  EXPECT_FALSE(estimator.down());
}

TEST(PathEstimator, FindsRoundTripAndGoodputOfEachDirection) {
  const TruePath path{0.04, 2.5e6, 10e6};
  PathEstimator estimator;
  estimator.observe(path.exchange(100, 100));
  estimator.observe(path.exchange(150e3, 1000));
  estimator.observe(path.exchange(1000, 400e3));
  for (int i = 0; i < 20; ++i) estimator.observe(path.exchange(300e3, 200e3));
  EXPECT_NEAR(estimator.round_trip()->value(), 0.04, 1e-3);
  EXPECT_NEAR(estimator.up()->value(), 2.5e6, 0.02 * 2.5e6);
  EXPECT_NEAR(estimator.down()->value(), 10e6, 0.05 * 10e6);
}

TEST(PathEstimator, FollowsAChangeAfterThreeMessages) {
  PathEstimator estimator;
  const TruePath before{0.04, 10e6, 10e6};
  const TruePath after{0.04, 1e6, 1e6};
  for (int i = 0; i < 9; ++i) estimator.observe(before.exchange(100, 0));
  for (int i = 0; i < 9; ++i) estimator.observe(before.exchange(500e3, 100));
  for (int i = 0; i < 3; ++i) estimator.observe(after.exchange(500e3, 100));
  EXPECT_NEAR(estimator.up()->value(), 1e6, 1e4);
  for (int i = 0; i < 3; ++i) estimator.observe(before.exchange(500e3, 100));
  EXPECT_NEAR(estimator.up()->value(), 10e6, 1e5);
}

TEST(PathEstimator, AStrayMessageDoesNothing) {
  const TruePath path{0.04, 2.5e6, 2.5e6};
  PathEstimator estimator;
  for (int i = 0; i < 5; ++i) estimator.observe(path.exchange(100, 0));
  for (int i = 0; i < 5; ++i) estimator.observe(path.exchange(150e3, 0));
  estimator.observe(path.exchange(150e3, 0, 3.0));
  estimator.observe(path.exchange(100, 0, 3.0));
  EXPECT_NEAR(estimator.up()->value(), 2.5e6, 1e4);
  EXPECT_NEAR(estimator.round_trip()->value(), 0.04, 1e-3);
}

TEST(PathEstimator, AMessageTooShortForItsRoundTripIsOnlyABound) {
  const TruePath fast{0.1, 100e6, 100e6};
  PathEstimator estimator;
  for (int i = 0; i < 5; ++i) estimator.observe(fast.exchange(100, 0));
  estimator.observe(fast.exchange(50e3, 0));  // 0.5 ms of 100
  EXPECT_LT(estimator.up()->value(), 100e6);
  EXPECT_GT(estimator.up()->value(), 1e6);
  for (int i = 0; i < 5; ++i) estimator.observe(fast.exchange(10e6, 0));
  for (int i = 0; i < 50; ++i) estimator.observe(fast.exchange(50e3, 0));  // does not pull it down again
  EXPECT_NEAR(estimator.up()->value(), 100e6, 1e6);
}

TEST(PathEstimator, OverlooksTimesThatCannotBe) {
  PathEstimator estimator;
  estimator.observe({Seconds(-1), Bytes(100), Bytes(0)});
  estimator.observe({Seconds(0), Bytes(1e6), Bytes(0)});
  EXPECT_FALSE(estimator.round_trip());
  EXPECT_FALSE(estimator.up());
}

PolicyAnswer answer(int plan, float margin) {
  PolicyAnswer answer;
  answer.plan = plan;
  answer.margin = margin;
  return answer;
}

TEST(PlanChooser, TakesTheFirstAnswerAndClearOnesAtOnce) {
  PlanChooser chooser({.margin = 0.05, .dwell = Seconds(2)});
  EXPECT_EQ(chooser.choose(answer(3, 0.0F), Seconds(0)), 3);
  EXPECT_EQ(chooser.choose(answer(1, 0.2F), Seconds(0.1)), 1);
  EXPECT_EQ(chooser.choose(answer(2, std::numeric_limits<float>::infinity()), Seconds(0.2)), 2);
}

TEST(PlanChooser, ASmallAdvantageMustLast) {
  PlanChooser chooser({.margin = 0.05, .dwell = Seconds(2)});
  EXPECT_EQ(chooser.choose(answer(0, 1.0F), Seconds(0)), 0);
  EXPECT_EQ(chooser.choose(answer(1, 0.01F), Seconds(1)), 0);
  EXPECT_EQ(chooser.choose(answer(1, 0.01F), Seconds(2.9)), 0);
  EXPECT_EQ(chooser.choose(answer(0, 0.01F), Seconds(2.95)), 0);  // back: it starts anew
  EXPECT_EQ(chooser.choose(answer(1, 0.01F), Seconds(3)), 0);
  EXPECT_EQ(chooser.choose(answer(1, 0.01F), Seconds(5)), 1);
}

TEST(PlanChooser, NoiseAroundAnEdgeMovesNothing) {
  PlanChooser chooser({.margin = 0.05, .dwell = Seconds(2)});
  EXPECT_EQ(chooser.choose(answer(0, 0.01F), Seconds(0)), 0);
  for (int i = 1; i < 1000; ++i) EXPECT_EQ(chooser.choose(answer(i % 2, 0.01F), Seconds(i)), 0);
}

TEST(PlanChooser, AFallbackIsNoReasonToHurry) {
  PlanChooser chooser({.margin = 0.05, .dwell = Seconds(2)});
  EXPECT_EQ(chooser.choose(answer(0, 1.0F), Seconds(0)), 0);
  EXPECT_EQ(chooser.choose(answer(4, std::numeric_limits<float>::quiet_NaN()), Seconds(1)), 0);
  EXPECT_EQ(chooser.choose(answer(4, std::numeric_limits<float>::quiet_NaN()), Seconds(3)), 4);
}

}  // namespace
}  // namespace kerf::test
