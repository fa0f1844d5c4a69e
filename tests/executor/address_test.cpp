#include "runtime/executor/address.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace kerf {
namespace {

TEST(Address, IsAHostAndAPort) {
  EXPECT_EQ(parse_address("edge.local:8470", "").host, "edge.local");
  EXPECT_EQ(parse_address("edge.local:8470", "").port, 8470);
  EXPECT_EQ(parse_address("[::1]:0", "").host, "::1");
  EXPECT_EQ(parse_address("[fe80::1]:65535", "").text(), "[fe80::1]:65535");
  EXPECT_EQ(parse_address("10.0.0.7:1", "").text(), "10.0.0.7:1");
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text : {"", ":", "host", "host:", ":80", "host:65536", "host:-1", "host:8o", "::1:80",
                           "[::1]", "[]:80", "a b:80", "http://host:80", "host:80/x", "[host]:80"}) {
    EXPECT_THROW(static_cast<void>(parse_address(text, "--listen")), Error) << text;
  }
}

TEST(Address, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"}) {
    EXPECT_TRUE(parse_address(text, "").is_loopback()) << text;
  }
  for (const char* text :
       {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "edge:1", "128.0.0.1:1", "localhost.example:1"}) {
    EXPECT_FALSE(parse_address(text, "").is_loopback()) << text;
  }
}

}  // namespace
}  // namespace kerf
