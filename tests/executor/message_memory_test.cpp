#include "runtime/executor/message_memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>
#include <vector>

namespace kerf::test {
namespace {

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

long page_faults() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_minflt;
}

// 12 MB in pieces of 64 kB, as a transport takes them, and in one.
void receive_a_message() {
  std::vector<std::unique_ptr<char[]>> pieces;
  for (int i = 0; i < 200; ++i) {
    pieces.push_back(std::make_unique<char[]>(64 << 10));
    std::memset(pieces.back().get(), i, 64 << 10);
  }
  const auto whole = std::make_unique<char[]>(12 << 20);
  std::memset(whole.get(), 1, 12 << 20);
}

// In a process of its own, since it is for the whole of it: a message after the first needs no new pages.
TEST(MessageMemory, IsKeptForTheNextMessage) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        keep_message_memory();
        receive_a_message();
        const long before = page_faults();
        for (int i = 0; i < 10; ++i) receive_a_message();
        std::exit(page_faults() - before < 1000 ? 0 : 1);  // of 61440 pages
      },
      testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace kerf::test
