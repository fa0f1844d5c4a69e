#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "platforms/cluster.hpp"
#include "platforms/fields.hpp"
#include "platforms/network_builder.hpp"
#include "platforms/platform.hpp"
#include "platforms/route_reader.hpp"
#include "platforms/routing.hpp"
#include "platforms/schema.hpp"
#include "platforms/xml.hpp"

namespace kerf {
namespace platforms {
namespace {

// Reads in two passes, so that a route may name what is declared after it: first all hosts, routers, zones
// and links, then what refers to them.
class PlatformReader {
 public:
  explicit PlatformReader(const std::string& file) : file_(file), builder_(file) {}

  Network read(const Element& platform) {
    check(platform, file_);
    read_version(Fields(platform, file_));
    const Element* outermost = nullptr;
    for (const Element& child : platform.children) {
      if (present_name(child.name) == "config") continue;
      if (outermost != nullptr) {
        builder_.refuse(child.place, fmt::format("a second outermost <{}>", child.name),
                        "one zone around all others");
      }
      outermost = &child;
      read_declarations(-1, child);
    }
    if (builder_.network().hosts.empty()) {
      builder_.refuse(platform.place, "a platform without hosts", "at least one <host> or <cluster>");
    }
    for (const ReadZone& zone : zones_) read_references(zone);
    return std::move(builder_.network());
  }

 private:
  struct ReadZone {
    ZoneId id;
    const Element* element;
    std::optional<LinkId> backbone;
  };

  void read_version(const Fields& platform) {
    const std::optional<double> version = parse_number(platform.text("version"));
    if (!version) platform.refuse("version", "\"4.1\"");
    const long hundredths = std::lround(std::clamp(*version, 0.0, 1e6) * 100);
    if (hundredths < 400) {
      platform.refuse("version", "4 or 4.1", "run simgrid_update_xml on the file", ErrorCode::kUnsupported);
    }
    if (hundredths > 410) platform.refuse("version", "4 or 4.1", "", ErrorCode::kUnsupported);
  }

  void read_declarations(ZoneId parent, const Element& element) {
    const Fields fields(element, file_);
    if (element.name == "cluster") {
      add_cluster(fields, parent, builder_);
      return;
    }
    const Routing routing = read_routing(fields);
    const ZoneId zone = builder_.add_zone(parent, fields.name("id"), routing, fields.place("id"));
    const std::optional<LinkId> backbone = read_backbone(zone, element);
    zones_.push_back({zone, &element, backbone});
    const Element* inner = nullptr;  // the first of each kind
    const Element* leaf = nullptr;
    for (const Element& child : element.children) {
      const std::string_view kind = present_name(child.name);
      if (kind == "zone" || kind == "cluster") {
        inner = inner == nullptr ? &child : inner;
      } else if (kind == "host" || kind == "router" || kind == "cabinet") {
        leaf = leaf == nullptr ? &child : leaf;
      }
      if (inner != nullptr && leaf != nullptr) {
        builder_.refuse(child.place, fmt::format("<{}> and <{}> in one zone", inner->name, leaf->name),
                        "either zones or hosts and routers",
                        "put the hosts and routers into a zone of their own");
      }
      if (inner != nullptr && routing == Routing::kStar) {
        builder_.refuse(child.place, fmt::format("<{}> in a zone with routing=\"Cluster\"", child.name),
                        "hosts and routers", "use another routing for zones of zones");
      }
      read_declaration(zone, child, kind, backbone);
    }
  }

  void read_declaration(ZoneId zone, const Element& child, std::string_view kind,
                        std::optional<LinkId> backbone) {
    const Fields fields(child, file_);
    if (kind == "zone" || kind == "cluster") {
      read_declarations(zone, child);
    } else if (kind == "host") {
      add_host(zone, fields);
    } else if (kind == "router") {
      builder_.add_router(zone, fields.name("id"), fields.place("id"));
    } else if (kind == "link") {
      const LinkTerms terms{fields.bandwidth("bandwidth"), fields.latency("latency"),
                            read_sharing(fields, Sharing::kShared)};
      builder_.add_link(fields.name("id"), terms, fields.place("id"));
    } else if (kind == "cabinet") {
      require_star(zone, child);
      add_cabinet(fields, zone, backbone, builder_);
    } else if (kind == "host_link") {
      require_star(zone, child);  // read with the references
    }
  }

  void add_host(ZoneId zone, const Fields& host) {
    const std::vector<double> speeds = host.speeds("speed");
    const auto pstate = static_cast<std::size_t>(host.integer("pstate", 0, 0));
    if (pstate >= speeds.size())
      host.refuse("pstate", fmt::format("less than {}, the number of speeds", speeds.size()));
    builder_.add_host(zone, {host.name("id"), speeds[pstate], host.integer("core", 1, 1)}, host.place("id"));
  }

  // Before the rest, as it is part of every way in the zone wherever it is written.
  std::optional<LinkId> read_backbone(ZoneId zone, const Element& element) {
    std::optional<LinkId> backbone;
    for (const Element& child : element.children) {
      if (child.name != "backbone") continue;
      require_star(zone, child);
      if (backbone) builder_.refuse(child.place, "a second <backbone>", "one in a zone");
      const Fields fields(child, file_);
      const LinkTerms terms{fields.bandwidth("bandwidth"), fields.latency("latency"), Sharing::kShared};
      backbone = builder_.add_link(fields.name("id"), terms, fields.place("id")).there;
    }
    return backbone;
  }

  void require_star(ZoneId zone, const Element& child) {
    if (builder_.network().zone(zone).routing == Routing::kStar) return;
    builder_.refuse(child.place,
                    fmt::format("<{}> in zone \"{}\"", child.name, builder_.network().zone(zone).name),
                    "a zone with routing=\"Cluster\" around it");
  }

  Routing read_routing(const Fields& zone) {
    // SimGrid takes these names in any case.
    static const std::vector<std::pair<std::string, Routing>> known{
        {"Full", Routing::kFull},         {"Floyd", Routing::kFloyd},
        {"Dijkstra", Routing::kDijkstra}, {"DijkstraCache", Routing::kDijkstra},
        {"Cluster", Routing::kStar},      {"None", Routing::kNone}};
    const auto lower = [](std::string text) {
      for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      return text;
    };
    const std::string wanted = lower(zone.text("routing"));
    std::vector<std::string> names;
    for (const auto& [name, routing] : known) {
      if (lower(name) == wanted) return routing;
      names.push_back(name);
    }
    const std::string expected = fmt::format("one of {}", fmt::join(names, ", "));
    if (wanted == "vivaldi") {
      zone.refuse("routing", expected, "write links and routes instead of coordinates",
                  ErrorCode::kUnsupported);
    }
    if (wanted == "wifi") {
      zone.refuse("routing", expected,
                  "model the WiFi cell as one SHARED link with the goodput that its stations share",
                  ErrorCode::kUnsupported);
    }
    const std::string best = nearest(zone.text("routing"), names);
    zone.refuse("routing", expected, best.empty() ? "" : fmt::format("did you mean {}?", best));
  }

  void read_references(const ReadZone& zone) {
    for (const Element& child : zone.element->children) {
      const std::string_view kind = present_name(child.name);
      const Fields fields(child, file_);
      if (kind == "host_link") {
        add_host_link(fields, zone.id, zone.backbone, builder_);
      } else if (kind == "route") {
        add_route(fields, zone.id, builder_);
      } else if (kind == "zoneRoute") {
        add_zone_route(fields, zone.id, builder_);
      } else if (kind == "bypassRoute") {
        add_bypass_route(fields, zone.id, builder_);
      } else if (kind == "bypassZoneRoute") {
        add_bypass_zone_route(fields, zone.id, builder_);
      }
    }
  }

  const std::string& file_;
  NetworkBuilder builder_;
  std::vector<ReadZone> zones_;  // in the file's order
};

}  // namespace
}  // namespace platforms

Platform parse_platform(std::string_view text, const std::string& named) {
  const platforms::Element tree = platforms::parse_xml(text, named);
  platforms::Network network = platforms::PlatformReader(named).read(tree);
  std::vector<PlatformHost> hosts = std::move(network.hosts);
  std::vector<Link> links = std::move(network.links);
  const auto router =
      std::make_shared<platforms::Router>(std::make_shared<const platforms::Network>(std::move(network)));
  return Platform(named, hex(xxh64(text)), std::move(hosts), std::move(links),
                  [router](HostId from, HostId to) { return router->route(from, to); });
}

Platform read_platform(const std::filesystem::path& file) {
  return parse_platform(read_file(file), file.string());
}

}  // namespace kerf
