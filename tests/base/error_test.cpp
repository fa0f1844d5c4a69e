#include "base/error.hpp"

#include <gtest/gtest.h>

namespace kerf::test {
namespace {

TEST(Error, SaysWhereWhatWhatInsteadAndWhatToDo) {
  const Error error(ErrorCode::kBadInput, "a.toml:3:9", "rate is \"4\"", "requests with a unit",
                    "write \"4/s\"");
  EXPECT_STREQ(error.what(), "a.toml:3:9: rate is \"4\"; expected requests with a unit; write \"4/s\"");
}

TEST(Error, LeavesOutWhatIsEmpty) {
  EXPECT_STREQ(Error(ErrorCode::kLimit, "", "out of memory").what(), "out of memory");
  EXPECT_STREQ(Error(ErrorCode::kLimit, "sweep", "out of memory", "", "use fewer jobs").what(),
               "sweep: out of memory; use fewer jobs");
}

TEST(Error, KeepsItsParts) {
  const Error error(ErrorCode::kUsage, "--set", "x", "y", "z");
  EXPECT_EQ(error.where(), "--set");
  EXPECT_EQ(error.found(), "x");
  EXPECT_EQ(error.expected(), "y");
  EXPECT_EQ(error.hint(), "z");
}

TEST(Error, CarriesTheExitCodesOfTheCommandLine) {
  const auto exit_code = [](ErrorCode code) { return Error(code, "", "x").exit_code(); };
  EXPECT_EQ(exit_code(ErrorCode::kUsage), 2);
  EXPECT_EQ(exit_code(ErrorCode::kInfeasible), 10);
  EXPECT_EQ(exit_code(ErrorCode::kLimit), 20);
  EXPECT_EQ(exit_code(ErrorCode::kBadInput), 30);
  EXPECT_EQ(exit_code(ErrorCode::kUnsupported), 31);
  EXPECT_EQ(exit_code(ErrorCode::kBug), 39);
  EXPECT_EQ(exit_code(ErrorCode::kInterrupted), 130);
}

}  // namespace
}  // namespace kerf::test
