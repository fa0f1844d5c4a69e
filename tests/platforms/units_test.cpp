#include "platforms/units.hpp"

#include <gtest/gtest.h>

namespace kerf::platforms {
namespace {

TEST(PlatformUnits, BandwidthsInBytesAndBits) {
  EXPECT_EQ(parse_bandwidth("125MBps"), 125e6);
  EXPECT_EQ(parse_bandwidth("1Gbps"), 125e6);
  EXPECT_EQ(parse_bandwidth("8bps"), 1.0);
  EXPECT_EQ(parse_bandwidth("1.5kBps"), 1500.0);
}

TEST(PlatformUnits, BandwidthsInPowersOfTwo) {
  EXPECT_EQ(parse_bandwidth("1KiBps"), 1024.0);
  EXPECT_EQ(parse_bandwidth("1Mibps"), 131072.0);
}

TEST(PlatformUnits, TimesWhereMIsAMinute) {
  EXPECT_EQ(parse_time("50us"), 50 * 1e-6);
  EXPECT_EQ(parse_time("10ms"), 10 * 1e-3);
  EXPECT_EQ(parse_time("2m"), 120.0);
  EXPECT_EQ(parse_time("1w"), 604800.0);
  EXPECT_EQ(parse_time("3ps"), 3 * 1e-12);
}

TEST(PlatformUnits, Speeds) {
  EXPECT_EQ(parse_speed("1Gf"), 1e9);
  EXPECT_EQ(parse_speed("2.5megaflops"), 2.5e6);
  EXPECT_EQ(parse_speed("7flops"), 7.0);
}

TEST(PlatformUnits, BareNumbersAreBaseUnits) {
  EXPECT_EQ(parse_time("0"), 0.0);
  EXPECT_EQ(parse_time("0.25"), 0.25);
  EXPECT_EQ(parse_bandwidth("1e6"), 1e6);
  EXPECT_EQ(parse_speed("+5"), 5.0);
}

TEST(PlatformUnits, EExaIsNoExponent) {
  EXPECT_EQ(parse_bandwidth("2EBps"), 2e18);
}

TEST(PlatformUnits, WhatIsNoQuantityIsNothing) {
  for (const char* text :
       {"", "fast", "10 ms", "10mss", "1e999s", "nan", "inf", "infs", "0x10", "--1s", "10msec"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
  for (const char* text : {"10MB", "10mbps", "1gbps", "10 Mbps", "nanBps", "1e300YBps"}) {
    EXPECT_EQ(parse_bandwidth(text), std::nullopt) << text;
  }
  for (const char* text : {"Gf", "1GHz", "1gf", "1Kif"}) EXPECT_EQ(parse_speed(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kerf::platforms
