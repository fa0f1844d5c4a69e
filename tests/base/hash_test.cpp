#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kerf::test {
namespace {

static_assert(xxh64("") == 0xEF46DB3751D8E999, "can be computed at compile time");

// Published by the reference implementation and its bindings.
TEST(Xxh64, GivesTheKnownAnswers) {
  EXPECT_EQ(xxh64(""), 0xEF46DB3751D8E999U);
  EXPECT_EQ(xxh64("a"), 0xD24EC4F1A98C6E5BU);
  EXPECT_EQ(xxh64("abc"), 0x44BC2CF5AD770999U);
  EXPECT_EQ(xxh64("xxhash"), 0x32DD38952C4BC720U);
  EXPECT_EQ(xxh64("xxhash", 20141025), 0xB559B98D844E0635U);
  EXPECT_EQ(xxh64("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1U);
}

TEST(Xxh64, SeesEveryBitOfEveryLength) {
  for (std::size_t length = 1; length <= 70; ++length) {
    std::string text(length, 'x');
    const std::uint64_t before = xxh64(text);
    for (std::size_t k = 0; k < length; ++k) {
      text[k] ^= 1;
      EXPECT_NE(xxh64(text), before) << length << " " << k;
      text[k] ^= 1;
    }
    EXPECT_NE(xxh64(text + 'x'), before);
    EXPECT_NE(xxh64(text, 1), before);
  }
}

TEST(Xxh64, TakesBytesAboveSevenBits) {
  EXPECT_NE(xxh64("\xff"), xxh64("\x7f"));
}

TEST(Hex, IsSixteenLowerCaseDigits) {
  EXPECT_EQ(hex(0), "0000000000000000");
  EXPECT_EQ(hex(0x0123456789ABCDEF), "0123456789abcdef");
}

}  // namespace
}  // namespace kerf::test
