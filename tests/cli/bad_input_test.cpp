// Each kind of bad input, through the program: the exit code, and a message that says where and what to try.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/sweep/fixture.hpp"

namespace kerf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadInput : public SweepFixture {
 protected:
  [[nodiscard]] Ran kerf(const std::vector<std::string>& arguments, long most_file_bytes = -1) const {
    return run_kerf(arguments, {.folder = folder(), .most_file_bytes = most_file_bytes});
  }
  // The scenario with one piece of its text replaced.
  void change(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = read_file(folder() / file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(folder() / file, text.replace(at, from.size(), to));
  }
};

TEST_F(BadInput, AWrongKeyNamesItsPlaceAndTheNearestKey) {
  change("scenario.toml", "slowdown = 6.0", "slowdwon = 6.0");
  const Ran ran = kerf({"plan", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("scenario.toml:12:"), HasSubstr("slowdwon"), HasSubstr("slowdown")));
}

TEST_F(BadInput, AWrongUnitSaysWhatWasExpected) {
  change("scenario.toml", "\"8Mbps\"", "\"8Mbits\"");
  const Ran ran = kerf({"plan", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("scenario.toml:"), HasSubstr("8Mbits"), HasSubstr("bits a second")));
}

TEST_F(BadInput, AWrongTypeSaysWhatWasExpected) {
  change("scenario.toml", "workers = 4", "workers = \"four\"");
  const Ran ran = kerf({"sweep", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("scenario.toml:"), HasSubstr("workers")));
}

TEST_F(BadInput, ABrokenTomlNamesLineAndColumn) {
  change("scenario.toml", "[workload]", "[workload");
  const Ran ran = kerf({"simulate", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("scenario.toml:"));
}

TEST_F(BadInput, AMissingScenarioIsNamed) {
  const Ran ran = kerf({"plan", "none.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("none.toml"));
}

TEST_F(BadInput, AClassThatMatchesNoHostIsAnErrorAtLoad) {
  change("scenario.toml", "match = \"cam-*\"", "match = \"camera-*\"");
  const Ran ran = kerf({"plan", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("camera-*"));
}

TEST_F(BadInput, AMissingRouteIsAnErrorAtLoad) {
  change("platform.xml", "<route src=\"cam-1\" dst=\"cloud\">",
         "<route src=\"edge\" dst=\"cam-0\" symmetrical=\"NO\">");
  const Ran ran = kerf({"plan", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
}

TEST_F(BadInput, AnUnknownLinkInAPlatformNamesItsLine) {
  change("platform.xml", "<link_ctn id=\"uplink\"", "<link_ctn id=\"uplnk\"");
  const Ran ran = kerf({"plan", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("platform.xml:"), HasSubstr("uplnk"), HasSubstr("uplink")));
}

TEST_F(BadInput, AProfileOfAnotherModelIsRefused) {
  Profile other = read_profile(folder() / "profile.json");
  other.model = "another";
  other.cuts[3].bytes = Bytes(12345);
  write_profile(other, folder() / "other.json");
  const Ran ran = kerf({"plan", "scenario.toml", "--set", "hosts.edge.profile=other.json"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("other.json"));
}

// The same scenario with a [model] whose profile has the hash of another content.
TEST_F(BadInput, AModelThatWasChangedSinceItsProfileIsRefused) {
  for (const char* command : {"plan", "simulate", "sweep"}) {
    Profile profile = read_profile(folder() / "profile.json");
    profile.model = "mobilenetv2";
    profile.model_hash = "0123456789abcdef";
    profile.input_shapes = {{"input", {1, 3, 224, 224}}};
    write_profile(profile, folder() / "profile.json");
    const Ran ran = kerf({command, "scenario.toml", "--set", "model.zoo=mobilenetv2"});
    EXPECT_EQ(ran.exit_code, 30) << command;
    EXPECT_THAT(ran.err, AllOf(HasSubstr("0123456789abcdef"), HasSubstr("mobilenetv2 has"))) << command;
  }
}

TEST_F(BadInput, AModelThatIsNotHereIsNoHindrance) {
  Profile profile = read_profile(folder() / "profile.json");
  profile.model_hash = "0123456789abcdef";
  write_profile(profile, folder() / "profile.json");
  const Ran ran = kerf({"plan", "scenario.toml", "--set", "model.file=absent.onnx"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("absent.onnx is not here"), HasSubstr("not checked")));
}

TEST_F(BadInput, ATruncatedProfileIsRefused) {
  const std::string text = read_file(folder() / "profile.json");
  write_file(folder() / "profile.json", text.substr(0, text.size() / 2));
  const Ran ran = kerf({"plan", "scenario.toml"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("profile.json"));
}

class BadModel : public BadInput {
 protected:
  void expect_refused(const std::string& content, const std::string& words) const {
    write_file(folder() / "model.onnx", content);
    const Ran ran = kerf({"model", "info", "model.onnx"});
    EXPECT_EQ(ran.exit_code, 30) << ran.out;
    EXPECT_THAT(ran.err, AllOf(HasSubstr("model.onnx"), HasSubstr(words)));
  }
};

TEST_F(BadModel, TextIsNoModel) {
  expect_refused("this is not a model\n", "ONNX");
}
TEST_F(BadModel, AnEmptyFileIsNoModel) {
  expect_refused("", "");
}
TEST_F(BadModel, AFolderIsNoModel) {
  const Ran ran = kerf({"model", "info", "."});
  EXPECT_EQ(ran.exit_code, 30);
}
TEST_F(BadModel, AMissingFileOrZooNameIsNamed) {
  const Ran ran = kerf({"model", "info", "resnet5"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("resnet5"), HasSubstr("resnet50")));
}

TEST_F(BadInput, ADamagedOrTruncatedPolicyIsRefused) {
  ASSERT_EQ(kerf({"sweep", "scenario.toml", "--out", "out"}).exit_code, 0);
  const std::string whole = read_file(folder() / "out" / "policy.kerf");
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
  write_file(folder() / "flipped.kerf", flipped);
  write_file(folder() / "short.kerf", whole.substr(0, whole.size() - 100));
  for (const char* file : {"flipped.kerf", "short.kerf", "profile.json"}) {
    for (const char* verb : {"info", "verify", "query"}) {
      const Ran ran = kerf({"policy", verb, file});
      EXPECT_EQ(ran.exit_code, 30) << file << " " << verb;
      EXPECT_THAT(ran.err, HasSubstr(file));
    }
  }
}

TEST_F(BadInput, AQuestionWithoutAllAxesListsThem) {
  ASSERT_EQ(kerf({"sweep", "scenario.toml", "--out", "out"}).exit_code, 0);
  const Ran missing = kerf({"policy", "query", "out/policy.kerf", "goodput=1Mbps"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("rtt"), HasSubstr("workload.rate")));
  const Ran misspelt =
      kerf({"policy", "query", "out/policy.kerf", "goodptu=1Mbps", "rtt=4ms", "workload.rate=1/s"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.err, HasSubstr("goodput"));
}

TEST_F(BadInput, AnUnwritableFolderIsSaidBeforeAnyWork) {
  write_file(folder() / "file", "no folder");
  const Ran ran = kerf({"sweep", "scenario.toml", "--out", "file/below"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("file/below"), HasSubstr("cannot be written")));
}

TEST_F(BadInput, AFullDiskLeavesEarlierResultsUntouched) {
  ASSERT_EQ(kerf({"sweep", "scenario.toml", "--out", "out"}).exit_code, 0);
  const std::string before = read_file(folder() / "out" / "policy.kerf");
  const Ran ran = kerf({"sweep", "scenario.toml", "--out", "out", "--set", "workload.seed=8"}, 20000);
  EXPECT_EQ(ran.exit_code, 20) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("free some space"));
  EXPECT_EQ(read_file(folder() / "out" / "policy.kerf"), before);
  const Ran imported =
      kerf({"import-profile", "blocks.csv", "--model", "m", "--as", "h", "--input-bytes", "1kB"}, 0);
  EXPECT_NE(imported.exit_code, 0);
}

TEST_F(BadInput, AnImportedProfilesFlags) {
  write_file(folder() / "blocks.csv", "block,seconds,output_bytes\n0,0.01,400000\n");
  const auto import = [&](const std::string& model, const std::string& bytes) {
    return kerf({"import-profile", "blocks.csv", "--model", model, "--as", "here", "--input-bytes", bytes});
  };
  const Ran no_unit = import("one", "150");
  EXPECT_EQ(no_unit.exit_code, 2);
  EXPECT_THAT(no_unit.err, AllOf(HasSubstr("--input-bytes: \"150\""), HasSubstr("150kB")));
  const Ran folders = import("zoo/one", "150kB");
  EXPECT_EQ(folders.exit_code, 2);
  EXPECT_THAT(folders.err, HasSubstr("expected names without \"/\"; name the file with --out"));
}

#ifdef KERF_HAS_RUNTIME
TEST_F(BadInput, ServingOthersNeedsInsecure) {
  const Ran ran = kerf({"serve", "--echo", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("open to other machines"), HasSubstr("--insecure")));
}

TEST_F(BadInput, ServingNothingOrNowhere) {
  EXPECT_EQ(kerf({"serve"}).exit_code, 2);
  EXPECT_THAT(kerf({"serve", "--echo", "--listen", "8470"}).err, HasSubstr("an address and a port"));
}

// They were ignored.
TEST_F(BadInput, AnEchoRefusesWhatOnlyAModelsServerHonours) {
  const std::vector<std::pair<std::string, std::string>> flags{
      {"--shape", "x=1,3"}, {"--as", "edge"},   {"--slice", "0-1"}, {"--policy", "p.kerf"},
      {"--next", "a=b:1"},  {"--threads", "2"}, {"--decode", "1ms"}};
  for (const auto& [flag, value] : flags) {
    // No address to listen on: an echo that took the flag would end all the same.
    const Ran ran = kerf({"serve", "--echo", "--listen", "nowhere", flag, value});
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_THAT(ran.err, HasSubstr(flag + ": beside --echo"));
  }
}

TEST_F(BadInput, RunningWhatIsNoPlan) {
  EXPECT_THAT(kerf({"run", "mobilenet", "--as", "camera"}).err, HasSubstr("--plan PLAN or --policy FILE"));
  EXPECT_THAT(kerf({"run", "mobilenet", "--as", "camera", "--plan", "camera:0-1"}).err,
              HasSubstr("the last"));
  EXPECT_THAT(kerf({"run", "mobilenet", "--as", "camera", "--plan", "edge:0-90", "--host", "edge"}).err,
              HasSubstr("NAME=VALUE; try --host edge=10.0.0.7:8470"));
  EXPECT_THAT(
      kerf({"run", "mobilenet", "--as", "camera", "--plan", "camera:0-90", "--input-bytes", "4B"}).err,
      HasSubstr("--input-bytes: \"4B\"; expected at least 8B; try --input-bytes 150kB"));
  EXPECT_THAT(
      kerf({"run", "mobilenet", "--as", "camera", "--plan", "camera:0-90", "--arrivals", "poisson"}).err,
      HasSubstr("try --rate 4/s"));
  EXPECT_THAT(
      kerf({"run", "mobilenet", "--as", "camera", "--plan", "camera:0-90", "--host", "edge=10.0.0.7:8470"})
          .err,
      HasSubstr("--insecure"));
  EXPECT_THAT(kerf({"serve", "mobilenet", "--as", "edge", "--slice", "7-3"}).err,
              HasSubstr("the lower first"));
  EXPECT_THAT(kerf({"serve", "mobilenet", "--as", "edge", "--tls-cert", "a"}).err, HasSubstr("all three"));
}

TEST_F(BadInput, AnObservationOfWhatIsNoAxisNamesItsFlag) {
  ASSERT_EQ(kerf({"sweep", "scenario.toml", "--out", "out"}).exit_code, 0);
  const Ran ran = kerf(
      {"run", "mobilenet", "--as", "camera", "--policy", "out/policy.kerf", "--observe", "goodptu=1Mbps"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--observe goodptu=1Mbps: the table has no axis \"goodptu\""));
}

TEST_F(BadInput, ARealRunOfAPlanThatCannotBeRun) {
  const std::vector<std::string> testbed{"testbed", "scenario.toml", "--plan", "edge:0-0,cloud:1-1,edge:2-5"};
  const Ran forbidden = kerf(testbed);
  EXPECT_EQ(forbidden.exit_code, 2);
  EXPECT_THAT(forbidden.err, HasSubstr("cloud (cloud) cannot hand on to edge (edge)"));
  std::vector<std::string> allowed = testbed;
  allowed.insert(allowed.end(), {"--set", "plans.order=any", "--set", "plans.revisit=true"});
  const Ran unsupported = kerf(allowed);
  EXPECT_EQ(unsupported.exit_code, 31);
  EXPECT_THAT(unsupported.err,
              HasSubstr("cloud hands on to edge; expected a plan that moves to later tiers"));
}

TEST_F(BadInput, ALinkToNobody) {
  // Port 1 of loopback: nobody listens there, and only root could.
  const Ran ran = kerf({"calibrate-link", "127.0.0.1:1", "--as", "uplink"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("kerf serve")));
  EXPECT_FALSE(std::filesystem::exists(folder() / "uplink.json"));
}

TEST_F(BadInput, ALinksFlags) {
  EXPECT_EQ(kerf({"calibrate-link", "127.0.0.1:1", "--as", "a/b"}).exit_code, 2);
  EXPECT_EQ(kerf({"calibrate-link", "127.0.0.1:1", "--as", "a", "--budget", "20"}).exit_code, 2);
  EXPECT_EQ(kerf({"calibrate-link", "127.0.0.1:1", "--as", "a", "--bandwidth", "20Mbps/"}).exit_code, 2);
  EXPECT_EQ(kerf({"calibrate-link", "nonsense", "--as", "a"}).exit_code, 2);
}

TEST_F(BadInput, CalibrationRefusesFlagsThatMeanNothing) {
  const std::vector<std::vector<std::string>> wrong{
      {"--width", "nan"}, {"--width", "0"}, {"--pause", "20"}, {"--pause", "20ms", "--sessions", "1,2"}};
  for (const std::vector<std::string>& flags : wrong) {
    std::vector<std::string> command{"calibrate", "mobilenetv2", "--as", "here"};
    command.insert(command.end(), flags.begin(), flags.end());
    const Ran ran = kerf(command);
    EXPECT_EQ(ran.exit_code, 2) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(flags.front()));
  }
}

TEST_F(BadInput, CalibrationReadsEveryModelBeforeItMeasuresAny) {
  const Ran ran = kerf({"calibrate", "mobilenetv2", "none.onnx", "--as", "here", "--budget", "1h"});
  EXPECT_EQ(ran.exit_code, 30);
  EXPECT_THAT(ran.err, HasSubstr("none.onnx"));
  EXPECT_FALSE(std::filesystem::exists(folder() / "mobilenetv2-here.json.partial"));
}

#endif

}  // namespace
}  // namespace kerf
