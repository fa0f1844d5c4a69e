// The parts that decide, each alone and with a clock of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "base/error.hpp"
#include "runtime/split/breaker.hpp"
#include "runtime/split/compute_pool.hpp"
#include "runtime/split/host_slice.hpp"
#include "runtime/split/load_meter.hpp"
#include "runtime/split/path_estimator.hpp"
#include "runtime/split/path_monitor.hpp"
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
    EXPECT_NEAR(meter.share_of_others("nobody's", Seconds(now)), 1, 1e-9);
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
  EXPECT_NEAR(meter.share_of_others("0", Seconds(1000)), 1, 1e-9);    // long ago
  EXPECT_NEAR(meter.share_of_others("999", Seconds(1000)), 0, 1e-9);  // together with all late ones
}

TEST(ComputePool, ServesInTheOrderOfArrival) {
  ComputePool pool(1, steady_clock());
  std::vector<int> order;
  std::atomic<bool> begun = false;
  std::atomic<bool> go_on = false;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    pool.run("", [&] {
      begun = true;
      while (!go_on) std::this_thread::yield();
    });
  });
  while (!begun) std::this_thread::yield();
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { pool.run("", [&] { order.push_back(i); }); });
    while (pool.waiting() != i + 1) std::this_thread::yield();
  }
  go_on = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(ComputePool, ThrowsWhatTheWorkThrowsAndGoesOn) {
  ComputePool pool(2, steady_clock());
  EXPECT_THROW(pool.run("", [] { throw Error(ErrorCode::kLimit, "", "too much"); }), Error);
  bool done = false;
  EXPECT_GE(pool.run("", [&] { done = true; }), Seconds(0));
  EXPECT_TRUE(done);
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

TEST(PathMonitor, SmallMessagesTellTheRoundTripOnlyWhenAlone) {
  PathMonitor monitor;
  const auto first = monitor.enter(Seconds(0));
  const auto second = monitor.enter(Seconds(0.01));
  monitor.leave(second, Seconds(0.5), Seconds(0), Bytes(100), Bytes(0));
  monitor.leave(first, Seconds(0.6), Seconds(0), Bytes(100), Bytes(0));
  EXPECT_FALSE(monitor.state().round_trip);
  const auto third = monitor.enter(Seconds(1));
  monitor.give_up(third);
  const auto fourth = monitor.enter(Seconds(2));
  monitor.leave(fourth, Seconds(2.1), std::nullopt, Bytes(100), Bytes(0));  // no word of how long it was held
  EXPECT_FALSE(monitor.state().round_trip);
  const auto last = monitor.enter(Seconds(3));
  monitor.leave(last, Seconds(3.5), Seconds(0.46), Bytes(100), Bytes(0));
  EXPECT_NEAR(monitor.state().round_trip->value(), 0.04, 1e-9);
}

TEST(PathMonitor, ProbesWhereNothingElseTellsAndForAFiftiethOfTheTime) {
  PathMonitor monitor;
  EXPECT_TRUE(monitor.probe_is_due(Seconds(0)));
  monitor.probed(Seconds(0), Seconds(0.2));
  EXPECT_FALSE(monitor.probe_is_due(Seconds(9.9)));
  EXPECT_TRUE(monitor.probe_is_due(Seconds(10.1)));
  const auto message = monitor.enter(Seconds(11));
  EXPECT_FALSE(monitor.probe_is_due(Seconds(12)));
  monitor.leave(message, Seconds(12), Seconds(0), Bytes(100), Bytes(0));
  EXPECT_FALSE(monitor.probe_is_due(Seconds(13.9)));
  EXPECT_TRUE(monitor.probe_is_due(Seconds(14.1)));
}

// 150 kB every 0.1 s over a path that suddenly takes 0.6 s for each, first come first served.
TEST(PathMonitor, APathThatIsOverrunIsNoticed) {
  PathMonitor monitor;
  const auto alone = [&](double begun, double took, double up) {
    const auto message = monitor.enter(Seconds(begun));
    monitor.leave(message, Seconds(begun + took), Seconds(0), Bytes(up), Bytes(0));
  };
  alone(0, 0.01, 0);
  for (int i = 1; i <= 5; ++i) alone(i, 0.01 + 0.0125, 150e3);  // 12 MB/s
  EXPECT_NEAR(monitor.state().up->value(), 12e6, 1e5);
  std::vector<PathMonitor::Passage> waiting;
  int ended = 0;
  for (int tick = 0; tick < 60; ++tick) {  // a tenth of a second each
    waiting.push_back(monitor.enter(Seconds(10 + 0.1 * tick)));
    if (tick % 6 != 5) continue;
    monitor.leave(waiting[static_cast<std::size_t>(ended++)], Seconds(10 + 0.1 * (tick + 1)), Seconds(0),
                  Bytes(150e3), Bytes(0));
  }
  EXPECT_NEAR(monitor.state().up->value(), 250e3, 0.25 * 250e3);
}

TEST(PathMonitor, SharingAPathThatIsNotOverrunChangesNothing) {
  PathMonitor monitor;
  const auto alone = [&](double begun, double took, double up) {
    const auto message = monitor.enter(Seconds(begun));
    monitor.leave(message, Seconds(begun + took), Seconds(0), Bytes(up), Bytes(0));
  };
  alone(0, 0.01, 0);
  for (int i = 1; i <= 5; ++i) alone(i, 0.01 + 0.06, 150e3);  // 2.5 MB/s
  // Two at a time, while the host computes for 0.5 s: the path itself is never shared.
  for (int i = 0; i < 20; ++i) {
    const double begun = 100 + i;
    const auto first = monitor.enter(Seconds(begun));
    const auto second = monitor.enter(Seconds(begun + 0.2));
    monitor.leave(first, Seconds(begun + 0.57), Seconds(0.5), Bytes(150e3), Bytes(0));
    monitor.leave(second, Seconds(begun + 0.77), Seconds(0.5), Bytes(150e3), Bytes(0));
  }
  EXPECT_NEAR(monitor.state().up->value(), 2.5e6, 1e4);
}

TEST(PathMonitor, ForgetsAPathThatBroke) {
  PathMonitor monitor;
  monitor.leave(monitor.enter(Seconds(0)), Seconds(1), Seconds(0), Bytes(1e6), Bytes(0));
  EXPECT_TRUE(monitor.state().up);
  monitor.forget();
  EXPECT_FALSE(monitor.state().up);
  EXPECT_TRUE(monitor.probe_is_due(Seconds(1)));
}

TEST(PathMonitor, ProbesGrowWithThePath) {
  PathMonitor monitor;
  EXPECT_EQ(monitor.probe_size(), Bytes(16e3));
  const auto tell = [&](double begun, double took, double up) {
    const auto message = monitor.enter(Seconds(begun));
    monitor.leave(message, Seconds(begun + took), Seconds(0), Bytes(up), Bytes(0));
  };
  tell(0, 0.01, 0);
  tell(1, 0.01 + 1.0, 10e6);  // 10 MB/s: 20 ms are 200 kB
  EXPECT_NEAR(monitor.probe_size().value(), 200e3, 1e3);
  for (int i = 0; i < 5; ++i) tell(2 + i, 0.01 + 0.1, 10e6);
  EXPECT_EQ(monitor.probe_size(), Bytes(512e3));
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
