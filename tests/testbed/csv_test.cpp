#include "testbed/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace kerf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    const CsvTable table(text, "t.csv");
    if (table.rows() > 0) static_cast<void>(table.whole(0, "n"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error.what();
  }
  return "accepted";
}

TEST(Csv, FieldsInQuotesKeepCommasAndQuotes) {
  const CsvTable table("plan,n\r\n\"a:0-1,b:2-3\",4\n\"say \"\"x\"\"\",5\n", "t.csv");
  EXPECT_THAT(table.columns(), ElementsAre("plan", "n"));
  EXPECT_EQ(table.text(0, "plan"), "a:0-1,b:2-3");
  EXPECT_EQ(table.text(1, "plan"), "say \"x\"");
  EXPECT_EQ(table.whole(1, "n"), 5);
}

TEST(Csv, WhatIsWrittenReadsBack) {
  for (const std::string field : {"plain", "a,b", "a\"b", "a\nb", ""}) {
    EXPECT_EQ(CsvTable("x,y\n" + csv_field(field) + ",1\n", "t.csv").text(0, "x"), field);
  }
}

TEST(Csv, ErrorsNameLineAndColumn) {
  EXPECT_THAT(refusal(""), HasSubstr("t.csv:1: the file is empty"));
  EXPECT_THAT(refusal("n\n1,2\n"), HasSubstr("t.csv:2: the row has 2 fields; expected 1"));
  EXPECT_THAT(refusal("m,n\n\"a\nb\",x\n"), HasSubstr("t.csv:2: n: \"x\"; expected a finite number"));
  EXPECT_THAT(refusal("n\n-1\n"), HasSubstr("t.csv:2: n: \"-1\"; expected a whole number"));
  EXPECT_THAT(refusal("n\n1.5\n"), HasSubstr("whole number"));
  EXPECT_THAT(refusal("n\n1e300\n"), HasSubstr("whole number"));
  EXPECT_THAT(refusal("m\n1\n"), HasSubstr("t.csv:1: there is no column \"n\""));
  EXPECT_THAT(refusal("n,n\n1,2\n"), HasSubstr("stands twice"));
  EXPECT_THAT(refusal("n\n\"1"), HasSubstr("t.csv:2: a quote is open"));
}

}  // namespace
}  // namespace kerf
