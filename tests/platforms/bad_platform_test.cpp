// Each way in which a platform file can be wrong: the code, the place and the words of the message.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <random>
#include <string>

#include "base/error.hpp"
#include "platforms/platform.hpp"
#include "tests/platforms/sample_platforms.hpp"

namespace kerf::test {
namespace {

struct Bad {
  std::string name;
  std::string text;  // a $ stands at the place that the message names
  std::string message;
  ErrorCode code = ErrorCode::kBadInput;
};

void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

std::string refusal(const std::string& text, ErrorCode& code) {
  try {
    static_cast<void>(parse_platform(text, "p.xml"));
  } catch (const Error& error) {
    code = error.code();
    return error.what();
  }
  return "accepted";
}

class BadPlatform : public testing::TestWithParam<Bad> {};

TEST_P(BadPlatform, IsRefusedAtItsPlace) {
  std::string text = GetParam().text;
  std::string where = "p.xml";
  if (const std::size_t mark = text.find('$'); mark != std::string::npos) {
    const std::size_t start = text.rfind('\n', mark) + 1;  // 0 where there is no line before
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(mark), '\n') + 1;
    where += ":" + std::to_string(line) + ":" + std::to_string(mark - start + 1) + ": ";
    text.erase(mark, 1);
  }
  ErrorCode code = ErrorCode::kBug;
  EXPECT_EQ(refusal(text, code), where + GetParam().message);
  EXPECT_EQ(code, GetParam().code);
}

// In a zone with two hosts and a link.
Bad in_zone(const char* name, const std::string& elements, const std::string& message,
            ErrorCode code = ErrorCode::kBadInput, const char* routing = "Full") {
  return {name,
          platform_file("\n<zone id=\"z\" routing=\"" + std::string(routing) +
                        "\">\n<host id=\"a\" speed=\"1Gf\"/>\n<host id=\"b\" speed=\"1Gf\"/>\n"
                        "<link id=\"lan\" bandwidth=\"1Gbps\"/>\n" +
                        elements + "\n</zone>"),
          message, code};
}

// Beside two zones with a host each and a third in the first.
Bad in_world(const char* name, const std::string& elements, const std::string& message,
             ErrorCode code = ErrorCode::kBadInput) {
  return {name, platform_file(R"(
<zone id="w" routing="Full">
  <zone id="x" routing="Full">
    <zone id="x1" routing="None"><host id="a" speed="1Gf"/></zone>
    <zone id="x2" routing="None"><host id="b" speed="1Gf"/></zone>
  </zone>
  <zone id="y" routing="None"><host id="c" speed="1Gf"/></zone>
  <link id="lan" bandwidth="1Gbps"/>
)" + elements + "\n</zone>"),
          message, code};
}

const std::string kConstant = "give the hosts and links constant values and sweep over bandwidths instead";
const std::string kBothWays = "a route holds for both ways unless symmetrical=\"NO\"";

INSTANTIATE_TEST_SUITE_P(
    Xml, BadPlatform,
    testing::Values(Bad{"empty", "$", "no XML element; expected <platform version=\"4.1\">"},
                    Bad{"no_xml", "$hello", "no XML element; expected <platform version=\"4.1\">"},
                    Bad{"unclosed", "<platform version=\"4.1\">\n<zon$e",
                        "not well-formed XML (Error parsing start element tag)"},
                    Bad{"mismatched",
                        "<platform version=\"4.1\">\n<zone id=\"z\" routing=\"Full\">\n</$host>\n</platform>",
                        "not well-formed XML (Start-end tags mismatch)"},
                    Bad{"unquoted", "<platform version=$4.1></platform>",
                        "not well-formed XML (Error parsing element attribute)"},
                    Bad{"two_roots", "<platform version=\"4.1\"></platform>\n<$more/>",
                        "a second outermost element <more>; expected everything inside one <platform>"},
                    Bad{"twice", "<platform version=\"4.1\" $version=\"4\"/>",
                        "<platform> has the attribute \"version\" twice"},
                    Bad{"text",
                        "<platform version=\"4.1\"><$zone id=\"z\" routing=\"Full\">hello</zone></platform>",
                        "text inside <zone>; expected elements only"}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Elements, BadPlatform,
    testing::Values(
        Bad{"not_a_platform", "<$svg/>",
            "the outermost element is <svg>; expected <platform version=\"4.1\">; name a SimGrid platform "
            "file"},
        Bad{"no_version", "<$platform/>", "<platform> has no version"},
        Bad{"bad_version", "<platform $version=\"new\"/>",
            "<platform> has version=\"new\"; expected \"4.1\""},
        Bad{"old_version", "<platform $version=\"3\"/>",
            "<platform> has version=\"3\"; expected 4 or 4.1; run simgrid_update_xml on the file",
            ErrorCode::kUnsupported},
        Bad{"future_version", "<platform $version=\"5\"/>", "<platform> has version=\"5\"; expected 4 or 4.1",
            ErrorCode::kUnsupported},
        Bad{"nothing_inside", "<$platform version=\"4.1\"/>",
            "a platform without hosts; expected at least one <host> or <cluster>"},
        Bad{"two_zones",
            platform_file("\n<zone id=\"y\" routing=\"None\"/>\n<$zone id=\"z\" routing=\"None\"/>"),
            "a second outermost <zone>; expected one zone around all others"},
        in_zone("unknown_element", "<$hst id=\"c\"/>",
                "unknown element <hst> in <zone>; expected one of prop, zone, cluster, zoneRoute, "
                "bypassZoneRoute, "
                "host, router, link, route, bypassRoute, host_link, cabinet, backbone; did you mean <host>?"),
        in_zone("misplaced_element", "<host id=\"c\" speed=\"1Gf\"><$link id=\"l\" bandwidth=\"1\"/></host>",
                "<link> cannot stand in <host>; expected one of prop, disk"),
        in_zone("inside_an_empty_element", "<router id=\"r\"><$prop id=\"a\" value=\"b\"/></router>",
                "<prop> cannot stand in <router>; expected nothing inside <router>"),
        in_zone("unknown_attribute", "<link id=\"l\" $bandwith=\"1Gbps\"/>",
                "<link> has an unknown attribute bandwith; expected one of id, bandwidth, latency, "
                "sharing_policy, "
                "bandwidth_file, latency_file, state_file; did you mean bandwidth?"),
        in_zone("missing_id", "<$host speed=\"1Gf\"/>", "<host> has no id"),
        in_zone("empty_id", "<host $id=\"\" speed=\"1Gf\"/>", "<host> has id=\"\"; expected a name"),
        in_zone("include", "<$include file=\"x\"/>",
                "<include> is not supported; SimGrid removed it in 3.18: put everything into one file",
                ErrorCode::kUnsupported),
        in_zone("peer", "<$peer id=\"p\"/>",
                "<peer> is not supported; it needs Vivaldi coordinates: write <host>, <link> and <route>",
                ErrorCode::kUnsupported),
        in_zone("trace", "<$trace id=\"t\" periodicity=\"1\">0 1</trace>",
                "<trace> is not supported; " + kConstant, ErrorCode::kUnsupported),
        in_zone("trace_connect", "<$trace_connect trace=\"t\" element=\"a\"/>",
                "<trace_connect> is not supported; " + kConstant, ErrorCode::kUnsupported),
        in_zone("storage", "<$storage id=\"s\"/>",
                "<storage> is not supported; SimGrid removed it in 3.27: Kerf needs no storage",
                ErrorCode::kUnsupported),
        in_zone("bandwidth_file", "<link id=\"l\" bandwidth=\"1Gbps\" $bandwidth_file=\"l.bw\"/>",
                "<link> has a bandwidth_file, a trace of changes over time; " + kConstant,
                ErrorCode::kUnsupported),
        in_zone("state_file", "<host id=\"c\" speed=\"1Gf\" $state_file=\"c.st\"/>",
                "<host> has a state_file, a trace of changes over time; " + kConstant,
                ErrorCode::kUnsupported),
        Bad{"actor", platform_file("\n<$actor host=\"a\" function=\"f\"/>"),
            "<actor> is not supported; a platform file holds no actors: a scenario says what runs where",
            ErrorCode::kUnsupported}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, BadPlatform,
    testing::Values(
        in_zone("no_bandwidth", "<$link id=\"l\"/>", "<link> has no bandwidth"),
        in_zone("zero_bandwidth", "<link id=\"l\" $bandwidth=\"0\"/>",
                "<link id=\"l\"> has bandwidth=\"0\"; expected a bandwidth above 0 such as \"20Mbps\" or "
                "\"125MBps\""),
        in_zone(
            "negative_bandwidth", "<link id=\"l\" $bandwidth=\"-1Mbps\"/>",
            "<link id=\"l\"> has bandwidth=\"-1Mbps\"; expected a bandwidth above 0 such as \"20Mbps\" or "
            "\"125MBps\""),
        in_zone("bandwidth_nan", "<link id=\"l\" $bandwidth=\"nan\"/>",
                "<link id=\"l\"> has bandwidth=\"nan\"; expected a bandwidth above 0 such as \"20Mbps\" or "
                "\"125MBps\""),
        in_zone("bandwidths", "<link id=\"l\" $bandwidth=\"1Mbps,2Mbps\"/>",
                "<link id=\"l\"> has bandwidth=\"1Mbps,2Mbps\"; expected one bandwidth: only WIFI links take "
                "several"),
        in_zone("bandwidth_without_unit_of_rate", "<link id=\"l\" $bandwidth=\"20MB\"/>",
                "<link id=\"l\"> has bandwidth=\"20MB\"; expected a bandwidth above 0 such as \"20Mbps\" or "
                "\"125MBps\""),
        in_zone("negative_latency", "<link id=\"l\" bandwidth=\"1Mbps\" $latency=\"-1ms\"/>",
                "<link id=\"l\"> has latency=\"-1ms\"; expected a time of 0 or more such as \"10ms\" or "
                "\"50us\""),
        in_zone(
            "latency_inf", "<link id=\"l\" bandwidth=\"1Mbps\" $latency=\"inf\"/>",
            "<link id=\"l\"> has latency=\"inf\"; expected a time of 0 or more such as \"10ms\" or \"50us\""),
        in_zone(
            "zero_speed", "<host id=\"c\" $speed=\"0Gf\"/>",
            "<host id=\"c\"> has speed=\"0Gf\"; expected a speed above 0 such as \"1Gf\", or a list of them"),
        in_zone("no_cores", "<host id=\"c\" speed=\"1Gf\" $core=\"0\"/>",
                "<host id=\"c\"> has core=\"0\"; expected a whole number from 1"),
        in_zone("pstate", "<host id=\"c\" speed=\"2Gf,1Gf\" $pstate=\"2\"/>",
                "<host id=\"c\"> has pstate=\"2\"; expected less than 2, the number of speeds"),
        in_zone("wifi", "<link id=\"l\" bandwidth=\"54Mbps\" $sharing_policy=\"WIFI\"/>",
                "<link id=\"l\"> has sharing_policy=\"WIFI\"; expected SHARED, SPLITDUPLEX or FATPIPE; model "
                "the WiFi "
                "cell as one SHARED link with the goodput that its stations share",
                ErrorCode::kUnsupported),
        in_zone("policy", "<link id=\"l\" bandwidth=\"54Mbps\" $sharing_policy=\"SPLIT_DUPLEX\"/>",
                "<link id=\"l\"> has sharing_policy=\"SPLIT_DUPLEX\"; expected one of SHARED, SPLITDUPLEX, "
                "FULLDUPLEX, FATPIPE, WIFI; did you mean SPLITDUPLEX?"),
        Bad{"routing", platform_file("\n<zone id=\"z\" $routing=\"Dijkstar\"/>"),
            "<zone id=\"z\"> has routing=\"Dijkstar\"; expected one of Full, Floyd, Dijkstra, DijkstraCache, "
            "Cluster, "
            "None; did you mean Dijkstra?"},
        Bad{"vivaldi", platform_file("\n<zone id=\"z\" $routing=\"Vivaldi\"/>"),
            "<zone id=\"z\"> has routing=\"Vivaldi\"; expected one of Full, Floyd, Dijkstra, DijkstraCache, "
            "Cluster, "
            "None; write links and routes instead of coordinates",
            ErrorCode::kUnsupported},
        Bad{"wifi_zone", platform_file("\n<zone id=\"z\" $routing=\"Wifi\"/>"),
            "<zone id=\"z\"> has routing=\"Wifi\"; expected one of Full, Floyd, Dijkstra, DijkstraCache, "
            "Cluster, "
            "None; model the WiFi cell as one SHARED link with the goodput that its stations share",
            ErrorCode::kUnsupported}),
    [](const auto& bad) { return bad.param.name; });

std::string cluster(const std::string& attributes) {
  return platform_file(
      "\n<cluster id=\"c\" prefix=\"n\" suffix=\"\" speed=\"1Gf\" bw=\"1Gbps\" lat=\"1us\" " + attributes +
      "/>");
}

INSTANTIATE_TEST_SUITE_P(
    Clusters, BadPlatform,
    testing::Values(
        Bad{"radical_backwards", cluster("$radical=\"5-1\""),
            "<cluster id=\"c\"> has radical=\"5-1\"; expected numbers and ranges such as \"0-15\" or "
            "\"0-3,7\""},
        Bad{"radical_words", cluster("$radical=\"all\""),
            "<cluster id=\"c\"> has radical=\"all\"; expected numbers and ranges such as \"0-15\" or "
            "\"0-3,7\""},
        Bad{"radical_twice",
            platform_file("\n<cluster $id=\"c\" prefix=\"n\" suffix=\"\" speed=\"1Gf\" bw=\"1Gbps\" "
                          "lat=\"1us\" radical=\"1-2,2\"/>"),
            "a second \"n2\"; expected another name for each host, router and zone; the first is host \"n2\" "
            "in line "
            "4, column 10"},
        Bad{"too_many", cluster("$radical=\"0-2000000000\""),
            "<cluster id=\"c\"> has radical=\"0-2000000000\"; expected at most 1000000 hosts",
            ErrorCode::kLimit},
        Bad{"torus", cluster("radical=\"0-3\" $topology=\"TORUS\""),
            "<cluster id=\"c\"> has topology=\"TORUS\"; expected FLAT; write its hosts, links and routes in "
            "a <zone>",
            ErrorCode::kUnsupported},
        Bad{"backbone_of_zero", cluster("radical=\"0-3\" $bb_bw=\"0\""),
            "<cluster id=\"c\"> has bb_bw=\"0\"; expected a bandwidth above 0 such as \"20Mbps\" or "
            "\"125MBps\""},
        Bad{"backbone_without_bandwidth",
            platform_file(
                "\n<$cluster id=\"c\" prefix=\"n\" suffix=\"\" speed=\"1Gf\" bw=\"1Gbps\" lat=\"1us\" "
                "radical=\"0-3\" bb_lat=\"1ms\"/>"),
            "<cluster id=\"c\"> has no bb_bw; expected a bandwidth above 0 such as \"20Mbps\" or "
            "\"125MBps\""},
        in_zone("backbone_outside", "<$backbone id=\"bb\" bandwidth=\"1Gbps\" latency=\"0\"/>",
                "<backbone> in zone \"z\"; expected a zone with routing=\"Cluster\" around it"),
        in_zone("host_link_outside", "<$host_link id=\"a\" up=\"lan\" down=\"lan\"/>",
                "<host_link> in zone \"z\"; expected a zone with routing=\"Cluster\" around it"),
        in_zone(
            "cabinet_outside",
            "<$cabinet id=\"k\" prefix=\"k\" suffix=\"\" radical=\"1\" speed=\"1f\" bw=\"1Bps\" lat=\"0\"/>",
            "<cabinet> in zone \"z\"; expected a zone with routing=\"Cluster\" around it"),
        in_zone(
            "two_backbones",
            "<backbone id=\"b1\" bandwidth=\"1Gbps\" latency=\"0\"/><$backbone id=\"b2\" bandwidth=\"1Gbps\" "
            "latency=\"0\"/>",
            "a second <backbone>; expected one in a zone", ErrorCode::kBadInput, "Cluster"),
        in_zone("host_link_of_nothing", "<host_link $id=\"aa\" up=\"lan\" down=\"lan\"/>",
                "unknown host, router or zone \"aa\"; did you mean \"a\"?", ErrorCode::kBadInput, "Cluster"),
        in_zone("host_link_of_a_router", "<router id=\"r\"/><host_link $id=\"r\" up=\"lan\" down=\"lan\"/>",
                "<host_link> has id=\"r\"; expected a host of zone \"z\"", ErrorCode::kBadInput, "Cluster"),
        in_zone("host_link_twice",
                "<host_link id=\"a\" up=\"lan\" down=\"lan\"/><host_link $id=\"a\" up=\"lan\" down=\"lan\"/>",
                "<host_link> has id=\"a\"; expected one <host_link> for each host", ErrorCode::kBadInput,
                "Cluster"),
        in_zone(
            "route_in_a_cluster", "<$route src=\"a\" dst=\"b\"><link_ctn id=\"lan\"/></route>",
            "a <route> in zone \"z\", whose routing is Cluster; write a <host_link>, or use routing=\"Full\"",
            ErrorCode::kBadInput, "Cluster"),
        Bad{"zone_in_a_cluster",
            platform_file("\n<zone id=\"z\" routing=\"Cluster\">\n<$zone id=\"y\" "
                          "routing=\"None\"/></zone>"),
            "<zone> in a zone with routing=\"Cluster\"; expected hosts and routers; use another routing for "
            "zones of "
            "zones"}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Names, BadPlatform,
    testing::Values(
        in_zone("second_host", "<host $id=\"a\" speed=\"1Gf\"/>",
                "a second \"a\"; expected another name for each host, router and zone; the first is host "
                "\"a\" in line "
                "5, column 7"),
        in_zone("router_like_a_host", "<router $id=\"b\"/>",
                "a second \"b\"; expected another name for each host, router and zone; the first is host "
                "\"b\" in line "
                "6, column 7"),
        in_zone(
            "second_link", "<link $id=\"lan\" bandwidth=\"1\"/>",
            "a second link \"lan\"; expected another name for each link; the first is in line 7, column 7"),
        in_zone(
            "link_like_a_direction",
            "<link id=\"l\" bandwidth=\"1\" sharing_policy=\"SPLITDUPLEX\"/>\n<link $id=\"l_UP\" "
            "bandwidth=\"1\"/>",
            "a second link \"l_UP\"; expected another name for each link; the first is in line 8, column 7"),
        in_zone("shared_like_split",
                "<link id=\"l\" bandwidth=\"1\" sharing_policy=\"SPLITDUPLEX\"/>\n<link $id=\"l\" "
                "bandwidth=\"1\"/>",
                "a second link \"l\"; expected another name for each link"),
        Bad{"zone_in_itself",
            platform_file("\n<zone id=\"z\" routing=\"Full\"><zone $id=\"z\" routing=\"None\"/></zone>"),
            "zone \"z\" contains itself"},
        Bad{"hosts_beside_zones",
            platform_file(
                "\n<zone id=\"z\" routing=\"Full\"><zone id=\"y\" routing=\"None\"/><$host id=\"a\" "
                "speed=\"1Gf\"/></zone>"),
            "<zone> and <host> in one zone; expected either zones or hosts and routers; put the hosts and "
            "routers "
            "into a zone of their own"}),
    [](const auto& bad) { return bad.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Routes, BadPlatform,
    testing::Values(
        in_zone("unknown_source", "<route $src=\"aa\" dst=\"b\"><link_ctn id=\"lan\"/></route>",
                "unknown host, router or zone \"aa\"; did you mean \"a\"?"),
        in_zone("unknown_link", "<route src=\"a\" dst=\"b\"><link_ctn $id=\"lam\"/></route>",
                "unknown link \"lam\"; did you mean \"lan\"?"),
        in_zone("unlike_anything", "<route src=\"a\" dst=\"b\"><link_ctn $id=\"submarine\"/></route>",
                "unknown link \"submarine\""),
        in_zone("no_links", "<$route src=\"a\" dst=\"b\"/>",
                "a <route> without links; expected at least one <link_ctn>"),
        in_zone("direction_missing",
                "<link id=\"l\" bandwidth=\"1\" sharing_policy=\"SPLITDUPLEX\"/><route src=\"a\" "
                "dst=\"b\"><link_ctn "
                "$id=\"l\"/></route>",
                "link \"l\" is SPLITDUPLEX but no direction is given; add direction=\"UP\" or "
                "direction=\"DOWN\"; in a "
                "<host_link> name \"l_UP\" or \"l_DOWN\""),
        in_zone(
            "direction_too_many",
            "<route src=\"a\" dst=\"b\"><link_ctn $id=\"lan\" direction=\"UP\"/></route>",
            "link \"lan\" is not SPLITDUPLEX but a direction is given; leave direction out, or make the link "
            "sharing_policy=\"SPLITDUPLEX\""),
        in_zone(
            "direction_unknown",
            "<route src=\"a\" dst=\"b\"><link_ctn id=\"lan\" $direction=\"up\"/></route>",
            "<link_ctn id=\"lan\"> has direction=\"up\"; expected one of NONE, UP, DOWN; did you mean UP?"),
        in_zone("symmetrical",
                "<route src=\"a\" dst=\"b\" $symmetrical=\"true\"><link_ctn id=\"lan\"/></route>",
                "<route> has symmetrical=\"true\"; expected one of YES, NO, yes, no"),
        in_zone(
            "twice",
            "<route src=\"a\" dst=\"b\" symmetrical=\"NO\"><link_ctn id=\"lan\"/></route>\n<$route src=\"a\" "
            "dst=\"b\" symmetrical=\"NO\"><link_ctn id=\"lan\"/></route>",
            "a second <route> from \"a\" to \"b\"; the first is in line 8, column 2; " + kBothWays),
        in_zone("the_reverse_twice",
                "<route src=\"a\" dst=\"b\"><link_ctn id=\"lan\"/></route>\n<$route src=\"b\" dst=\"a\" "
                "symmetrical=\"NO\"><link_ctn id=\"lan\"/></route>",
                "a second <route> from \"b\" to \"a\"; the first is in line 8, column 2; " + kBothWays),
        in_zone(
            "bypass_twice",
            "<bypassRoute src=\"a\" dst=\"b\"><link_ctn id=\"lan\"/></bypassRoute>\n<$bypassRoute src=\"a\" "
            "dst=\"b\"><link_ctn id=\"lan\"/></bypassRoute>",
            "a second <bypassRoute> from \"a\" to \"b\"; the first is in line 8, column 2"),
        in_zone("in_none", "<$route src=\"a\" dst=\"b\"><link_ctn id=\"lan\"/></route>",
                "a <route> in zone \"z\", whose routing is None; use routing=\"Full\"", ErrorCode::kBadInput,
                "None"),
        in_world("route_between_zones", "<route $src=\"x\" dst=\"y\"><link_ctn id=\"lan\"/></route>",
                 "<route> has src=\"x\"; expected a host or router; write a <zoneRoute> to lead from zone to "
                 "zone"),
        in_world(
            "route_of_an_inner_host", "<route $src=\"a\" dst=\"c\"><link_ctn id=\"lan\"/></route>",
            "<route> has src=\"a\"; expected a host or router of zone \"w\"; host \"a\" is in zone \"x1\""),
        in_world(
            "zone_route_of_hosts",
            "<zoneRoute $src=\"a\" dst=\"y\" gw_src=\"a\" gw_dst=\"c\"><link_ctn id=\"lan\"/></zoneRoute>",
            "<zoneRoute> has src=\"a\"; expected a zone; write a <route> to lead from host to host"),
        in_world(
            "zone_route_of_an_inner_zone",
            "<zoneRoute $src=\"x1\" dst=\"y\" gw_src=\"a\" gw_dst=\"c\"><link_ctn id=\"lan\"/></zoneRoute>",
            "<zoneRoute> has src=\"x1\"; expected a zone directly in zone \"w\"; zone \"x1\" is in zone "
            "\"x\""),
        in_world(
            "zone_route_of_the_zone_itself",
            "<zoneRoute src=\"x\" $dst=\"w\" gw_src=\"a\" gw_dst=\"c\"><link_ctn id=\"lan\"/></zoneRoute>",
            "<zoneRoute> has dst=\"w\"; expected a zone in zone \"w\""),
        in_world(
            "zone_route_to_itself",
            "<zoneRoute src=\"x\" $dst=\"x\" gw_src=\"a\" gw_dst=\"b\"><link_ctn id=\"lan\"/></zoneRoute>",
            "<zoneRoute> has dst=\"x\"; expected another zone than src"),
        in_world(
            "gateway_elsewhere",
            "<zoneRoute src=\"x\" dst=\"y\" $gw_src=\"c\" gw_dst=\"c\"><link_ctn id=\"lan\"/></zoneRoute>",
            "<zoneRoute> has gw_src=\"c\"; expected a host or router in zone \"x\""),
        in_world(
            "gateway_is_a_zone",
            "<zoneRoute src=\"x\" dst=\"y\" $gw_src=\"x1\" gw_dst=\"c\"><link_ctn id=\"lan\"/></zoneRoute>",
            "<zoneRoute> has gw_src=\"x1\"; expected a host or router in zone \"x\""),
        in_world("no_gateway",
                 "<$zoneRoute src=\"x\" dst=\"y\" gw_src=\"a\"><link_ctn id=\"lan\"/></zoneRoute>",
                 "<zoneRoute> has no gw_dst"),
        in_world(
            "zone_route_twice",
            "<zoneRoute src=\"x\" dst=\"y\" gw_src=\"a\" gw_dst=\"c\"><link_ctn id=\"lan\"/></zoneRoute>\n"
            "<$zoneRoute src=\"y\" dst=\"x\" gw_src=\"c\" gw_dst=\"b\"><link_ctn id=\"lan\"/></zoneRoute>",
            "a second <zoneRoute> from \"y\" to \"x\"; the first is in line 11, column 2; " + kBothWays),
        in_world("bypass_gateway_elsewhere",
                 "<bypassZoneRoute src=\"x1\" dst=\"y\" $gw_src=\"b\" gw_dst=\"c\"><link_ctn "
                 "id=\"lan\"/></bypassZoneRoute>",
                 "<bypassZoneRoute> has gw_src=\"b\"; expected a host or router in zone \"x1\""),
        in_world("bypass_too_far_out",
                 "<bypassZoneRoute src=\"x1\" $dst=\"x2\" gw_src=\"a\" gw_dst=\"b\"><link_ctn "
                 "id=\"lan\"/></bypassZoneRoute>",
                 "<bypassZoneRoute> has dst=\"x2\"; expected a zone outside \"x\", where src is; write the "
                 "bypass in "
                 "the innermost zone around both")),
    [](const auto& bad) { return bad.param.name; });

TEST(BadPlatformPlace, CountsCharactersNotBytes) {
  ErrorCode code = ErrorCode::kBug;
  EXPECT_EQ(refusal("<platform version=\"4.1\">\n<!-- é --> <hots/></platform>", code),
            "p.xml:2:13: unknown element <hots> in <platform>; expected one of config, zone, cluster");
}

TEST(BadPlatformDepth, IsLimited) {
  std::string text = "<platform version=\"4.1\">";
  for (int i = 0; i < 100000; ++i) text += "<zone id=\"z" + std::to_string(i) + "\" routing=\"Full\">";
  for (int i = 0; i < 100000; ++i) text += "</zone>";
  ErrorCode code = ErrorCode::kBug;
  EXPECT_NE(refusal(text + "</platform>", code).find("elements are nested more than 200 deep"),
            std::string::npos);
  EXPECT_EQ(code, ErrorCode::kLimit);
}

// Whatever a damaged file holds, it is read or refused with an Error.
TEST(DamagedPlatform, NeverCrashes) {
  std::mt19937 random(11);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random()) % bound; };
  for (const SamplePlatform& sample : sample_platforms()) {
    for (int round = 0; round < 300; ++round) {
      std::string text = sample.text;
      for (std::size_t damage = 1 + below(3); damage > 0 && !text.empty(); --damage) {
        const std::size_t at = below(text.size());
        switch (below(4)) {
          case 0:
            text[at] = static_cast<char>(below(256));
            break;
          case 1:
            text.erase(at, 1 + below(20));
            break;
          case 2:
            text.insert(at, text.substr(below(text.size()), below(40)));
            break;
          default:
            text.resize(at + 1);
        }
      }
      try {
        const Platform platform = parse_platform(text, "damaged.xml");
        const auto hosts = static_cast<HostId>(std::min<std::size_t>(platform.hosts().size(), 50));
        for (HostId a = 0; a < hosts; ++a) {
          for (HostId b = 0; b < hosts; ++b) static_cast<void>(platform.has_route(a, b));
        }
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::kBug);
      }
    }
  }
}

}  // namespace
}  // namespace kerf::test
