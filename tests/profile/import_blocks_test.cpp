#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "calibrate/profile/slice_costs.hpp"

namespace kerf::test {
namespace {

using testing::HasSubstr;

Profile import_text(const std::string& text) {
  return import_blocks_csv(text, "b.csv", "net", "raspi", Bytes(150e3));
}

TEST(ImportBlocks, ReadsBlocksInOrder) {
  const Profile profile = import_text("block,seconds,output_bytes\n0,0.25,5000\n1,0.5,40\n");
  ASSERT_EQ(profile.blocks.size(), 2U);
  EXPECT_EQ(profile.rows[0].measurements[1].p20.value(), 0.5);
  EXPECT_EQ(profile.cuts[0].bytes.value(), 150e3);
  EXPECT_EQ(profile.cuts[1].bytes.value(), 5000);
  EXPECT_EQ(profile.cuts[2].bytes.value(), 40);
  EXPECT_EQ(profile.rows[0].ratios, std::vector<double>{1});
  EXPECT_EQ(profile.model, "net");
  EXPECT_EQ(profile.host, "raspi");
  EXPECT_EQ(profile.model_hash, "");
}

TEST(ImportBlocks, GivesAProfileThatCanBeStored) {
  const Profile profile = import_text("block,seconds,output_bytes\n0,0,5000\n1,0.1,0\n");
  EXPECT_EQ(to_json(profile_from_json(to_json(profile), "x")), to_json(profile));
}

TEST(ImportBlocks, SplitsTimeIntoPrefixSums) {
  const Profile profile = import_text("block,seconds,output_bytes\n0,0.25,1\n1,0.5,1\n2,1,1\n");
  EXPECT_EQ(profile.rows[0].entry, (std::vector<Seconds>{Seconds(0), Seconds(-0.25), Seconds(-0.75)}));
  EXPECT_EQ(profile.rows[0].exit, (std::vector<Seconds>{Seconds(0.25), Seconds(0.75), Seconds(1.75)}));
}

TEST(ImportBlocks, TakesLinesThatEndAsOnWindows) {
  EXPECT_EQ(import_text("block,seconds,output_bytes\r\n0,0.25,5000\r\n").blocks.size(), 1U);
}

TEST(ImportBlocks, TakesALastLineWithoutItsEnd) {
  EXPECT_EQ(import_text("block,seconds,output_bytes\n0,0.25,5000").blocks.size(), 1U);
}

struct Bad {
  std::string text, where, found;
};

TEST(ImportBlocks, RefusesEverythingElseAndSaysWhere) {
  const std::string header = "block,seconds,output_bytes\n";
  const std::vector<Bad> all = {
      {"", "b.csv:1", "the header block,seconds,output_bytes"},
      {"\n", "b.csv:1", "the header block,seconds,output_bytes"},
      {"block,seconds\n0,1\n", "b.csv:1", "\"block,seconds\"; expected the header"},
      {"seconds,block,output_bytes\n1,0,1\n", "b.csv:1", "the header"},
      {"\xef\xbb\xbf" + header + "0,1,1\n", "b.csv:1", "the header"},
      {header, "b.csv:1", "at least one block"},
      {header + "0,1\n", "b.csv:2", "\"0,1\"; expected three fields"},
      {header + "0,1,1,1\n", "b.csv:2", "three fields"},
      {header + "\n0,1,1\n", "b.csv:2", "three fields"},
      {header + "0,1,1\n\n", "b.csv:3", "three fields"},
      {header + "1,1,1\n", "b.csv:2", "\"1\"; expected block 0"},
      {header + "0,1,1\n0,1,1\n", "b.csv:3", "\"0\"; expected block 1"},
      {header + "0,1,1\n2,1,1\n", "b.csv:3", "\"2\"; expected block 1"},
      {header + "zero,1,1\n", "b.csv:2", "\"zero\"; expected block 0"},
      {header + ",1,1\n", "b.csv:2", "expected block 0"},
      {header + "0,fast,1\n", "b.csv:2", "\"fast\"; expected the block's time"},
      {header + "0,,1\n", "b.csv:2", "expected the block's time"},
      {header + "0,-1,1\n", "b.csv:2", "\"-1\"; expected the block's time"},
      {header + "0,nan,1\n", "b.csv:2", "\"nan\"; expected the block's time"},
      {header + "0,inf,1\n", "b.csv:2", "\"inf\"; expected the block's time"},
      {header + "0,1e7,1\n", "b.csv:2", "\"1e7\"; expected the block's time"},
      {header + "0,1ms,1\n", "b.csv:2", "\"1ms\"; expected the block's time"},
      {header + "0,1,-1\n", "b.csv:2", "\"-1\"; expected what the block hands on"},
      {header + "0,1,1e17\n", "b.csv:2", "\"1e17\"; expected what the block hands on"},
      {header + "0,1,150kB\n", "b.csv:2", "\"150kB\"; expected what the block hands on"},
      {header + "0,0,1\n1,0,1\n", "b.csv", "every block takes 0 seconds"},
  };
  for (const Bad& bad : all) {
    try {
      static_cast<void>(import_text(bad.text));
      ADD_FAILURE() << "accepted: " << bad.text.substr(0, 100);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
      EXPECT_EQ(error.where(), bad.where) << bad.text.substr(0, 100);
      EXPECT_THAT(error.what(), HasSubstr(bad.found));
    }
  }
}

// A million blocks: refused as soon as there are too many, and as a limit, not as bad input.
TEST(ImportBlocks, StopsAtTheMostBlocks) {
  std::string text = "block,seconds,output_bytes\n";
  for (int k = 0; k < 1'000'000; ++k) text += std::to_string(k) + ",1,1\n";
  try {
    static_cast<void>(import_text(text));
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kLimit);
    EXPECT_EQ(error.where(), "b.csv:65538");
    EXPECT_EQ(error.expected(), "at most 65536 blocks");
  }
}

TEST(ImportBlocks, ReadsPublishedMeasurementsOfOthers) {
  const std::filesystem::path file =
      std::filesystem::path(KERF_SOURCE_DIR) / "../shared/data/scission/measured_blocks.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is absent";
  // model,tier,system,block,first_layer,last_layer,seconds,output_bytes
  std::map<std::string, std::string> profiles;
  std::map<std::string, double> totals;
  std::istringstream lines(read_file(file));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    ASSERT_EQ(fields.size(), 8U);
    const std::string key = fields[0] + " on " + fields[2];
    std::string& csv = profiles[key];
    if (csv.empty()) csv = "block,seconds,output_bytes\n";
    csv += fields[3] + "," + fields[6] + "," + fields[7] + "\n";
    totals[key] += parse_number(fields[6]).value();
  }
  EXPECT_EQ(profiles.size(), 18U * 5U);
  for (const auto& [key, csv] : profiles) {
    const SliceCosts costs(import_blocks_csv(csv, key, "m", "h", Bytes(150e3)));
    EXPECT_NEAR(costs.p20(0, costs.blocks() - 1).value(), totals[key], 1e-12 * totals[key]) << key;
  }
}

}  // namespace
}  // namespace kerf::test
