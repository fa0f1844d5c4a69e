#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/profile/sample_profile.hpp"

namespace kerf::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

// What reading `json` complains of; fails the test when it does not complain with kBadInput.
std::string complaint(const std::string& json) {
  try {
    static_cast<void>(profile_from_json(json, "p.json"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << json.substr(0, 200);
  return "";
}

TEST(ProfileJson, RoundTripsEveryFieldAtFullPrecision) {
  const Profile before = sample_profile();
  const Profile after = profile_from_json(to_json(before), "p.json");
  EXPECT_EQ(after.host, before.host);
  EXPECT_EQ(after.model, before.model);
  EXPECT_EQ(after.model_hash, before.model_hash);
  EXPECT_EQ(after.input_shapes, before.input_shapes);
  ASSERT_EQ(after.rows.size(), before.rows.size());
  EXPECT_EQ(after.rows[0].mode, before.rows[0].mode);
  EXPECT_EQ(after.rows[0].note, before.rows[0].note);
  EXPECT_EQ(after.rows[0].entry, before.rows[0].entry);
  EXPECT_EQ(after.rows[0].exit, before.rows[0].exit);
  EXPECT_EQ(after.rows[0].residual_weights, before.rows[0].residual_weights);
  EXPECT_EQ(after.rows[0].ratios, before.rows[0].ratios);
  ASSERT_TRUE(after.rows[0].validation);
  EXPECT_EQ(after.rows[0].validation->slices, before.rows[0].validation->slices);
  EXPECT_EQ(after.rows[0].validation->median_error, before.rows[0].validation->median_error);
  EXPECT_EQ(after.rows[0].validation->p90_error, before.rows[0].validation->p90_error);
  EXPECT_EQ(after.rows[0].validation->median_noise, before.rows[0].validation->median_noise);
  EXPECT_EQ(after.rows[0].validation->p90_noise, before.rows[0].validation->p90_noise);
  EXPECT_EQ(after.rows[0].validation->voids, before.rows[0].validation->voids);
  EXPECT_EQ(after.provenance.note, before.provenance.note);
  EXPECT_EQ(after.provenance.measured, before.provenance.measured);
  ASSERT_EQ(after.cuts.size(), before.cuts.size());
  for (std::size_t k = 0; k < after.cuts.size(); ++k) {
    EXPECT_EQ(after.cuts[k].tensors, before.cuts[k].tensors);
    EXPECT_EQ(after.cuts[k].bytes, before.cuts[k].bytes);
  }
  ASSERT_EQ(after.blocks.size(), before.blocks.size());
  for (std::size_t k = 0; k < after.blocks.size(); ++k) {
    EXPECT_EQ(after.blocks[k].name, before.blocks[k].name);
    EXPECT_EQ(after.blocks[k].multiply_adds, before.blocks[k].multiply_adds);
    EXPECT_EQ(after.blocks[k].weights, before.blocks[k].weights);
    EXPECT_EQ(after.blocks[k].activations, before.blocks[k].activations);
  }
  const std::vector<SliceMeasurement>& read = after.rows[0].measurements;
  const std::vector<SliceMeasurement>& written = before.rows[0].measurements;
  ASSERT_EQ(read.size(), written.size());
  for (std::size_t k = 0; k < read.size(); ++k) {
    EXPECT_EQ(read[k].first_block, written[k].first_block);
    EXPECT_EQ(read[k].last_block, written[k].last_block);
    EXPECT_EQ(read[k].p20, written[k].p20);
    EXPECT_EQ(read[k].low, written[k].low);
    EXPECT_EQ(read[k].high, written[k].high);
    EXPECT_EQ(read[k].samples, written[k].samples);
    EXPECT_EQ(read[k].load, written[k].load);
    EXPECT_EQ(read[k].memory, written[k].memory);
  }
}

TEST(ProfileJson, IsTheSameTextAfterARoundTrip) {
  const std::string text = to_json(sample_profile());
  EXPECT_EQ(to_json(profile_from_json(text, "p.json")), text);
}

TEST(ProfileJson, KeepsItsKeysInOrder) {
  std::vector<std::string> keys;
  const Json document = Json::parse(to_json(sample_profile()));
  for (const auto& [key, value] : document.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("schema", "model", "model_hash", "host", "input_shapes",
                                         "provenance", "cuts", "blocks", "measurement_columns", "rows"));
}

TEST(ProfileJson, WritesAMeasurementOnALine) {
  Profile profile = sample_profile();
  profile.rows[0].measurements[0] = {0,  0,          Seconds(0.5), Seconds(0.25), Seconds(0.75),
                                     16, Seconds(2), Bytes(4096)};
  EXPECT_THAT(to_json(profile), HasSubstr("\n    [0,0,0.5,0.25,0.75,16,2.0,4096],\n"));
}

TEST(ProfileJson, WritesWholeBytesWithoutAFraction) {
  EXPECT_THAT(to_json(sample_profile()), HasSubstr("{\"tensors\":[\"a\"],\"bytes\":512}"));
}

TEST(ProfileJson, RefusesToWriteNamesThatAreNotText) {
  Profile profile = sample_profile();
  profile.cuts[1].tensors = {"\xff"};
  try {
    static_cast<void>(to_json(profile));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("not UTF-8"));
  }
}

TEST(ProfileJson, IsWrittenAndReadAsAFile) {
  const std::filesystem::path file =
      std::filesystem::path(testing::TempDir()) / "kerf-profile-json-test.json";
  write_profile(sample_profile(), file);
  EXPECT_EQ(to_json(read_profile(file)), to_json(sample_profile()));
  std::filesystem::remove(file);
}

TEST(ProfileJson, WritesNoFileThatCouldNotBeRead) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "kerf-profile-json-nan.json";
  Profile profile = sample_profile();
  profile.rows[0].entry[1] = Seconds(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(write_profile(profile, file), Error);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(ProfileJson, SaysWhichFileIsMissing) {
  try {
    static_cast<void>(read_profile("no-such-folder/p.json"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("no-such-folder/p.json: cannot be read"));
  }
}

TEST(ProfileJson, RefusesOlderAndNewerSchemas) {
  Json document = Json::parse(to_json(sample_profile()));
  document["schema"] = 0;
  EXPECT_EQ(complaint(document.dump()),
            "p.json: profile schema 0; expected 4; an older Kerf wrote it: calibrate again with this one");
  // A newer schema may have any other keys: it is named first.
  EXPECT_EQ(complaint(R"({"schema": 5, "other": true})"),
            "p.json: profile schema 5; expected 4; a newer Kerf wrote it: use that one, or calibrate again "
            "with this one");
}

// One value of the sample replaced (or, where `value` is empty, removed), and what the message must say.
struct Bad {
  std::string pointer, value, message;
};

TEST(ProfileJson, RefusesEveryWrongValueAndSaysWhere) {
  const std::string whole_number = "a whole number from 1 to 2147483647";
  const std::string seconds = "a number from -1000000 to 1000000";
  const std::vector<Bad> all = {
      {"/schema", "", "p.json: no key \"schema\""},
      {"/schema", "\"1\"", "p.json: /schema: \"1\"; expected a whole number"},
      {"/host", "", "p.json: no key \"host\""},
      {"/host", "\"\"", "/host: \"\"; expected a text that is not empty"},
      {"/host", "7", "/host: 7; expected a text"},
      {"/model", "null", "/model: null; expected a text"},
      {"/model_hash", "\"xyz\"", "/model_hash: \"xyz\"; expected 16 hexadecimal digits"},
      {"/colour", "1", "p.json: unknown key \"colour\"; expected only the keys"},
      {"/rows/0/ratio", "[1]", "p.json: /rows/0: unknown key \"ratio\"; expected \"ratios\" perhaps"},
      {"/rows/0/batch", "0", "/rows/0/batch: 0; expected " + whole_number},
      {"/rows/0/batch", "1.5", "/rows/0/batch: 1.5; expected " + whole_number},
      {"/rows/0/threads", "-2", "/rows/0/threads: -2; expected " + whole_number},
      {"/rows/0/threads", "true", "/rows/0/threads: true; expected " + whole_number},
      {"/rows/0/sessions", "3000000000", "/rows/0/sessions: 3000000000; expected " + whole_number},
      {"/rows/0/sessions", "18446744073709551615",
       "/rows/0/sessions: 18446744073709551615; expected " + whole_number},
      {"/input_shapes", "[]", "/input_shapes: an array of 0; expected an object"},
      {"/input_shapes/x", "8", "/input_shapes/x: 8; expected an array"},
      {"/input_shapes/x/0", "-1", "/input_shapes/x/0: -1; expected a whole number from 0"},
      {"/provenance/tool", "", "/provenance: no key \"tool\""},
      {"/provenance/tool", "[]", "/provenance/tool: an array of 0; expected a text"},
      {"/provenance/author", "\"me\"", "/provenance: unknown key \"author\""},
      {"/cuts", "{}", "/cuts: an object; expected an array"},
      {"/cuts/3", "", "/cuts: 3 cuts; expected 4: one more than blocks"},
      {"/cuts/1/bytes", "", "/cuts/1: no key \"bytes\""},
      {"/cuts/1/bytes", "-1", "/cuts/1/bytes: -1; expected a number from 0"},
      {"/cuts/1/bytes", "1e300", "/cuts/1/bytes: 1e+300; expected a number from 0"},
      {"/cuts/1/bytes", "\"512\"", "/cuts/1/bytes: \"512\"; expected a number"},
      {"/cuts/1/tensors", "\"a\"", "/cuts/1/tensors: \"a\"; expected an array"},
      {"/cuts/1/tensors/0", "\"\"", "/cuts/1/tensors/0: \"\"; expected a text that is not empty"},
      {"/blocks", "[]", "/blocks: an array of 0; expected 1 to 65536 blocks"},
      {"/blocks/1/name", "\"conv1\"", "/blocks/1/name: \"conv1\"; expected a name that no other block has"},
      {"/blocks/1/name", "\"\"", "/blocks/1/name: \"\"; expected a text that is not empty"},
      {"/blocks/2/multiply_adds", "-1", "/blocks/2/multiply_adds: -1; expected a number from 0"},
      {"/blocks/2/weights_bytes", "null", "/blocks/2/weights_bytes: null; expected a number from 0"},
      {"/blocks/2/activations_bytes", "1e17", "/blocks/2/activations_bytes: 1e+17; expected a number from 0"},
      {"/measurement_columns/2", "\"p50_s\"",
       "/measurement_columns: other columns; expected first_block, last_block"},
      {"/measurement_columns/7", "", "/measurement_columns: an array of 7; expected at least 8 items"},
      {"/measurement_columns/-", "\"more\"", "/measurement_columns: other columns"},
      {"/rows/0/measurements", "[]",
       "/rows/0/measurements: block 0 in no slice; expected every block in at least one slice"},
      {"/rows/0/measurements/2", "7", "/rows/0/measurements/2: 7; expected an array"},
      {"/rows/0/measurements/2/7", "", "/rows/0/measurements/2: an array of 7; expected 8 numbers"},
      {"/rows/0/measurements/3/0", "3", "/rows/0/measurements/3/0: 3; expected a whole number from 0 to 2"},
      {"/rows/0/measurements/3/0", "-1", "/rows/0/measurements/3/0: -1; expected a whole number from 0 to 2"},
      {"/rows/0/measurements/3/1", "3", "/rows/0/measurements/3/1: 3; expected a whole number from 2 to 2"},
      {"/rows/0/measurements/3/1", "1", "/rows/0/measurements/3/1: 1; expected a whole number from 2 to 2"},
      {"/rows/0/measurements/3/2", "-0.5",
       "/rows/0/measurements/3/2: -0.5; expected a number from 0 to 1000000"},
      {"/rows/0/measurements/3/2", "1e7",
       "/rows/0/measurements/3/2: 10000000.0; expected a number from 0 to 1000000"},
      {"/rows/0/measurements/3/2", "null", "/rows/0/measurements/3/2: null; expected a number"},
      {"/rows/0/measurements/3/3", "0.5",
       "/rows/0/measurements/3/3: 0.5; expected a number from 0 to 0.30000000000000004"},
      {"/rows/0/measurements/3/4", "0.25",
       "/rows/0/measurements/3/4: 0.25; expected a number from 0.30000000000000004 to 1000000"},
      {"/rows/0/measurements/3/5", "0", "/rows/0/measurements/3/5: 0; expected " + whole_number},
      {"/rows/0/measurements/1", "[0,0,1,1,1,1,0,0]",
       "/rows/0/measurements/1: slice 0..0 for the second time; expected each slice once"},
      {"/rows/0/measurements/0", "[0,2,1,1,1,1,0,0]",
       "/rows/0/measurements/1: slice 0..2 for the second time"},
      {"/rows/0/measurements/3", "[0,1,1,1,1,1,0,0]",
       "/rows/0/measurements/3: slice 0..1 after 1..1; expected slices ordered"},
      {"/rows/0/measurements", "[[0,0,1,1,1,1,0,0],[2,2,1,1,1,1,0,0]]",
       "/rows/0/measurements: block 1 in no slice"},
      {"/rows/0/measurements", "[[0,1,1,1,1,1,0,0]]", "/rows/0/measurements: block 2 in no slice"},
      {"/rows/0/measurements", "[[0,2,0,0,0,1,0,0]]", "/rows/0/measurements: no slice that takes any time"},
      {"/rows/0/entry_s/2", "", "/rows/0/entry_s: 2 numbers; expected 3: one a block"},
      {"/rows/0/entry_s/1", "null", "/rows/0/entry_s/1: null; expected " + seconds},
      {"/rows/0/entry_s/1", "-1e300", "/rows/0/entry_s/1: -1e+300; expected " + seconds},
      {"/rows/0/exit_s/-", "1", "/rows/0/exit_s: 4 numbers; expected 3: one a block"},
      {"/rows/0/size_effect/-", "0", "/rows/0/size_effect: 3 numbers; expected 2"},
      {"/rows/0/size_effect/0", "null", "/rows/0/size_effect/0: null"},
      {"/rows/0/residual_weights/-", "0",
       "/rows/0/residual_weights: 5 numbers; expected 4: one a measurement; or none"},
      {"/rows/0/residual_weights/0", "null", "/rows/0/residual_weights/0: null"},
      {"/rows/0/residual_weights/1", "1e300", "/rows/0/residual_weights/1: 1e+300; expected a number from"},
      {"/rows/0/exit_s/0", "\"fast\"", "/rows/0/exit_s/0: \"fast\"; expected " + seconds},
      {"/rows", "[]", "/rows: an array of 0; expected 1 to 256 rows"},
      {"/rows/0/note", "1", "/rows/0/note: 1; expected a text"},
      {"/rows/0/validation", "7", "/rows/0/validation: 7; expected an object"},
      {"/rows/0/validation/slices", "0", "/rows/0/validation/slices: 0; expected " + whole_number},
      {"/rows/0/validation/p90_error", "-1", "/rows/0/validation/p90_error: -1; expected a number from 0"},
      {"/rows/0/validation/noise", "1", "/rows/0/validation: unknown key \"noise\""},
      {"/rows/0/measurements/3/6", "-1", "/rows/0/measurements/3/6: -1; expected a number from 0"},
      {"/rows/0/measurements/3/7", "1e17", "/rows/0/measurements/3/7: 1e+17; expected a number from 0"},
      {"/rows/0/ratios", "[]", "/rows/0/ratios: an array of 0; expected at least one ratio"},
      {"/rows/0/ratios/0", "0", "/rows/0/ratios/0: 0; expected a ratio above 0"},
      {"/rows/0/ratios/0", "-1", "/rows/0/ratios/0: -1; expected a number from 0"},
      {"/rows/0/ratios/1", "0.5", "/rows/0/ratios/1: 0.5; expected ratios that ascend"},
      {"/rows/0/ratios/3", "1e9", "/rows/0/ratios/3: 1000000000.0; expected a number from 0 to 1000000"},
  };
  const std::string sample = to_json(sample_profile());
  for (const Bad& bad : all) {
    Json document = Json::parse(sample);
    if (bad.value.empty()) {
      document = document.patch(Json::array({{{"op", "remove"}, {"path", bad.pointer}}}));
    } else {
      document[Json::json_pointer(bad.pointer)] = Json::parse(bad.value);
    }
    const std::string message = complaint(document.dump());
    EXPECT_THAT(message, HasSubstr(bad.message));
    EXPECT_THAT(message, HasSubstr("calibrate (or import) again"));
  }
}

TEST(ProfileJson, RowsAreOrderedByMode) {
  Profile profile = sample_profile();
  profile.rows.push_back(profile.rows.front());
  EXPECT_THAT(
      complaint(to_json(profile)),
      HasSubstr("/rows/1: batch 1, threads 2, sessions 1 after batch 1, threads 2, sessions 1; expected "
                "rows ordered"));
  profile.rows[1].mode.batch = 2;
  EXPECT_EQ(profile_from_json(to_json(profile), "p.json").rows[1].mode.batch, 2);
  std::swap(profile.rows[0], profile.rows[1]);
  EXPECT_THAT(complaint(to_json(profile)), HasSubstr("expected rows ordered"));
}

TEST(ProfileJson, RefusesWhatIsNoJson) {
  EXPECT_THAT(complaint(""), HasSubstr("p.json: the file is empty"));
  EXPECT_THAT(complaint(" \n"), HasSubstr("p.json: the file is empty"));
  EXPECT_THAT(complaint("[1]"), HasSubstr("p.json: an array of 1; expected an object"));
  EXPECT_THAT(complaint("block,seconds"), HasSubstr("p.json:1:1: not JSON from here on"));
  EXPECT_THAT(complaint("{\n \"schema\": 1,\n \"host\": nan}"),
              HasSubstr("p.json:3:11: not JSON from here on"));
  EXPECT_THAT(complaint("{\"schema\": 1e999}"), HasSubstr("p.json: a number beyond what a double can hold"));
  EXPECT_THAT(complaint("{\"schema\": 1, \"schema\": 1}"),
              HasSubstr("the key \"schema\" stands twice in one object"));
  EXPECT_THAT(complaint("{\"schema\": \"\xff\"}"), HasSubstr("p.json:1:"));
  EXPECT_THAT(complaint(std::string(200000, '[')), HasSubstr("the file ends in the middle"));
}

TEST(ProfileJson, RefusesEveryTruncation) {
  const std::string text = to_json(sample_profile());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    EXPECT_THAT(complaint(text.substr(0, length)), testing::StartsWith("p.json:")) << length;
  }
}

TEST(ProfileJson, SurvivesAnyDamagedByte) {
  const std::string text = to_json(sample_profile());
  int refused = 0;
  for (std::uint32_t k = 0; k < 4000; ++k) {
    std::string damaged = text;
    const auto place = static_cast<std::size_t>(uniform({5, k, 0, 0}) * static_cast<double>(text.size()));
    damaged[place] = static_cast<char>(uniform({5, k, 1, 0}) * 256);
    try {
      static_cast<void>(to_json(profile_from_json(damaged, "p.json")));
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace kerf::test
