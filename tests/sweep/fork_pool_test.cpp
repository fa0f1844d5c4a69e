#include "sweep/fork_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

std::vector<std::string> run(const std::vector<std::size_t>& items, int workers, const ForkedWork& work,
                             const StopRequested& stop = {}) {
  std::vector<std::string> results;
  run_forked(
      items, workers, [&] { return work; },
      [&](std::size_t, std::string result) { results.push_back(result); }, stop);
  return results;
}

TEST(ForkPool, ResultsComeInTheOrderOfItemsForAnyNumberOfWorkers) {
  std::vector<std::size_t> items;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 40; ++i) {
    items.push_back(3 * i + 1);
    expected.push_back(std::to_string(9 * i + 3) + std::string(1000 * (i % 7), 'x'));
  }
  const ForkedWork work = [](std::size_t item) {
    return std::to_string(3 * item) + std::string(1000 * ((item - 1) / 3 % 7), 'x');
  };
  for (const int workers : {1, 2, 3, 7, 100}) EXPECT_EQ(run(items, workers, work), expected) << workers;
}

TEST(ForkPool, AnItemSeesNothingThatAnEarlierOneLeftBehind) {
  int calls = 0;
  const ForkedWork count = [&](std::size_t) { return std::to_string(++calls); };
  EXPECT_EQ(run({0, 1, 2, 3}, 1, count), std::vector<std::string>(4, "1"));
}

TEST(ForkPool, NoItemsIsNoWork) {
  EXPECT_TRUE(run({}, 4, [](std::size_t) { return std::string(); }).empty());
}

TEST(ForkPool, AnErrorInAChildIsThrownHereWhole) {
  try {
    run({7}, 2, [](std::size_t) -> std::string {
      throw Error(ErrorCode::kBadInput, "here", "this", "that", "do so");
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_EQ(error.where(), "here");
    EXPECT_EQ(error.found(), "this");
    EXPECT_EQ(error.expected(), "that");
    EXPECT_EQ(error.hint(), "do so");
  }
}

TEST(ForkPool, AnErrorWhilePreparingIsThrownHere) {
  const Prepare prepare = []() -> ForkedWork { throw Error(ErrorCode::kUnsupported, "engine", "none"); };
  const std::vector<std::size_t> items{1, 2};
  EXPECT_THROW(run_forked(items, 2, prepare, [](std::size_t, const std::string&) {}, {}), Error);
}

TEST(ForkPool, AChildThatDiesIsNamed) {
  try {
    run({5}, 1, [](std::size_t) -> std::string {
      std::signal(SIGTERM, SIG_DFL);
      ::raise(SIGTERM);
      return {};
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("condition 5"));
    EXPECT_THAT(error.what(), HasSubstr("signal 15"));
  }
}

TEST(ForkPool, StopsWhenAsked) {
  int asked = 0;
  try {
    run(
        {0, 1, 2}, 1, [](std::size_t) { return std::string(); }, [&] { return ++asked > 1; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  }
}

}  // namespace
}  // namespace kerf
