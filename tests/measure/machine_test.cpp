#include "calibrate/measure/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kerf {
namespace {

TEST(Machine, FindsAKeyOfCpuinfo) {
  EXPECT_EQ(value_behind("processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\n", "model name", ':'),
            "Some CPU @ 2.0GHz");
}

TEST(Machine, FindsAKeyOfOsRelease) {
  EXPECT_EQ(value_behind("NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n", "PRETTY_NAME", '='),
            "Debian GNU/Linux 12");
}

TEST(Machine, AKeyThatIsMissingIsEmpty) {
  EXPECT_EQ(value_behind("a : b\n", "model name", ':'), "");
}

TEST(Machine, NamesItsCores) {
  EXPECT_THAT(machine_name(), ::testing::ContainsRegex(", [0-9]+ cores?$"));
}

TEST(Machine, TimeIsWrittenInUtc) {
  EXPECT_THAT(utc_now(), ::testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"));
}

}  // namespace
}  // namespace kerf
