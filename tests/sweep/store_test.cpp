#include "sweep/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    Axis rate;
    rate.key = "workload.rate";
    Axis platform;
    platform.key = "platform.file";
    platform.numeric = false;
    axes_ = {rate, platform};
  }
  [[nodiscard]] std::unique_ptr<Store> open(bool resume, const std::string& hash = "h") {
    return std::make_unique<Store>(folder_.path(), Identity{{"scenario hash", hash}}, axes_,
                                   std::vector<std::string>{"camera", "edge"}, 6, resume);
  }
  static Condition condition(std::size_t index) {
    return {index, {{"workload.rate", "3/s", 3}, {"platform.file", "a, \"b\".xml", 0}}};
  }
  static std::vector<SweepRow> rows() {
    SweepRow won;
    won.plan.stages = {{0, 0, 2}, {1, 3, 5}};
    won.bound = Seconds(0.1);
    won.outcome.mean = Seconds(1.0 / 3);
    won.outcome.requests = 200;
    SweepRow out;
    out.candidate = 1;
    out.plan.stages = {{1, 0, 5}};
    out.status = RowStatus::kRuledOut;
    out.bound = Seconds(0.5);
    return {won, out};
  }

  TemporaryFolder folder_;
  std::vector<Axis> axes_;
};

TEST_F(StoreTest, RowsComeBackToTheLastBitInTheOrderOfConditions) {
  const auto store = open(false);
  store->add(condition(1), rows());
  store->add(condition(0), {});
  store->commit();
  std::vector<std::size_t> seen;
  store->for_each([&](std::size_t index, std::span<const SweepRow> found) {
    seen.push_back(index);
    if (index == 0) {
      EXPECT_TRUE(found.empty());
      return;
    }
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].plan, rows()[0].plan);
    EXPECT_EQ(found[0].outcome.mean, Seconds(1.0 / 3));
    EXPECT_EQ(found[0].outcome.requests, 200);
    EXPECT_EQ(found[1].status, RowStatus::kRuledOut);
    EXPECT_EQ(found[1].bound, Seconds(0.5));
  });
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1}));
}

TEST_F(StoreTest, TheCsvHoldsEveryRowWithTheConditionsSettings) {
  const auto store = open(false);
  store->add(condition(0), rows());
  EXPECT_EQ(store->csv(),
            "condition,workload.rate,platform.file,candidate,plan,status,bound_s,mean_s,mean_half_width,p50_"
            "s,p95_s,p99_s,"
            "max_s,throughput_per_s,bytes_sent,energy_j,requests\n"
            "0,3,\"a, "
            "\"\"b\"\".xml\",0,\"camera:0-2,edge:3-5\",simulated,0.1,0.3333333333333333,0,0,0,0,0,0,0,0,200\n"
            "0,3,\"a, \"\"b\"\".xml\",1,edge:0-5,ruled out,0.5,,,,,,,,,,\n");
}

TEST_F(StoreTest, WhatWasNotCommittedIsDoneAgain) {
  {
    const auto store = open(false);
    store->add(condition(0), rows());
    store->commit();
    store->add(condition(1), rows());
  }
  const auto store = open(true);
  EXPECT_TRUE(store->has(0));
  EXPECT_FALSE(store->has(1));
}

TEST_F(StoreTest, AFinishedFileStaysUntilTheNextIsFinished) {
  open(false)->finish();
  const std::string first = read_file(folder_.path() / "sweep.sqlite");
  {
    const auto store = open(false, "other");
    store->add(condition(0), rows());
    store->commit();
    EXPECT_EQ(read_file(folder_.path() / "sweep.sqlite"), first);
    store->finish();
  }
  EXPECT_NE(read_file(folder_.path() / "sweep.sqlite"), first);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "sweep.sqlite.partial"));
}

TEST_F(StoreTest, ResumingADamagedFileIsRefused) {
  write_file(folder_.path() / "sweep.sqlite.partial", std::string(5000, 'x'));
  try {
    const auto store = open(true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("sweep.sqlite.partial"));
  }
}

TEST_F(StoreTest, TwoSweepsDoNotShareAFolder) {
  const auto first = open(false);
  first->add(condition(0), rows());
  try {
    open(false, "other")->add(condition(0), rows());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("in use"));
  }
}

}  // namespace
}  // namespace kerf
