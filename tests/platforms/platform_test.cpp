#include "platforms/platform.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "tests/platforms/sample_platforms.hpp"

namespace kerf::test {
namespace {

Platform platform(const std::string& elements) {
  return parse_platform(platform_file(elements), "test.xml");
}

// "uplink_UP backhaul_UP", or "none" where there is no route.
std::string route(const Platform& platform, std::string_view from, std::string_view to) {
  const HostId a = platform.find_host(from);
  const HostId b = platform.find_host(to);
  if (!platform.has_route(a, b)) return "none";
  std::string text;
  for (const LinkId id : platform.route(a, b)) {
    text += (text.empty() ? "" : " ") + platform.links()[static_cast<std::size_t>(id)].name;
  }
  return text;
}

constexpr const char* kPair = R"(
  <zone id="z" routing="Full">
    <host id="a" speed="1Gf"/> <host id="b" speed="2Gf" core="4"/> <host id="c" speed="3Gf,1Gf" pstate="1"/>
    <link id="l" bandwidth="20Mbps" latency="10ms" sharing_policy="SPLITDUPLEX"/>
    <link id="m" bandwidth="1MBps"/>
    <link id="f" bandwidth="1MBps" sharing_policy="FATPIPE"/>
    <route src="a" dst="b"><link_ctn id="l" direction="UP"/><link_ctn id="m"/></route>
  </zone>)";

TEST(Platform, HostsInTheOrderOfTheFile) {
  const Platform pair = platform(kPair);
  ASSERT_EQ(pair.hosts().size(), 3u);
  EXPECT_EQ(pair.hosts()[1].name, "b");
  EXPECT_EQ(pair.hosts()[1].speed, 2e9);
  EXPECT_EQ(pair.hosts()[1].cores, 4);
}

TEST(Platform, TheSpeedIsThatOfThePstate) {
  EXPECT_EQ(platform(kPair).hosts()[2].speed, 1e9);
}

TEST(Platform, FindsHostsByName) {
  EXPECT_EQ(platform(kPair).find_host("b"), 1);
  EXPECT_EQ(platform(kPair).find_host("z"), -1);
}

TEST(Platform, ASplitDuplexLinkIsTwoLinksOfOneBaseName) {
  const Platform pair = platform(kPair);
  const Link& up = pair.links()[0];
  EXPECT_EQ(up.name, "l_UP");
  EXPECT_EQ(up.base_name, "l");
  EXPECT_EQ(up.direction, Direction::kUp);
  EXPECT_EQ(up.bandwidth, BytesPerSecond(2.5e6));
  EXPECT_EQ(up.latency, Seconds(10 * 1e-3));
  EXPECT_EQ(pair.links()[1].name, "l_DOWN");
  EXPECT_EQ(pair.links()[1].direction, Direction::kDown);
}

TEST(Platform, LinksAreSharedByDefaultAndLatencyIsZero) {
  const Link link = platform(kPair).links()[2];
  EXPECT_EQ(link.name, "m");
  EXPECT_EQ(link.base_name, "m");
  EXPECT_EQ(link.direction, Direction::kBoth);
  EXPECT_TRUE(link.shared);
  EXPECT_EQ(link.latency, Seconds(0));
}

TEST(Platform, AFatpipeIsNotShared) {
  EXPECT_FALSE(platform(kPair).links()[3].shared);
}

TEST(Platform, TheReverseOfARouteIsReversedAndTakesTheOtherDirections) {
  EXPECT_EQ(route(platform(kPair), "a", "b"), "l_UP m");
  EXPECT_EQ(route(platform(kPair), "b", "a"), "m l_DOWN");
}

TEST(Platform, AMissingRouteIsNoError) {
  EXPECT_EQ(route(platform(kPair), "a", "c"), "none");
}

TEST(Platform, NothingIsCrossedFromAHostToItself) {
  EXPECT_EQ(route(platform(kPair), "a", "a"), "");
  EXPECT_EQ(
      route(platform("<cluster id=\"c\" prefix=\"n\" suffix=\"\" radical=\"0\" speed=\"1Gf\" bw=\"1MBps\" "
                     "lat=\"0\" loopback_bw=\"1GBps\" loopback_lat=\"1us\"/>"),
            "n0", "n0"),
      "");
}

TEST(Platform, AWayWithoutReturn) {
  const Platform oneway = platform(R"(
    <zone id="z" routing="Dijkstra"><host id="a" speed="1Gf"/><host id="b" speed="1Gf"/><host id="lost" speed="1Gf"/>
      <link id="l" bandwidth="1MBps"/>
      <route src="a" dst="b" symmetrical="NO"><link_ctn id="l"/></route></zone>)");
  EXPECT_EQ(route(oneway, "a", "b"), "l");
  EXPECT_EQ(route(oneway, "b", "a"), "none");
  EXPECT_EQ(route(oneway, "a", "lost"), "none");
}

TEST(Platform, ARouteMayNameWhatIsDeclaredAfterIt) {
  EXPECT_EQ(route(platform(R"(
    <zone id="z" routing="Full"><route src="a" dst="b"><link_ctn id="l"/></route>
      <link id="l" bandwidth="1MBps"/><host id="a" speed="1Gf"/><host id="b" speed="1Gf"/></zone>)"),
                  "b", "a"),
            "l");
}

TEST(Platform, AZoneWithRoutingNoneConnectsNothing) {
  EXPECT_EQ(route(platform(R"(
    <zone id="z" routing="None"><host id="a" speed="1Gf"/><host id="b" speed="1Gf"/></zone>)"),
                  "a", "b"),
            "none");
}

// SimGrid leaves the missing piece out and transfers over what remains.
TEST(Platform, ARouteWithAMissingPieceIsNoRoute) {
  const Platform gap = platform(R"(
    <zone id="w" routing="Full">
      <zone id="x" routing="Full"><host id="a" speed="1Gf"/><host id="gate" speed="1Gf"/></zone>
      <zone id="y" routing="None"><host id="b" speed="1Gf"/></zone>
      <link id="l" bandwidth="1MBps"/>
      <zoneRoute src="x" dst="y" gw_src="gate" gw_dst="b"><link_ctn id="l"/></zoneRoute></zone>)");
  EXPECT_EQ(route(gap, "gate", "b"), "l");
  EXPECT_EQ(route(gap, "a", "b"), "none");
  EXPECT_EQ(route(gap, "b", "a"), "none");
}

// SimGrid goes through the host's loopback first.
TEST(Platform, ABypassThatStartsAtItsGatewayIsTheBypassAlone) {
  EXPECT_EQ(route(platform(R"(
    <zone id="w" routing="Full">
      <zone id="x" routing="None"><host id="a" speed="1Gf"/></zone>
      <zone id="y" routing="None"><host id="b" speed="1Gf"/></zone>
      <link id="l" bandwidth="1MBps"/>
      <bypassZoneRoute src="x" dst="y" gw_src="a" gw_dst="b"><link_ctn id="l"/></bypassZoneRoute></zone>)"),
                  "a", "b"),
            "l");
}

// SimGrid 3.32 crashes here.
TEST(Platform, DijkstraCrossesAZoneBetweenTwoGateways) {
  EXPECT_EQ(route(platform(R"(
    <zone id="w" routing="Dijkstra">
      <zone id="x" routing="None"><host id="a" speed="1Gf"/></zone>
      <zone id="t" routing="Full"><router id="in"/><router id="out"/><link id="inside" bandwidth="1MBps"/>
        <route src="in" dst="out"><link_ctn id="inside"/></route></zone>
      <zone id="y" routing="None"><host id="b" speed="1Gf"/></zone>
      <link id="l" bandwidth="1MBps"/><link id="m" bandwidth="1MBps"/>
      <zoneRoute src="x" dst="t" gw_src="a" gw_dst="in"><link_ctn id="l"/></zoneRoute>
      <zoneRoute src="t" dst="y" gw_src="out" gw_dst="b"><link_ctn id="m"/></zoneRoute></zone>)"),
                  "a", "b"),
            "l inside m");
}

// SimGrid 3.32 makes it SHARED.
TEST(Platform, AClusterOfFatpipesHasFatpipes) {
  const Platform cluster = platform(
      "<cluster id=\"c\" prefix=\"n\" suffix=\"\" radical=\"0-1\" speed=\"1Gf\" bw=\"1MBps\" lat=\"0\" "
      "sharing_policy=\"FATPIPE\"/>");
  EXPECT_EQ(cluster.links()[0].name, "c_link_0");
  EXPECT_FALSE(cluster.links()[0].shared);
}

TEST(Platform, ClusterLinksAreNamedAsSimGridNamesThem) {
  EXPECT_EQ(route(platform("<cluster id=\"rack\" prefix=\"n\" suffix=\".x\" radical=\"0-1,5\" speed=\"1Gf\" "
                           "bw=\"1MBps\" lat=\"0\" bb_bw=\"1GBps\"/>"),
                  "n0.x", "n5.x"),
            "rack_link_0_UP rack_backbone rack_link_5_DOWN");
}

TEST(Platform, TheHashIsThatOfTheFile) {
  const std::string text = platform_file(kPair);
  EXPECT_EQ(parse_platform(text, "x.xml").hash(), hex(xxh64(text)));
  EXPECT_EQ(parse_platform(text, "x.xml").source(), "x.xml");
}

TEST(Platform, AMissingFileIsNamed) {
  try {
    static_cast<void>(read_platform("no/such.xml"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_NE(std::string(error.what()).find("no/such.xml"), std::string::npos);
  }
}

TEST(Platform, MadeByHandFromAMatrix) {
  const std::vector<Link> links{{"l", "l", Direction::kBoth, BytesPerSecond(1), Seconds(0), true}};
  const Platform made(
      "hand", "0", {{"a", 1, 1}, {"b", 1, 1}}, links,
      std::vector<std::optional<std::vector<LinkId>>>{std::vector<LinkId>{}, std::vector<LinkId>{0},
                                                      std::nullopt, std::vector<LinkId>{}});
  EXPECT_EQ(route(made, "a", "b"), "l");
  EXPECT_EQ(route(made, "b", "a"), "none");
}

TEST(Platform, ACopySharesItsRoutes) {
  const Platform pair = platform(kPair);
  const Platform copy = pair;
  EXPECT_EQ(pair.route(0, 1).data(), copy.route(0, 1).data());
}

TEST(Platform, AThousandHostsReadByManyThreads) {
  const Platform fleet = platform(
      "<cluster id=\"c\" prefix=\"n\" suffix=\"\" radical=\"0-999\" speed=\"1Gf\" bw=\"1MBps\" lat=\"1ms\" "
      "bb_bw=\"1GBps\"/>");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&fleet, t] {
      for (HostId from = 0; from < 1000; ++from) {
        const HostId to = (from * 7 + t) % 1000;
        ASSERT_EQ(fleet.route(from, to).size(), from == to ? 0u : 3u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// What the quickstart scenario asks of the three files that it sweeps over.
class SweptFile : public testing::TestWithParam<const char*> {};
TEST_P(SweptFile, HasCamerasAnEdgeACloudAnUplinkAndABackhaul) {
  const Platform file = read_platform(std::filesystem::path(KERF_SOURCE_DIR) / "platforms" / GetParam());
  const HostId edge = file.find_host("edge");
  const HostId cloud = file.find_host("cloud");
  for (int i = 0; i < 16; ++i) {
    const HostId camera = file.find_host("cam-" + std::to_string(i));
    ASSERT_GE(camera, 0);
    for (const HostId far : {edge, cloud}) {
      for (const auto& [from, to] : {std::pair(camera, far), std::pair(far, camera)}) {
        ASSERT_TRUE(file.has_route(from, to));
        std::string crossed;
        for (const LinkId id : file.route(from, to))
          crossed += file.links()[static_cast<std::size_t>(id)].base_name + " ";
        EXPECT_NE(crossed.find("uplink "), std::string::npos);
        EXPECT_EQ(crossed.find("backhaul ") != std::string::npos, far == cloud);
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, SweptFile,
                         testing::Values("shared-uplink.xml", "two-edges.xml", "wifi-cell.xml"));

TEST(ShippedPlatforms, TheWifiCellIsOneLinkForBothDirections) {
  const Platform cell = read_platform(std::filesystem::path(KERF_SOURCE_DIR) / "platforms/wifi-cell.xml");
  EXPECT_EQ(route(cell, "cam-0", "edge"), "uplink wire_UP");
  EXPECT_EQ(route(cell, "edge", "cam-0"), "wire_DOWN uplink");
  EXPECT_EQ(route(cell, "cam-0", "cam-1"), "uplink uplink");
}

TEST(ShippedPlatforms, TheChain) {
  const Platform chain = read_platform(std::filesystem::path(KERF_SOURCE_DIR) / "platforms/chain.xml");
  EXPECT_EQ(route(chain, "device", "cloud"), "uplink_UP backhaul_UP");
}

}  // namespace
}  // namespace kerf::test
