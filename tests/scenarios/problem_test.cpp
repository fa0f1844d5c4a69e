// Problems worked by hand: three cameras behind one uplink, an edge, a cloud.

#include "scenarios/problem.hpp"

#include <cmath>
#include <map>

#include "base/file.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

constexpr std::string_view kSite = R"(<?xml version="1.0"?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="net" routing="Full">
    <host id="cam-0" speed="1Gf"/>
    <host id="cam-1" speed="1Gf"/>
    <host id="cam-2" speed="1Gf"/>
    <host id="edge-0" speed="1Gf"/>
    <host id="edge-1" speed="1Gf"/>
    <host id="cloud" speed="1Gf"/>
    <link id="uplink" bandwidth="10MBps" latency="10ms" sharing_policy="SPLITDUPLEX"/>
    <link id="wifi" bandwidth="20MBps" latency="1ms" sharing_policy="SHARED"/>
    <link id="backhaul" bandwidth="100MBps" latency="5ms" sharing_policy="FATPIPE"/>
ROUTES
  </zone>
</platform>
)";

std::string route(const std::string& from, const std::string& to, const std::string& links) {
  std::string text = "    <route src=\"" + from + "\" dst=\"" + to + "\">";
  for (std::size_t at = 0; at < links.size();) {
    const std::size_t end = std::min(links.find(' ', at), links.size());
    const std::string link = links.substr(at, end - at);
    text += "<link_ctn id=\"" + link + "\"" + (link == "uplink" ? " direction=\"UP\"" : "") + "/>";
    at = end + 1;
  }
  return text + "</route>\n";
}

std::string routes() {
  std::string text = route("edge-0", "cloud", "backhaul") + route("edge-1", "cloud", "backhaul");
  for (const char* camera : {"cam-0", "cam-1", "cam-2"}) {
    text += route(camera, "edge-0", "wifi uplink") + route(camera, "edge-1", "wifi uplink");
    text += route(camera, "cloud", "wifi uplink backhaul");
  }
  return text;
}

Profile small_profile() {
  Profile profile =
      import_blocks_csv("block,seconds,output_bytes\n0,0.01,4000\n1,0.02,3000\n2,0.03,2000\n3,0.04,1000\n",
                        "test", "net", "any", Bytes(5000));
  const char* names[] = {"stem", "backbone.0.conv", "backbone.0.act", "head"};
  for (std::size_t i = 0; i < 4; ++i) profile.blocks[i].name = names[i];
  profile.input_shapes = {{"x", {1, 3, 8, 8}}};
  return profile;
}

constexpr std::string_view kScenario = R"(
[platform]
file = "site.xml"
[hosts.camera]
match = "cam-*"
tier = "device"
profile = "net.json"
slowdown = 8
[hosts.edge]
match = "edge-?"
profile = "net.json"
workers = 2
[hosts.cloud]
profile = "net.json"
)";

class ProblemTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    write_platform(routes());
    write_profile(small_profile(), folder_ / "net.json");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write_platform(const std::string& routes) {
    std::string text(kSite);
    write_file(folder_ / "site.xml", text.replace(text.find("ROUTES\n"), 7, routes));
  }

  [[nodiscard]] Scenario scenario(const std::string& more = {}) const {
    return ScenarioFile(std::string(kScenario) + more, folder_ / "s.toml").bind();
  }
  [[nodiscard]] std::shared_ptr<const Problem> build(const std::string& more = {}) const {
    return ProblemBuilder().build(scenario(more));
  }
  // With the assignments of --set before.
  [[nodiscard]] std::shared_ptr<const Problem> build_with(std::vector<std::string> assignments) const {
    ScenarioFile file(std::string(kScenario), folder_ / "s.toml");
    for (const std::string& assignment : assignments) file.set(assignment);
    return ProblemBuilder().build(file.bind());
  }
  [[nodiscard]] Error refused(std::vector<std::string> assignments) const {
    const Error error = error_of([&] { static_cast<void>(build_with(assignments)); });
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    return error;
  }
  [[nodiscard]] std::string at(const std::string& line_and_column) const {
    return (folder_ / "s.toml").string() + ":" + line_and_column;
  }

  std::filesystem::path folder_;
};

TEST_F(ProblemTest, TakesTheModelFromTheProfiles) {
  const auto problem = build();
  EXPECT_EQ(problem->model, "net");
  EXPECT_EQ(problem->blocks, 4);
  EXPECT_EQ(problem->cut_bytes,
            (std::vector<Bytes>{Bytes(5000), Bytes(4000), Bytes(3000), Bytes(2000), Bytes(1000)}));
  EXPECT_EQ(problem->block_names[1], "backbone.0.conv");
  EXPECT_EQ(problem->hosts[0].compute(0, 0), problem->hosts[1].compute(0, 0) * 8);
  EXPECT_EQ(problem->hosts[0].costs, problem->hosts[1].costs);
}

// The small profile's row, and the same for 2 threads (half the time), 2 sessions (1.5 times) and batch 4 (3
// times).
Profile profile_with_rows() {
  Profile profile = small_profile();
  const auto add = [&](const RunMode& mode, double times) {
    ProfileRow row = profile.rows.front();
    row.mode = mode;
    for (SliceMeasurement& slice : row.measurements) {
      slice.p20 = slice.low = slice.high = slice.p20 * times;
    }
    profile.rows.push_back(row);
  };
  add({.batch = 1, .threads = 1, .sessions = 2}, 1.5);
  add({.batch = 1, .threads = 2, .sessions = 1}, 0.5);
  add({.batch = 4, .threads = 1, .sessions = 1}, 3);
  return profile;
}

TEST_F(ProblemTest, TakesTheRowOfItsThreads) {
  write_profile(profile_with_rows(), folder_ / "net.json");
  EXPECT_DOUBLE_EQ(build()->hosts[2].compute(0, 3).value(), 0.1);
  EXPECT_DOUBLE_EQ(build_with({"hosts.cloud.threads=2"})->hosts[2].compute(0, 3).value(), 0.05);
  const Error error = refused({"hosts.cloud.threads=3"});
  EXPECT_THAT(error.what(), testing::HasSubstr("hosts.cloud: the profile"));
  EXPECT_THAT(error.what(), testing::HasSubstr("was not measured with batch 1, 3 threads and one session"));
  EXPECT_THAT(error.expected(), testing::HasSubstr("threads 1, 2"));
}

TEST_F(ProblemTest, WorkersDisturbEachOtherAsMeasured) {
  write_profile(profile_with_rows(), folder_ / "net.json");
  const auto problem = build_with({"hosts.edge.workers=4"});
  const ProblemHost& edge = problem->hosts[1];
  ASSERT_EQ(edge.contended.size(), 1U);
  EXPECT_DOUBLE_EQ(edge.contention(0, 3, 1), 1);
  EXPECT_DOUBLE_EQ(edge.contention(0, 3, 2), 1.5);
  EXPECT_DOUBLE_EQ(edge.contention(0, 3, 4), 3);  // no more is gained beyond what was measured
  EXPECT_TRUE(problem->hosts[2].contended.empty());
  EXPECT_EQ(problem->hosts[2].contention(0, 3, 7), 1);
}

TEST_F(ProblemTest, ABatchTakesItsRowAndSoManyTimesTheBytes) {
  write_profile(profile_with_rows(), folder_ / "net.json");
  const auto problem = build("[model]\nbatch = 4\ninput_wire = { bytes = \"700B\", decode = \"3ms\" }\n");
  EXPECT_DOUBLE_EQ(problem->hosts[2].compute(0, 3).value(), 0.3);
  EXPECT_EQ(problem->bytes_into(0), Bytes(2800));
  EXPECT_EQ(problem->bytes_into(1), Bytes(16000));
  EXPECT_DOUBLE_EQ(problem->decode.value(), 0.012);
  EXPECT_THAT(error_of([&] { static_cast<void>(build("[model]\nbatch = 2\n")); }).expected(),
              testing::HasSubstr("batch 1, 4"));
}

TEST_F(ProblemTest, WireBytesAreCutZeroUnlessGiven) {
  EXPECT_EQ(build()->wire_bytes, Bytes(5000));
  const auto problem = build("[model]\ninput_wire = { bytes = \"700B\", decode = \"3ms\" }\n");
  EXPECT_EQ(problem->bytes_into(0), Bytes(700));
  EXPECT_EQ(problem->bytes_into(1), Bytes(4000));
  EXPECT_EQ(problem->decode, Seconds(0.003));
}

TEST_F(ProblemTest, InstancesAreMatchedInThePlatformsOrder) {
  const auto problem = build();
  EXPECT_EQ(problem->host_names(), (std::vector<std::string>{"camera", "edge", "cloud"}));
  EXPECT_EQ(problem->hosts[0].instances, (std::vector<HostId>{0, 1, 2}));
  EXPECT_EQ(problem->hosts[1].instances, (std::vector<HostId>{3, 4}));
  EXPECT_EQ(problem->devices(), 3);
  EXPECT_EQ(problem->instance(1, 2), 3);
}

TEST_F(ProblemTest, CountTakesTheFirst) {
  EXPECT_EQ(build_with({"hosts.camera.count=2"})->hosts[0].instances, (std::vector<HostId>{0, 1}));
}

TEST_F(ProblemTest, KnownTiersHaveKnownRanks) {
  const auto problem = build();
  EXPECT_EQ(problem->hosts[0].rank, 0);
  EXPECT_EQ(problem->hosts[1].rank, 1);
  EXPECT_EQ(problem->hosts[2].rank, 2);
  EXPECT_EQ(build_with({"hosts.cloud.tier=edge"})->hosts[2].rank, 1);
}

TEST_F(ProblemTest, OtherTiersRankByAppearance) {
  const auto problem =
      build_with({"hosts.edge.tier=gateway", "hosts.cloud.tier=device", "workload.source=camera"});
  EXPECT_EQ(problem->hosts[0].rank, 0);
  EXPECT_EQ(problem->hosts[1].rank, 1);
  EXPECT_EQ(problem->hosts[2].rank, 0);
}

TEST_F(ProblemTest, PathsAddDelaysAndTakeTheNarrowestLink) {
  const auto problem = build();
  const Path up = problem->path(0, 2).value();
  EXPECT_DOUBLE_EQ(up.delay.value(), 0.016);
  EXPECT_EQ(up.overhead, Seconds(0));
  EXPECT_EQ(up.bandwidth, BytesPerSecond(10e6));
  EXPECT_DOUBLE_EQ(up.transfer(Bytes(1e6)).value(), 0.116);
  EXPECT_EQ(problem->path(1, 2)->bandwidth, BytesPerSecond(100e6));
}

TEST_F(ProblemTest, FromAHostToItselfIsFree) {
  EXPECT_EQ(build()->path(1, 1)->transfer(Bytes(1e9)), Seconds(0));
}

TEST_F(ProblemTest, UpAndDownGoToTheirDirections) {
  const auto problem = build(
      "[network.uplink]\nbandwidth = { up = \"8Mbps\", down = \"40Mbps\" }\n"
      "rtt = \"40ms\"\nefficiency = 0.5\noverhead = \"2ms\"\n");
  EXPECT_EQ(problem->path(0, 1)->bandwidth, BytesPerSecond(0.5e6));
  EXPECT_EQ(problem->path(1, 0)->bandwidth, BytesPerSecond(2.5e6));
  EXPECT_DOUBLE_EQ(problem->path(0, 1)->delay.value(), 0.021);
  EXPECT_DOUBLE_EQ(problem->path(1, 0)->delay.value(), 0.021);
  EXPECT_EQ(problem->path(0, 1)->overhead, Seconds(0.002));
}

TEST_F(ProblemTest, OneDirectionLeavesTheOtherAsThePlatformHasIt) {
  const auto problem = build("[network.uplink]\nbandwidth = { up = \"8Mbps\" }\n");
  EXPECT_EQ(problem->path(0, 1)->bandwidth, BytesPerSecond(1e6));
  EXPECT_EQ(problem->path(1, 0)->bandwidth, BytesPerSecond(10e6));
}

TEST_F(ProblemTest, SharedLinksTakeOneBandwidth) {
  const auto problem = build("[network.air]\nlinks = [\"wi*\"]\nbandwidth = \"8Mbps\"\n");
  EXPECT_EQ(problem->path(0, 1)->bandwidth, BytesPerSecond(1e6));
  EXPECT_EQ(problem->path(1, 0)->bandwidth, BytesPerSecond(1e6));
}

TEST_F(ProblemTest, SharedLinksRefuseTwo) {
  const Error error = refused({"network.wifi.bandwidth={ up = \"8Mbps\", down = \"9Mbps\" }"});
  EXPECT_EQ(error.where(), "--set network.wifi.bandwidth={ up = \"8Mbps\", down = \"9Mbps\" }");
  EXPECT_EQ(error.found(), "network.wifi: up and down differ, and link wifi is shared by both directions");
  EXPECT_EQ(error.expected(), "one bandwidth");
  EXPECT_EQ(refused({"network.wifi.bandwidth={ up = \"8Mbps\" }"}).expected(), "one bandwidth");
}

TEST_F(ProblemTest, LinksKeepTheirNamesAndSharing) {
  const auto problem = build();
  ASSERT_EQ(problem->links.size(), problem->platform->links().size());
  for (std::size_t i = 0; i < problem->links.size(); ++i) {
    EXPECT_EQ(problem->links[i].name, problem->platform->links()[i].name);
    EXPECT_EQ(problem->links[i].shared, problem->links[i].name != "backhaul");
  }
}

TEST_F(ProblemTest, PatternWithoutALink) {
  const Error error = refused({"network.upling.rtt=1ms"});
  EXPECT_EQ(error.where(), "--set network.upling.rtt=1ms");
  EXPECT_THAT(error.found(), testing::HasSubstr("site.xml matches \"upling\""));
  EXPECT_EQ(error.hint(), "did you mean \"uplink\"?");
}

TEST_F(ProblemTest, OptionalGroupsMayMatchNothing) {
  EXPECT_EQ(build("[network.metro]\noptional = true\nrtt = \"1ms\"\n")->links.size(), build()->links.size());
}

TEST_F(ProblemTest, ALinkInTwoGroups) {
  const Error error = error_of([&] {
    static_cast<void>(
        build("[network.uplink]\nrtt = \"1ms\"\n[network.all]\nlinks = [\"up*\"]\nrtt = \"2ms\"\n"));
  });
  EXPECT_EQ(error.where(), at("17:10"));
  EXPECT_EQ(error.found(), "link uplink is in network.uplink and in network.all");
}

TEST_F(ProblemTest, CountAboveTheMatched) {
  const Error error = error_of([&] { static_cast<void>(build_with({"hosts.camera.count=4"})); });
  EXPECT_EQ(error.where(), at("4:8"));
  EXPECT_EQ(error.found(), "hosts.camera.count is 4, and 3 of " + (folder_ / "site.xml").string() +
                               "'s hosts match \"cam-*\"");
  EXPECT_EQ(error.expected(), "a count of at most 3");
}

TEST_F(ProblemTest, PatternWithoutAHost) {
  const Error error = refused({"hosts.cloud.match=clout"});
  EXPECT_EQ(error.where(), at("13:8"));
  EXPECT_THAT(error.found(), testing::HasSubstr("matches \"clout\""));
  EXPECT_EQ(error.hint(), "did you mean \"cloud\"?");
}

TEST_F(ProblemTest, OptionalClassesMayBeAbsent) {
  const auto problem = build_with({"hosts.cloud.match=nowhere", "hosts.cloud.optional=true",
                                   "constraints.cloud={ used = true, must_run = [3] }"});
  ASSERT_EQ(problem->hosts.size(), 3U);
  EXPECT_TRUE(problem->hosts[2].instances.empty());
  EXPECT_EQ(problem->hosts[2].used, false);
  EXPECT_FALSE(problem->hosts[2].must_run[3]);
  EXPECT_FALSE(problem->path(0, 2).has_value());
  EXPECT_FALSE(problem->path(2, 0).has_value());
  EXPECT_FALSE(problem->path(2, 2).has_value());
}

TEST_F(ProblemTest, TheSourceIsNeverAbsent) {
  EXPECT_THAT(refused({"hosts.camera.match=kamera", "hosts.camera.optional=true"}).found(),
              testing::HasSubstr("matches \"kamera\""));
}

TEST_F(ProblemTest, AHostInTwoClasses) {
  const Error error = refused({"hosts.cloud.match=edge-1"});
  EXPECT_EQ(error.where(), at("13:8"));
  EXPECT_EQ(error.found(), "host edge-1 is in hosts.edge and in hosts.cloud");
}

TEST_F(ProblemTest, MembersWithDifferentRoutes) {
  std::string text = routes();
  const std::string before = route("cam-1", "cloud", "wifi uplink backhaul");
  write_platform(text.replace(text.find(before), before.size(), route("cam-1", "cloud", "uplink backhaul")));
  const Error error = error_of([&] { static_cast<void>(build()); });
  EXPECT_EQ(error.where(), at("4:8"));
  EXPECT_EQ(error.found(),
            "the hosts of hosts.camera are not alike: cam-0 to cloud takes 16 ms and 80 Mbit/s, "
            "cam-1 to cloud takes 15 ms and 80 Mbit/s");
  EXPECT_EQ(error.hint(), "split it into classes of hosts that are alike");
}

TEST_F(ProblemTest, MembersOfWhichOneHasNoRoute) {
  std::string text = routes();
  const std::string before = route("cam-1", "edge-1", "wifi uplink");
  write_platform(text.replace(text.find(before), before.size(), ""));
  EXPECT_THAT(error_of([&] { static_cast<void>(build()); }).found(), testing::HasSubstr("takes no route"));
}

TEST_F(ProblemTest, AClassThatNoPlanCanUse) {
  write_platform(route("cam-0", "edge-0", "wifi"));
  ScenarioFile file(std::string(kScenario), folder_ / "s.toml");
  file.set("hosts.camera.count=1");
  file.set("hosts.edge.count=1");
  const Error error = error_of([&] { static_cast<void>(ProblemBuilder().build(file.bind())); });
  EXPECT_EQ(error.where(), at("13:8"));
  EXPECT_EQ(error.found(),
            (folder_ / "site.xml").string() +
                " has no route from cam-0 (camera) to cloud (cloud): no plan can use the class");
}

TEST_F(ProblemTest, AClassThatCannotAnswer) {
  write_platform(
      route("cam-0", "edge-0", "wifi") +
      "<route src=\"edge-0\" dst=\"cloud\" symmetrical=\"NO\"><link_ctn id=\"backhaul\"/></route>");
  ScenarioFile file(std::string(kScenario), folder_ / "s.toml");
  file.set("hosts.camera.count=1");
  file.set("hosts.edge.count=1");
  EXPECT_EQ(error_of([&] { static_cast<void>(ProblemBuilder().build(file.bind())); }).found(),
            (folder_ / "site.xml").string() +
                " has no route from cloud (cloud) to cam-0 (camera): no answer can return from the class");
  file.set("workload.return_result=false");
  const auto problem = ProblemBuilder().build(file.bind());
  EXPECT_TRUE(problem->path(1, 2).has_value());
  EXPECT_FALSE(problem->path(0, 2).has_value());
  EXPECT_FALSE(problem->path(2, 0).has_value());
}

TEST_F(ProblemTest, AnUnreachableOptionalClassIsLeftAlone) {
  write_platform(route("cam-0", "edge-0", "wifi"));
  const auto problem =
      build_with({"hosts.camera.count=1", "hosts.edge.count=1", "hosts.cloud.optional=true"});
  EXPECT_FALSE(problem->path(0, 2).has_value());
}

TEST_F(ProblemTest, ConstraintsByIndexRangeNameAndPrefix) {
  const auto problem = build(
      "[constraints]\ncamera = { must_run = [0, \"2-3\"], upload = \"4kB\" }\n"
      "edge = { must_not_run = [\"backbone.0\", \"head\"], used = false }\n");
  EXPECT_EQ(problem->hosts[0].must_run, (std::vector<bool>{true, false, true, true}));
  EXPECT_EQ(problem->hosts[0].must_not_run, std::vector<bool>(4));
  EXPECT_EQ(problem->hosts[0].upload, Bytes(4000));
  EXPECT_EQ(problem->hosts[0].used, std::nullopt);
  EXPECT_EQ(problem->hosts[1].must_not_run, (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(problem->hosts[1].used, false);
  EXPECT_EQ(problem->hosts[2].must_run, std::vector<bool>(4));
}

TEST_F(ProblemTest, APrefixEndsAtADot) {
  const Error error = refused({"constraints.edge={ must_run = [\"backbone\", \"back\"] }"});
  EXPECT_EQ(error.found(), "constraints.edge.must_run names \"back\", which is no block of net");
}

TEST_F(ProblemTest, UnknownBlocksNameTheNearest) {
  const Error error = refused({"constraints.edge={ must_run = [\"haed\"] }"});
  EXPECT_EQ(error.where(), "--set constraints.edge={ must_run = [\"haed\"] }");
  EXPECT_EQ(error.hint(), "did you mean \"head\"?");
}

TEST_F(ProblemTest, BlocksBeyondTheLast) {
  EXPECT_EQ(refused({"constraints.edge={ must_run = [4] }"}).expected(), "blocks 0 to 3, the smaller first");
  EXPECT_EQ(refused({"constraints.edge={ must_run = [\"3-2\"] }"}).expected(),
            "blocks 0 to 3, the smaller first");
}

TEST_F(ProblemTest, ProfilesOfDifferentCuts) {
  Profile other = small_profile();
  other.cuts[2].bytes = Bytes(9000);
  write_profile(other, folder_ / "other.json");
  const Error error = refused({"hosts.edge.profile=other.json"});
  EXPECT_EQ(error.where(), at("9:8"));
  EXPECT_EQ(error.found(), "the profiles " + (folder_ / "net.json").string() + " and " +
                               (folder_ / "other.json").string() + " differ: 3 kB and 9 kB at cut 2");
}

TEST_F(ProblemTest, ProfilesOfDifferentModels) {
  Profile one = small_profile();
  one.model_hash = "0123456789abcdef";
  write_profile(one, folder_ / "net.json");
  one.model_hash = "0123456789abcdee";
  write_profile(one, folder_ / "other.json");
  EXPECT_THAT(refused({"hosts.cloud.profile=other.json"}).found(),
              testing::HasSubstr("differ: models net (0123456789abcdef) and net (0123456789abcdee)"));
}

TEST_F(ProblemTest, ProfilesOfDifferentLength) {
  const Profile other =
      import_blocks_csv("block,seconds,output_bytes\n0,0.01,4000\n", "test", "net", "any", Bytes(5000));
  write_profile(other, folder_ / "other.json");
  EXPECT_THAT(refused({"hosts.cloud.profile=other.json"}).found(),
              testing::HasSubstr("differ: 4 and 1 blocks"));
}

TEST_F(ProblemTest, ImportedAndMeasuredProfilesMayMix) {
  Profile one = small_profile();
  one.model_hash = "0123456789abcdef";
  write_profile(one, folder_ / "other.json");
  EXPECT_EQ(build_with({"hosts.cloud.profile=other.json"})->model_hash, "0123456789abcdef");
}

TEST_F(ProblemTest, ShapesMustBeThoseMeasured) {
  EXPECT_EQ(build_with({"model.shape.x=[1, 3, 8, 8]"})->blocks, 4);
  const Error error = refused({"model.shape.x=[1, 3, 9, 9]"});
  EXPECT_EQ(error.found(),
            "the profile " + (folder_ / "net.json").string() + " was measured with x = [1, 3, 8, 8]");
  EXPECT_EQ(error.expected(), "[1, 3, 9, 9], as [model] shape says");
  EXPECT_EQ(refused({"model.shape.y=[1]"}).hint(), "did you mean \"x\"?");
}

TEST_F(ProblemTest, ZooNameMustBeTheProfiles) {
  EXPECT_EQ(build_with({"model.zoo=net"})->blocks, 4);
  EXPECT_EQ(refused({"model.zoo=vgg16"}).expected(), "vgg16, which [model] zoo names");
}

TEST_F(ProblemTest, MissingFilesAreNamedWithTheirPlace) {
  const Error profile = refused({"hosts.edge.profile=none.json"});
  EXPECT_EQ(profile.where(), at("9:8"));
  EXPECT_EQ(profile.found(), "the profile " + (folder_ / "none.json").string() + " does not exist");
  EXPECT_THAT(profile.hint(), testing::HasSubstr("kerf calibrate MODEL --as edge"));
  const Error platform = refused({"platform.file=none.xml"});
  EXPECT_EQ(platform.where(), "--set platform.file=none.xml");
  EXPECT_EQ(platform.found(), "the platform " + (folder_ / "none.xml").string() + " does not exist");
}

TEST_F(ProblemTest, FilesAreReadOnce) {
  ProblemBuilder builder;
  const auto first = builder.build(scenario());
  const auto second = builder.build(scenario("[network.uplink]\nrtt = \"1ms\"\n"));
  EXPECT_EQ(first->platform, second->platform);
  EXPECT_EQ(first->hosts[0].costs, second->hosts[2].costs);
}

}  // namespace
}  // namespace kerf
