#include "testbed/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/error.hpp"

namespace kerf {
namespace {

TEST(ChildProcess, SaysWhatToDoWhereNoMoreFilesMayBeOpen) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer looks at objects through a pipe of its own, and there is none to be had";
#endif
  rlimit former{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &former), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = former.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  try {
    const ChildProcess child({.words = {"true"}, .log = {}, .processors = {}, .group = {}});
    ::setrlimit(RLIMIT_NOFILE, &former);
    FAIL() << "started";
  } catch (const Error& error) {
    ::setrlimit(RLIMIT_NOFILE, &former);
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
    EXPECT_THAT(error.hint(), testing::HasSubstr("ulimit -n"));
  }
}

}  // namespace
}  // namespace kerf
