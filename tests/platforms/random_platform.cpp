#include "tests/platforms/random_platform.hpp"

#include <fmt/format.h>

#include <random>
#include <set>
#include <vector>

namespace kerf::test {
namespace {

class Writer {
 public:
  explicit Writer(std::uint64_t seed) : random_(seed) {}

  std::string platform() {
    const Written root = zone(0, 1 + below(3));
    return "<?xml version=\"1.0\"?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
           "<platform version=\"4.1\">\n" +
           root.xml + "</platform>\n";
  }

 private:
  using Names = std::vector<std::string>;
  struct Written {
    std::string id, xml;
    Names gateways;
    Names inner;           // ids of this zone and of all below
    Names inner_gateways;  // one router or host in each of `inner`; "" where a bypass must not use it
  };

  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
  bool chance(int percent) { return below(100) < percent; }
  std::string fresh(const char* stem) { return fmt::format("{}{}", stem, next_++); }
  std::string routing() {
    if (dijkstra_ && chance(40)) return chance(50) ? "Dijkstra" : "DijkstraCache";
    return chance(50) ? "Full" : "Floyd";
  }
  const std::string& pick(const Names& names) {
    return names[static_cast<std::size_t>(below(static_cast<int>(names.size())))];
  }

  // A <link> and the ways in which a route may name it, as <link_ctn>s.
  std::string link(Names& uses) {
    const std::string id = fresh("l");
    const std::string bandwidth = fmt::format("{}{}", 1 + below(1000),
                                              chance(50)   ? "Mbps"
                                              : chance(50) ? "kBps"
                                                           : "MiBps");
    const std::string latency = fmt::format("{}{}", below(900), chance(50) ? "us" : "ms");
    const char* policy = "SHARED";
    if (chance(50)) {
      policy = "SPLITDUPLEX";
      for (const char* direction : {"UP", "DOWN"}) {
        uses.push_back(fmt::format("<link_ctn id=\"{}\" direction=\"{}\"/>", id, direction));
      }
      if (chance(20)) uses.push_back(fmt::format("<link_ctn id=\"{}_UP\"/>", id));
    } else {
      if (chance(30)) policy = "FATPIPE";
      uses.push_back(fmt::format("<link_ctn id=\"{}\"/>", id));
    }
    return fmt::format("<link id=\"{}\" bandwidth=\"{}\" latency=\"{}\" sharing_policy=\"{}\"/>\n", id,
                       bandwidth, latency, policy);
  }

  std::string links(Names& uses) {
    std::string xml;
    for (int i = 3 + below(5); i > 0; --i) xml += link(uses);
    return xml;
  }

  std::string crossed(const Names& uses) {
    std::string xml;
    for (int i = 1 + below(3); i > 0; --i) xml += pick(uses);
    return xml;
  }

  std::string route(const std::string& from, const std::string& to, const Names& uses, bool symmetrical) {
    return fmt::format("<route src=\"{}\" dst=\"{}\" symmetrical=\"{}\">{}</route>\n", from, to,
                       symmetrical ? "YES" : "NO", crossed(uses));
  }

  std::string zone_route(const Written& from, const Written& to, const Names& uses, bool symmetrical,
                         bool one_gateway) {
    return fmt::format(
        "<zoneRoute src=\"{}\" dst=\"{}\" gw_src=\"{}\" gw_dst=\"{}\" symmetrical=\"{}\">{}</zoneRoute>\n",
        from.id, to.id, one_gateway ? from.gateways[0] : pick(from.gateways),
        one_gateway ? to.gateways[0] : pick(to.gateways), symmetrical ? "YES" : "NO", crossed(uses));
  }

  // Calls declare(i, j, symmetrical) so that every pair is connected: all pairs, or a tree and some more.
  template <class Declare>
  void connect(int count, bool all_pairs, const Declare& declare) {
    std::vector<std::vector<bool>> done(static_cast<std::size_t>(count),
                                        std::vector<bool>(static_cast<std::size_t>(count)));
    const auto mark = [&](int i, int j) -> std::vector<bool>::reference {
      return done[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    };
    const auto both = [&](int i, int j) {
      if (chance(70)) {
        declare(i, j, true);
      } else {
        declare(i, j, false);
        declare(j, i, false);
      }
      mark(i, j) = mark(j, i) = true;
    };
    for (int i = 1; i < count; ++i) {
      for (int j = all_pairs ? 0 : below(i); j < i; ++j) {
        chance(50) ? both(i, j) : both(j, i);
        if (!all_pairs) break;
      }
    }
    if (all_pairs) return;
    for (int extra = below(2 * count); extra > 0; --extra) {
      const int i = below(count);
      const int j = below(count);
      if (i == j || mark(i, j)) continue;
      declare(i, j, false);
      mark(i, j) = true;
    }
  }

  Written zone(int depth, int deepest) {
    if (depth < deepest) return inner_zone(depth, deepest);
    switch (below(6)) {
      case 0:
        return cluster();
      case 1:
        return star_zone();
      case 2:
        return single_host();
      default:
        return routed_leaf();
    }
  }

  Written single_host() {
    const std::string id = fresh("z");
    const std::string host = fresh("h");
    return {
        id,
        fmt::format("<zone id=\"{}\" routing=\"None\"><host id=\"{}\" speed=\"1Gf\"/></zone>\n", id, host),
        {host},
        {id},
        {""}};
  }

  Written cluster() {
    const std::string id = fresh("c");
    std::string extra = chance(50) ? " bb_bw=\"1GBps\" bb_lat=\"20us\"" : "";
    if (chance(30)) extra += " sharing_policy=\"SHARED\"";
    if (chance(30)) extra += " limiter_link=\"150MBps\"";
    if (chance(30)) extra += " loopback_bw=\"9GBps\" loopback_lat=\"1us\"";
    if (chance(30)) extra += " bb_sharing_policy=\"FATPIPE\"";
    std::string router = fmt::format("{}-{}_router.x", id, id);
    if (chance(30)) {
      router = fresh("r");
      extra += fmt::format(" router_id=\"{}\"", router);
    }
    std::string xml = fmt::format(
        "<cluster id=\"{}\" prefix=\"{}-\" suffix=\".x\" radical=\"0-{},{}\" speed=\"2Gf\" bw=\"{}Mbps\" "
        "lat=\"{}us\"{}/>\n",
        id, id, below(3), 5 + below(3), 1 + below(900), below(50), extra);
    return {id, xml, {router, id + "-0.x"}, {id}, {router}};
  }

  Written star_zone() {
    const std::string id = fresh("z");
    const std::string router = fresh("r");
    Names uses;
    std::string xml = fmt::format("<zone id=\"{}\" routing=\"Cluster\">\n<router id=\"{}\"/>\n", id, router);
    if (chance(50))
      xml += fmt::format("<backbone id=\"{}\" bandwidth=\"1Gbps\" latency=\"5us\"/>\n", fresh("bb"));
    for (int i = 1 + below(4); i > 0; --i) {
      const std::string host = fresh("h");
      const std::string up = fresh("l");
      xml += fmt::format("<host id=\"{}\" speed=\"1Gf\"/>\n", host);
      if (chance(20)) continue;  // at the middle itself
      xml += fmt::format(
          "<link id=\"{}\" bandwidth=\"{}MBps\" latency=\"{}us\" sharing_policy=\"SPLITDUPLEX\"/>\n", up,
          1 + below(99), below(99));
      xml += fmt::format("<host_link id=\"{}\" up=\"{}_UP\" down=\"{}_DOWN\"/>\n", host, up, up);
    }
    if (chance(50)) {
      xml += fmt::format(
          "<cabinet id=\"{}\" prefix=\"{}-\" suffix=\"\" radical=\"1-{}\" speed=\"1Gf\" bw=\"1GBps\" "
          "lat=\"3us\"/>\n",
          fresh("cab"), fresh("k"), 1 + below(3));
    }
    return {id, xml + "</zone>\n", {router}, {id}, {router}};
  }

  Written routed_leaf() {
    const std::string id = fresh("z");
    const std::string routing = this->routing();
    std::string xml = fmt::format("<zone id=\"{}\" routing=\"{}\">\n", id, routing);
    Names members;
    std::string router;
    for (int i = 2 + below(5); i > 0; --i) {
      if (chance(20) && router.empty()) {
        members.push_back(router = fresh("r"));
        xml += fmt::format("<router id=\"{}\"/>\n", router);
      } else {
        members.push_back(fresh("h"));
        xml += fmt::format("<host id=\"{}\" speed=\"{}Mf,1Mf\" core=\"{}\"/>\n", members.back(),
                           1 + below(99), 1 + below(8));
      }
    }
    Names uses;
    xml += links(uses);
    const auto member = [&](int i) { return members[static_cast<std::size_t>(i)]; };
    connect(static_cast<int>(members.size()), routing == "Full",
            [&](int i, int j, bool symmetrical) { xml += route(member(i), member(j), uses, symmetrical); });
    if (chance(30)) {
      xml += fmt::format("<bypassRoute src=\"{}\" dst=\"{}\">{}</bypassRoute>\n", members[0], members[1],
                         crossed(uses));
    }
    return {id, xml + "</zone>\n", members, {id}, {router}};
  }

  Written inner_zone(int depth, int deepest) {
    const std::string routing = this->routing();
    Written result;
    result.id = fresh("z");
    result.xml = fmt::format("<zone id=\"{}\" routing=\"{}\">\n", result.id, routing);
    std::vector<Written> children;
    for (int i = 2 + below(depth == 0 ? 3 : 2); i > 0; --i) {
      children.push_back(zone(depth + 1, chance(70) ? deepest : depth + 1));
      result.xml += children.back().xml;
    }
    Names uses;
    result.xml += links(uses);
    connect(static_cast<int>(children.size()), routing == "Full", [&](int i, int j, bool symmetrical) {
      result.xml += zone_route(children[static_cast<std::size_t>(i)], children[static_cast<std::size_t>(j)],
                               uses, symmetrical, routing.starts_with("Dijkstra"));
    });
    for (int i = below(3); i > 0; --i) result.xml += bypass(children, uses);
    result.xml += "</zone>\n";
    result.inner = {result.id};
    result.inner_gateways = {""};
    for (const Written& child : children) {
      result.gateways.insert(result.gateways.end(), child.gateways.begin(), child.gateways.end());
      result.inner.insert(result.inner.end(), child.inner.begin(), child.inner.end());
      result.inner_gateways.insert(result.inner_gateways.end(), child.inner_gateways.begin(),
                                   child.inner_gateways.end());
      if (result.inner_gateways[0].empty()) result.inner_gateways[0] = child.inner_gateways[0];
    }
    return result;
  }

  std::string bypass(const std::vector<Written>& children, const Names& uses) {
    const int from = below(static_cast<int>(children.size()));
    const int to = below(static_cast<int>(children.size()));
    const Written& a = children[static_cast<std::size_t>(from)];
    const Written& b = children[static_cast<std::size_t>(to)];
    const int i = below(static_cast<int>(a.inner.size()));
    const int j = below(static_cast<int>(b.inner.size()));
    const std::string& gateway_a = a.inner_gateways[static_cast<std::size_t>(i)];
    const std::string& gateway_b = b.inner_gateways[static_cast<std::size_t>(j)];
    const std::string& zone_a = a.inner[static_cast<std::size_t>(i)];
    const std::string& zone_b = b.inner[static_cast<std::size_t>(j)];
    if (from == to || gateway_a.empty() || gateway_b.empty()) return "";
    if (!bypassed_.insert(zone_a + ">" + zone_b).second) return "";
    return fmt::format(
        "<bypassZoneRoute src=\"{}\" dst=\"{}\" gw_src=\"{}\" gw_dst=\"{}\">{}</bypassZoneRoute>\n", zone_a,
        zone_b, gateway_a, gateway_b, crossed(uses));
  }

  std::mt19937_64 random_;
  int next_ = 0;
  bool dijkstra_ = chance(40);  // SimGrid's routes are compared in order only without it
  std::set<std::string> bypassed_;
};

}  // namespace

std::string random_platform(std::uint64_t seed) {
  return Writer(seed).platform();
}

}  // namespace kerf::test
