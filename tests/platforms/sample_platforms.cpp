#include "tests/platforms/sample_platforms.hpp"

namespace kerf::test {
namespace {

// A leaf: host, router and a link between.
constexpr const char* kSite = R"(
  <zone id="site" routing="Full">
    <host id="cam" speed="1Gf"/> <host id="gate" speed="1Gf"/>
    <link id="lan" bandwidth="1Gbps" latency="1ms"/>
    <route src="cam" dst="gate"><link_ctn id="lan"/></route>
  </zone>)";

std::vector<SamplePlatform> make() {
  std::vector<SamplePlatform> all;
  const auto add = [&](const char* name, const std::string& elements) {
    all.push_back({name, platform_file(elements)});
  };

  add("full_asymmetrical", R"(
  <zone id="z" routing="Full">
    <host id="a" speed="1Gf"/> <host id="b" speed="2Gf" core="4"/> <host id="c" speed="5Gf,3Gf,1Gf" pstate="1"/>
    <link id="out" bandwidth="20Mbps" latency="10ms"/>
    <link id="in" bandwidth="80Mbps" latency="12ms"/>
    <link id="air" bandwidth="54Mbps" latency="2ms" sharing_policy="FATPIPE"/>
    <route src="a" dst="b" symmetrical="NO"><link_ctn id="out"/><link_ctn id="air"/></route>
    <route src="b" dst="a" symmetrical="no"><link_ctn id="in"/></route>
    <route src="a" dst="c"><link_ctn id="air"/><link_ctn id="in"/></route>
    <route src="c" dst="b" symmetrical="YES"><link_ctn id="out"/></route>
  </zone>)");

  add("split_duplex", R"(
  <zone id="z" routing="Full">
    <host id="a" speed="1Gf"/> <host id="b" speed="1Gf"/> <host id="c" speed="1Gf"/>
    <link id="x" bandwidth="1Gbps" latency="1ms" sharing_policy="SPLITDUPLEX"/>
    <link id="y" bandwidth="2Gbps" latency="2ms" sharing_policy="SPLITDUPLEX"/>
    <link id="old" bandwidth="3Gbps" latency="4ms" sharing_policy="FULLDUPLEX"/>
    <link id="s" bandwidth="4Gbps" latency="8ms" sharing_policy="SHARED"/>
    <route src="a" dst="b"><link_ctn id="x" direction="UP"/><link_ctn id="s" direction="NONE"/><link_ctn id="y" direction="DOWN"/></route>
    <route src="a" dst="c"><link_ctn id="x_UP"/><link_ctn id="old" direction="DOWN"/></route>
    <route src="b" dst="c" symmetrical="NO"><link_ctn id="y" direction="UP"/></route>
    <route src="c" dst="b" symmetrical="NO"><link_ctn id="y_UP"/></route>
  </zone>)");

  add("floyd", R"(
  <zone id="z" routing="Floyd">
    <host id="a" speed="1Gf"/> <host id="b" speed="1Gf"/> <host id="c" speed="1Gf"/> <host id="d" speed="1Gf"/>
    <router id="r"/>
    <link id="ab" bandwidth="1Gbps" latency="1ms"/> <link id="bc" bandwidth="1Gbps" latency="1ms"/>
    <link id="cd" bandwidth="1Gbps" latency="1ms"/> <link id="da" bandwidth="1Gbps" latency="1ms"/>
    <link id="ar" bandwidth="1Gbps" latency="1ms"/> <link id="rc" bandwidth="1Gbps" latency="1ms"/>
    <route src="a" dst="b"><link_ctn id="ab"/></route>
    <route src="b" dst="c"><link_ctn id="bc"/></route>
    <route src="c" dst="d"><link_ctn id="cd"/></route>
    <route src="d" dst="a"><link_ctn id="da"/></route>
    <route src="a" dst="r"><link_ctn id="ar"/></route>
    <route src="r" dst="c"><link_ctn id="rc"/></route>
  </zone>)");

  for (const char* kind : {"Dijkstra", "DijkstraCache"}) {
    add(kind, R"(
  <zone id="z" routing=")" +
                  std::string(kind) + R"(">
    <host id="a" speed="1Gf"/> <host id="b" speed="1Gf"/> <host id="c" speed="1Gf"/> <host id="d" speed="1Gf"/>
    <router id="r"/>
    <link id="ab" bandwidth="1Gbps" latency="1ms"/> <link id="bc" bandwidth="1Gbps" latency="1ms"/>
    <link id="cd" bandwidth="1Gbps" latency="1ms"/> <link id="da" bandwidth="1Gbps" latency="1ms"/>
    <link id="ar" bandwidth="1Gbps" latency="1ms"/> <link id="rc" bandwidth="1Gbps" latency="1ms"/>
    <route src="r" dst="c"><link_ctn id="rc"/></route>
    <route src="a" dst="r"><link_ctn id="ar"/></route>
    <route src="d" dst="a"><link_ctn id="da"/></route>
    <route src="c" dst="d"><link_ctn id="cd"/><link_ctn id="rc"/></route>
    <route src="b" dst="c"><link_ctn id="bc"/></route>
    <route src="a" dst="b"><link_ctn id="ab"/></route>
  </zone>)");
  }

  add("cluster", R"(
  <cluster id="rack" prefix="node-" suffix=".lan" radical="0-2,7" speed="4Gf,2Gf" core="8" bw="125MBps" lat="50us"/>)");

  add("cluster_with_everything", R"(
  <cluster id="rack" prefix="n" suffix="" radical="1-3" speed="4Gf" bw="125MBps" lat="50us" sharing_policy="SHARED"
           bb_bw="2.25GBps" bb_lat="500us" bb_sharing_policy="FATPIPE" limiter_link="100MBps" loopback_bw="498MBps"
           loopback_lat="15us" router_id="exit"><prop id="colour" value="red"/></cluster>)");

  add("cluster_zone", R"(
  <zone id="z" routing="Cluster">
    <host id="a" speed="1Gf"/> <host id="b" speed="1Gf"/> <host id="middle" speed="1Gf"/>
    <cabinet id="cab" prefix="k" suffix="" radical="1-2" speed="3Gf" bw="1GBps" lat="7us"/>
    <link id="a_up" bandwidth="10Mbps" latency="1ms"/> <link id="a_down" bandwidth="50Mbps" latency="2ms"/>
    <link id="b_line" bandwidth="10Mbps" latency="1ms" sharing_policy="SPLITDUPLEX"/>
    <host_link id="a" up="a_up" down="a_down"/>
    <host_link id="b" up="b_line_UP" down="b_line_DOWN"/>
    <backbone id="bb" bandwidth="1Gbps" latency="3us"/>
  </zone>)");

  add("clusters_in_a_zone", R"(
  <zone id="world" routing="Full">
    <cluster id="east" prefix="e" suffix="" radical="0-2" speed="1Gf" bw="1Gbps" lat="10us"/>
    <cluster id="west" prefix="w" suffix="" radical="0-1" speed="1Gf" bw="1Gbps" lat="10us" bb_bw="10Gbps" bb_lat="1us"/>
    <zone id="office" routing="None"><host id="desk" speed="1Gf"/></zone>
    <link id="sea" bandwidth="10Gbps" latency="80ms" sharing_policy="SPLITDUPLEX"/>
    <link id="dsl" bandwidth="10Mbps" latency="20ms"/>
    <zoneRoute src="east" dst="west" gw_src="eeast_router" gw_dst="wwest_router"><link_ctn id="sea" direction="UP"/></zoneRoute>
    <zoneRoute src="office" dst="east" gw_src="desk" gw_dst="eeast_router"><link_ctn id="dsl"/></zoneRoute>
    <zoneRoute src="office" dst="west" gw_src="desk" gw_dst="w1"><link_ctn id="dsl"/><link_ctn id="sea" direction="DOWN"/></zoneRoute>
  </zone>)");

  add("nested_zones", R"(
  <zone id="world" routing="Full">
    <zone id="country" routing="Floyd">)" +
                          std::string(kSite) + R"(
      <zone id="town" routing="Dijkstra">
        <router id="square"/> <host id="hall" speed="1Gf"/> <host id="school" speed="1Gf"/>
        <link id="street" bandwidth="100Mbps" latency="3ms"/> <link id="lane" bandwidth="50Mbps" latency="5ms"/>
        <route src="hall" dst="square"><link_ctn id="street"/></route>
        <route src="square" dst="school"><link_ctn id="lane"/></route>
      </zone>
      <link id="road" bandwidth="1Gbps" latency="4ms" sharing_policy="SPLITDUPLEX"/>
      <zoneRoute src="site" dst="town" gw_src="gate" gw_dst="square"><link_ctn id="road" direction="UP"/></zoneRoute>
    </zone>
    <zone id="abroad" routing="None"><host id="cloud" speed="100Gf"/></zone>
    <link id="cable" bandwidth="10Gbps" latency="30ms"/>
    <zoneRoute src="country" dst="abroad" gw_src="square" gw_dst="cloud"><link_ctn id="cable"/></zoneRoute>
  </zone>)");

  // The middle zone is entered and left by different gateways.
  add("floyd_of_zones", R"(
  <zone id="world" routing="Floyd">)" +
                            std::string(kSite) + R"(
    <zone id="transit" routing="Full">
      <host id="t1" speed="1Gf"/> <host id="t2" speed="1Gf"/>
      <link id="inside" bandwidth="1Gbps" latency="6ms" sharing_policy="SPLITDUPLEX"/>
      <route src="t1" dst="t2"><link_ctn id="inside" direction="UP"/></route>
    </zone>
    <zone id="far" routing="None"><host id="cloud" speed="1Gf"/></zone>
    <link id="first" bandwidth="1Gbps" latency="7ms"/> <link id="second" bandwidth="1Gbps" latency="8ms"/>
    <zoneRoute src="site" dst="transit" gw_src="gate" gw_dst="t1"><link_ctn id="first"/></zoneRoute>
    <zoneRoute src="transit" dst="far" gw_src="t2" gw_dst="cloud"><link_ctn id="second"/></zoneRoute>
  </zone>)");

  add("dijkstra_of_zones", R"(
  <zone id="world" routing="Dijkstra">)" +
                               std::string(kSite) + R"(
    <zone id="transit" routing="None"><host id="t" speed="1Gf"/></zone>
    <zone id="far" routing="None"><host id="cloud" speed="1Gf"/></zone>
    <link id="first" bandwidth="1Gbps" latency="7ms"/> <link id="second" bandwidth="1Gbps" latency="8ms"/>
    <link id="third" bandwidth="1Gbps" latency="9ms"/>
    <zoneRoute src="site" dst="transit" gw_src="gate" gw_dst="t"><link_ctn id="first"/></zoneRoute>
    <zoneRoute src="transit" dst="far" gw_src="t" gw_dst="cloud" symmetrical="NO"><link_ctn id="second"/><link_ctn id="third"/></zoneRoute>
    <zoneRoute src="far" dst="transit" gw_src="cloud" gw_dst="t" symmetrical="NO"><link_ctn id="third"/></zoneRoute>
  </zone>)");

  add("bypasses", R"(
  <zone id="world" routing="Full">)" +
                      std::string(kSite) + R"(
    <zone id="region" routing="Full">
      <zone id="left" routing="Full">
        <host id="l" speed="1Gf"/> <router id="lr"/>
        <link id="ll" bandwidth="1Gbps" latency="1ms"/> <link id="quick" bandwidth="2Gbps" latency="100us"/>
        <route src="l" dst="lr"><link_ctn id="ll"/></route>
        <bypassRoute src="l" dst="lr"><link_ctn id="quick"/></bypassRoute>
      </zone>
      <zone id="right" routing="Full">
        <host id="r" speed="1Gf"/> <router id="rr"/>
        <link id="rl" bandwidth="1Gbps" latency="2ms"/>
        <route src="r" dst="rr"><link_ctn id="rl"/></route>
      </zone>
      <link id="between" bandwidth="1Gbps" latency="4ms"/>
      <zoneRoute src="left" dst="right" gw_src="lr" gw_dst="rr"><link_ctn id="between"/></zoneRoute>
    </zone>
    <link id="trunk" bandwidth="1Gbps" latency="10ms"/>
    <link id="shortcut" bandwidth="1Gbps" latency="20ms" sharing_policy="SPLITDUPLEX"/>
    <link id="narrow" bandwidth="1Mbps" latency="1us"/>
    <zoneRoute src="site" dst="region" gw_src="gate" gw_dst="lr"><link_ctn id="trunk"/></zoneRoute>
    <bypassZoneRoute src="site" dst="right" gw_src="gate" gw_dst="rr"><link_ctn id="shortcut" direction="UP"/></bypassZoneRoute>
    <bypassZoneRoute src="region" dst="site" gw_src="rr" gw_dst="gate"><link_ctn id="narrow"/></bypassZoneRoute>
  </zone>)");

  add("old_names", R"(
  <config id="General"><prop id="network/TCP-gamma" value="0"/></config>
  <AS id="world" routing="full">
    <AS id="one" routing="none"><host id="a" speed="1000000000"/></AS>
    <AS id="two" routing="NONE"><host id="b" speed="1E9"><prop id="rank" value="2"/><disk id="d" read_bw="1MBps" write_bw="1MBps"/></host></AS>
    <AS id="three" routing="None"><host id="c" speed="1Gf"/></AS>
    <link id="l" bandwidth="125000000" latency="0.005"/>
    <link id="m" bandwidth="1Gbps" latency="0"/>
    <ASroute src="one" dst="two" gw_src="a" gw_dst="b"><link_ctn id="l"/></ASroute>
    <ASroute src="one" dst="three" gw_src="a" gw_dst="c"><link_ctn id="l"/><link_ctn id="m"/></ASroute>
    <ASroute src="two" dst="three" gw_src="b" gw_dst="c"><link_ctn id="m"/></ASroute>
  </AS>)");

  add("units", R"(
  <zone id="z" routing="Full">
    <host id="a" speed="1.5kiloflops"/> <host id="b" speed="2megaflops"/> <host id="c" speed="0.5Tf"/>
    <link id="l1" bandwidth="10kBps" latency="10ms"/> <link id="l2" bandwidth="1.5Mibps" latency="300us"/>
    <link id="l3" bandwidth="3KiBps" latency="20ns"/> <link id="l4" bandwidth="7bps" latency="1.25s"/>
    <link id="l5" bandwidth="1e3Bps" latency="1m"/> <link id="l6" bandwidth="2Gbps" latency="5ps"/>
    <link id="l7" bandwidth="0.1TBps" latency="0.5h"/>
    <route src="a" dst="b"><link_ctn id="l1"/><link_ctn id="l2"/><link_ctn id="l3"/></route>
    <route src="a" dst="c"><link_ctn id="l4"/><link_ctn id="l5"/></route>
    <route src="b" dst="c"><link_ctn id="l6"/><link_ctn id="l7"/></route>
  </zone>)");
  return all;
}

}  // namespace

std::string platform_file(const std::string& elements) {
  return "<?xml version=\"1.0\"?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
         "<platform version=\"4.1\">" +
         elements + "\n</platform>\n";
}

const std::vector<SamplePlatform>& sample_platforms() {
  static const std::vector<SamplePlatform> all = make();
  return all;
}

}  // namespace kerf::test
