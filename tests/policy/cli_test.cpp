// `kerf policy`, run inside the test with its output caught.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/command.hpp"
#include "tests/policy/sample.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

class PolicyCommand : public testing::Test {
 protected:
  PolicyCommand() {
    std::filesystem::create_directories(folder_);
    write(encode_policy(test::sample()));
  }
  ~PolicyCommand() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& bytes) { write_file(file_, bytes); }

  // Standard output of `kerf policy COMMAND FILE ARGUMENTS...`.
  std::string run(const std::string& command, std::vector<std::string> arguments = {}) {
    CLI::App app("", "kerf");
    cli::add_policy(app);
    std::vector<std::string> words{"policy", command, file_};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::reverse(words.begin(), words.end());
    testing::internal::CaptureStdout();
    try {
      app.parse(words);
    } catch (...) {
      testing::internal::GetCapturedStdout();
      throw;
    }
    return testing::internal::GetCapturedStdout();
  }

  // The message with the file's name left out.
  std::string refusal(ErrorCode code, const std::string& command, std::vector<std::string> arguments = {}) {
    try {
      return "accepted: " + run(command, std::move(arguments));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      const std::string text = error.what();
      return text.starts_with(file_ + ": ") ? text.substr(file_.size() + 2) : text;
    }
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("kerf-policy-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  const std::string file_ = (folder_ / "policy.kerf").string();
};

TEST_F(PolicyCommand, QueryPrintsThePlan) {
  EXPECT_EQ(run("query", {"goodput=4Mbps", "rtt=20ms", "site=platforms/one-edge.xml"}),
            "camera:0-12,edge:13-60\n"
            "  latency.p95 500 ms\n"
            "  the runner-up costs 12.5 % more\n"
            "  nearest point: goodput 4 Mbit/s, rtt 20 ms, site platforms/one-edge.xml\n");
}

TEST_F(PolicyCommand, QueryPrintsJson) {
  EXPECT_EQ(run("query", {"goodput=4Mbps", "rtt=20ms", "site=one-edge", "--json"}),
            "{\n  \"plan\": \"camera:0-12,edge:13-60\",\n  \"latency_s\": 0.5,\n  \"margin\": 0.125,\n"
            "  \"fallback\": false,\n"
            "  \"reason\": \"nearest point: goodput 4 Mbit/s, rtt 20 ms, site platforms/one-edge.xml\"\n}\n");
}

TEST_F(PolicyCommand, QueryBetweenPointsTakesTheNearest) {
  EXPECT_THAT(run("query", {"goodput=7.9Mbps", "rtt=51ms", "site=one-edge"}),
              HasSubstr("nearest point: goodput 4 Mbit/s, rtt 80 ms"));
}

TEST_F(PolicyCommand, QueryTakesKeysForNames) {
  EXPECT_THAT(run("query", {"network.uplink.bandwidth=4Mbps", "network.uplink.rtt=20ms",
                            "platform.file=two-edges.xml"}),
              HasSubstr("site platforms/two-edges.xml"));
}

TEST_F(PolicyCommand, QueryBelowTheRangeFallsBack) {
  EXPECT_EQ(run("query", {"goodput=100kbps", "rtt=20ms", "site=one-edge"}),
            "camera:0-60\n  fallback: goodput 100 kbit/s is below the table's lowest 1 Mbit/s\n");
}

TEST_F(PolicyCommand, QueryAboveTheRangeFallsBackInJson) {
  EXPECT_EQ(
      run("query", {"goodput=4Mbps", "rtt=2s", "site=one-edge", "--json"}),
      "{\n  \"plan\": \"camera:0-60\",\n  \"latency_s\": null,\n  \"margin\": null,\n  \"fallback\": true,\n"
      "  \"reason\": \"rtt 2 s is above the table's highest 80 ms\"\n}\n");
}

TEST_F(PolicyCommand, QueryWhereNothingIsFeasibleFallsBack) {
  EXPECT_THAT(
      run("query", {"goodput=1Mbps", "rtt=80ms", "site=two-edges"}),
      HasSubstr(
          "fallback: no plan is feasible at goodput 1 Mbit/s, rtt 80 ms, site platforms/two-edges.xml"));
}

TEST_F(PolicyCommand, QueryWithoutARunnerUpSaysSo) {
  EXPECT_THAT(run("query", {"goodput=4Mbps", "rtt=80ms", "site=two-edges"}),
              HasSubstr("no other plan is feasible"));
}

TEST_F(PolicyCommand, QueryNamesWhatIsMissing) {
  EXPECT_EQ(refusal(ErrorCode::kUsage, "query", {"rtt=20ms"}),
            "no value for goodput (network.uplink.bandwidth: 1 Mbit/s to 16 Mbit/s), site (platform.file: "
            "platforms/one-edge.xml, platforms/two-edges.xml); expected AXIS=VALUE for each");
}

TEST_F(PolicyCommand, QueryMayLeaveOutWhatWasNotVaried) {
  PolicyContent content = test::sample();
  content.axes.push_back({"load", "hosts.edge.utilization", "", true, false, {0.3}, {"0.3"}});
  write(encode_policy(content));
  EXPECT_THAT(run("query", {"goodput=4Mbps", "rtt=20ms", "site=one-edge"}), HasSubstr("load 0.3"));
  EXPECT_THAT(run("query", {"goodput=4Mbps", "rtt=20ms", "site=one-edge", "load=0.9"}),
              HasSubstr("load 0.3"));
}

TEST_F(PolicyCommand, QueryNamesTheNearestAxis) {
  EXPECT_EQ(refusal(ErrorCode::kUsage, "query", {"godput=4Mbps"}),
            "godput=4Mbps: the table has no axis \"godput\"; expected one of goodput, rtt, site; did you "
            "mean goodput?");
}

TEST_F(PolicyCommand, QueryWantsUnits) {
  EXPECT_EQ(refusal(ErrorCode::kUsage, "query", {"rtt=20"}),
            "rtt=20: \"20\"; expected a time such as \"40ms\", \"1.5s\" or \"2min\"");
}

TEST_F(PolicyCommand, QueryNamesTheLabels) {
  EXPECT_EQ(
      refusal(ErrorCode::kUsage, "query", {"site=two-edge.xml"}),
      "site=two-edge.xml: \"two-edge.xml\" is no label of this axis; expected one of platforms/one-edge.xml, "
      "platforms/two-edges.xml");
  EXPECT_EQ(refusal(ErrorCode::kUsage, "query", {"site=.xml"}),
            "site=.xml: \".xml\" fits more than one label; expected one of platforms/one-edge.xml, "
            "platforms/two-edges.xml");
}

TEST_F(PolicyCommand, QueryWantsOneValueAnAxis) {
  EXPECT_EQ(refusal(ErrorCode::kUsage, "query", {"rtt=20ms", "network.uplink.rtt=20ms"}),
            "network.uplink.rtt=20ms: a second value for rtt; expected one");
  EXPECT_EQ(refusal(ErrorCode::kUsage, "query", {"rtt"}), "rtt: no value; expected AXIS=VALUE");
}

TEST_F(PolicyCommand, InfoPrintsAxesAndPlans) {
  EXPECT_EQ(run("info"),
            file_ +
                ": cameras on a shared uplink\n"
                "  model      resnet50 (0123456789abcdef)\n"
                "  objective  latency.p95\n"
                "  profiles   00000000000000aa 00000000000000bb\n"
                "  platforms  00000000000000cc\n"
                "  size       12 cells, 3 plans, 1088 bytes (format 1, kerf 0.1.0)\n"
                "  regret     1.56 % in the mean, 25 % at worst, at 200 conditions off the grid\n"
                "\nAxes\n"
                "  goodput (network.uplink.bandwidth): 3 points, 1 Mbit/s to 16 Mbit/s, logarithmic\n"
                "  rtt (network.uplink.rtt): 2 points, 20 ms to 80 ms\n"
                "  site (platform.file): 2 labels, platforms/one-edge.xml, platforms/two-edges.xml\n"
                "\nPlans, and the cells that each wins\n"
                "         4  33.3 %  camera:0-60  (fallback)\n"
                "         4  33.3 %  camera:0-12,edge:13-60\n"
                "         3  25.0 %  cloud:0-60\n"
                "         1   8.3 %  no plan is feasible\n");
}

TEST_F(PolicyCommand, InfoPrintsJson) {
  const std::string json = run("info", {"--json"});
  EXPECT_THAT(json, HasSubstr("\"plan\": \"cloud:0-60\",\n      \"cells\": 3,\n      \"share\": 0.25"));
  EXPECT_THAT(json, HasSubstr("\"fallback_plan\": \"camera:0-60\""));
  EXPECT_THAT(json,
              HasSubstr("\"points\": [\n        125000.0,\n        500000.0,\n        2000000.0\n      ]"));
}

TEST_F(PolicyCommand, InfoSurvivesTextThatIsNoUtf8) {
  PolicyContent content = test::sample();
  content.scenario = "\xff\xfe";
  write(encode_policy(content));
  EXPECT_THAT(run("info", {"--json"}), HasSubstr("\"scenario\": \"\xEF\xBF\xBD"));
}

TEST_F(PolicyCommand, VerifySaysWhatItChecked) {
  const std::string text = run("verify");
  EXPECT_THAT(text, HasSubstr(": sound\n"));
  EXPECT_THAT(text, HasSubstr("header: format 1, 1088 bytes as it says"));
  EXPECT_THAT(text, HasSubstr("over 1056 bytes"));
  EXPECT_THAT(text, HasSubstr("each names one of 3 plans or none"));
  EXPECT_THAT(run("verify", {"--json"}), HasSubstr("\"sound\": true"));
}

TEST_F(PolicyCommand, ATruncatedFileSaysHowMuchIsThere) {
  write(encode_policy(test::sample()).substr(0, 1000));
  EXPECT_EQ(refusal(ErrorCode::kBadInput, "verify"),
            "truncated: found 1000 bytes; expected 1088 bytes, as its header says; copy the file again, or "
            "run kerf "
            "sweep again");
  write("");
  EXPECT_EQ(refusal(ErrorCode::kBadInput, "verify"),
            "truncated: found 0 bytes; expected a header of 32 bytes; copy the file again, or run kerf sweep "
            "again");
}

TEST_F(PolicyCommand, ADamagedFileSaysWhatTheChecksumIs) {
  std::string bytes = encode_policy(test::sample());
  bytes[500] = static_cast<char>(bytes[500] ^ 1);
  write(bytes);
  for (const std::string command : {"info", "query", "verify"}) {
    EXPECT_THAT(refusal(ErrorCode::kBadInput, command), HasSubstr("damaged: the checksum of its content is "))
        << command;
  }
  write(encode_policy(test::sample()) + "more");
  EXPECT_THAT(refusal(ErrorCode::kBadInput, "verify"),
              HasSubstr("damaged: found 1092 bytes; expected 1088 bytes"));
  bytes = encode_policy(test::sample());
  bytes[12] = 1;
  write(bytes);
  EXPECT_THAT(refusal(ErrorCode::kBadInput, "verify"), HasSubstr("damaged: the header is"));
}

TEST_F(PolicyCommand, OtherFilesAndVersionsAreNamed) {
  write("[scenario]\nname = \"not a table, but a scenario\"\n");
  EXPECT_EQ(refusal(ErrorCode::kBadInput, "info"),
            "not a policy table; expected the policy.kerf that kerf sweep writes");
  std::string bytes = encode_policy(test::sample());
  bytes[8] = 9;
  write(bytes);
  EXPECT_EQ(refusal(ErrorCode::kUnsupported, "info"),
            "policy format version 9; expected version 1; run kerf sweep again with this version of kerf");
}

TEST_F(PolicyCommand, AMissingFileIsBadInput) {
  std::filesystem::remove(file_);
  EXPECT_THAT(refusal(ErrorCode::kBadInput, "info"), HasSubstr("No such file"));
}

}  // namespace
}  // namespace kerf
