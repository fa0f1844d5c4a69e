#include "platforms/route_reader.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace kerf::platforms {
namespace {

class RouteReader {
 public:
  RouteReader(const Fields& fields, ZoneId zone, NetworkBuilder& builder)
      : fields_(fields), zone_(zone), builder_(builder), network_(builder.network()) {}

  // A host or router directly in this zone.
  [[nodiscard]] PointId member(std::string_view attribute) const {
    const PointId id = point(attribute);
    const Point& found = network_.point(id);
    if (found.kind == PointKind::kZone) {
      fields_.refuse(attribute, "a host or router", "write a <zoneRoute> to lead from zone to zone");
    }
    if (found.zone != zone_) outside(attribute, id, "a host or router of");
    return id;
  }

  // A zone directly in this zone.
  [[nodiscard]] PointId member_zone(std::string_view attribute) const {
    const PointId id = inner_zone(attribute);
    if (network_.point(id).zone != zone_) outside(attribute, id, "a zone directly in");
    return id;
  }

  // A zone in this zone at any depth.
  [[nodiscard]] PointId inner_zone(std::string_view attribute) const {
    const PointId id = point(attribute);
    if (network_.point(id).kind != PointKind::kZone) {
      fields_.refuse(attribute, "a zone", "write a <route> to lead from host to host");
    }
    if (!network_.contains(zone_, id)) outside(attribute, id, "a zone in");
    return id;
  }

  // A host or router anywhere in the zone `around`.
  [[nodiscard]] PointId gateway(std::string_view attribute, PointId around) const {
    const PointId id = point(attribute);
    const Point& zone = network_.point(around);
    if (network_.point(id).kind == PointKind::kZone || !network_.contains(zone.as_zone, id)) {
      fields_.refuse(attribute, fmt::format("a host or router in zone \"{}\"", zone.name));
    }
    return id;
  }

  // The zone directly in this zone in which `zone` lies, or which it is.
  [[nodiscard]] ZoneId branch(PointId zone) const {
    ZoneId at = network_.point(zone).as_zone;
    while (network_.zone(at).parent != zone_) at = network_.zone(at).parent;
    return at;
  }

  [[nodiscard]] std::vector<TwoWay> links() const {
    std::vector<TwoWay> links;
    for (const Element& child : fields_.element().children) {
      const Fields link(child, fields_.file());
      constexpr Direction kDirections[] = {Direction::kBoth, Direction::kUp, Direction::kDown};
      const Direction direction = kDirections[link.choice("direction", {"NONE", "UP", "DOWN"}, 0)];
      links.push_back(builder_.find_link(link.name("id"), direction, link.place("id")));
    }
    if (links.empty()) {
      builder_.refuse(fields_.element().place, fmt::format("a <{}> without links", fields_.element().name),
                      "at least one <link_ctn>");
    }
    return links;
  }

  // Adds the route and, unless symmetrical="NO", its reverse.
  void add(DeclaredRoute route) const {
    require_routing();
    const std::vector<TwoWay> links = this->links();
    const bool symmetrical = fields_.choice("symmetrical", {"YES", "NO", "yes", "no"}, 0) % 2 == 0;
    route.place = fields_.element().place;
    DeclaredRoute reverse{.from = route.to,
                          .to = route.from,
                          .gateway_from = route.gateway_to,
                          .gateway_to = route.gateway_from,
                          .links = {},
                          .place = route.place};
    for (const TwoWay& link : links) route.links.push_back(link.there);
    for (auto link = links.rbegin(); link != links.rend(); ++link) reverse.links.push_back(link->back);
    if (route.from == route.to) return;  // a transfer from a host to itself crosses nothing here
    RouteTable& routes = network_.zone(zone_).routes;
    add_once(routes, std::move(route));
    if (symmetrical) add_once(routes, std::move(reverse));
  }

  void add_bypass(DeclaredRoute route) const {
    for (const TwoWay& link : links()) route.links.push_back(link.there);
    route.place = fields_.element().place;
    add_once(network_.zone(zone_).bypasses, std::move(route));
  }

 private:
  [[nodiscard]] PointId point(std::string_view attribute) const {
    return builder_.find_point(fields_.name(attribute), fields_.place(attribute));
  }

  [[noreturn]] void outside(std::string_view attribute, PointId id, std::string_view expected) const {
    const ZoneId own = network_.point(id).zone;
    fields_.refuse(
        attribute, fmt::format("{} zone \"{}\"", expected, network_.zone(zone_).name),
        own < 0 ? "" : fmt::format("{} is in zone \"{}\"", builder_.describe(id), network_.zone(own).name));
  }

  void require_routing() const {
    const Zone& zone = network_.zone(zone_);
    if (zone.routing != Routing::kNone && zone.routing != Routing::kStar) return;
    const bool star = zone.routing == Routing::kStar;
    builder_.refuse(fields_.element().place,
                    fmt::format("a <{}> in zone \"{}\", whose routing is {}", fields_.element().name,
                                zone.name, star ? "Cluster" : "None"),
                    "", star ? "write a <host_link>, or use routing=\"Full\"" : "use routing=\"Full\"");
  }

  void add_once(RouteTable& table, DeclaredRoute route) const {
    if (const DeclaredRoute* first = table.find(route.from, route.to)) {
      std::string hint =
          fmt::format("the first is in line {}, column {}", first->place.line, first->place.column);
      if (&table == &network_.zone(zone_).routes) {
        hint += "; a route holds for both ways unless symmetrical=\"NO\"";
      }
      builder_.refuse(fields_.element().place,
                      fmt::format("a second <{}> from \"{}\" to \"{}\"", fields_.element().name,
                                  network_.point(route.from).name, network_.point(route.to).name),
                      "", std::move(hint));
    }
    table.add(std::move(route));
  }

  const Fields& fields_;
  ZoneId zone_;
  NetworkBuilder& builder_;
  Network& network_;
};

}  // namespace

void add_route(const Fields& route, ZoneId zone, NetworkBuilder& builder) {
  const RouteReader reader(route, zone, builder);
  reader.add({.from = reader.member("src"), .to = reader.member("dst"), .links = {}, .place = {}});
}

void add_zone_route(const Fields& route, ZoneId zone, NetworkBuilder& builder) {
  const RouteReader reader(route, zone, builder);
  const PointId from = reader.member_zone("src");
  const PointId to = reader.member_zone("dst");
  if (from == to) route.refuse("dst", "another zone than src");
  reader.add({.from = from,
              .to = to,
              .gateway_from = reader.gateway("gw_src", from),
              .gateway_to = reader.gateway("gw_dst", to),
              .links = {},
              .place = {}});
}

void add_bypass_route(const Fields& route, ZoneId zone, NetworkBuilder& builder) {
  const RouteReader reader(route, zone, builder);
  reader.add_bypass({.from = reader.member("src"), .to = reader.member("dst"), .links = {}, .place = {}});
}

void add_bypass_zone_route(const Fields& route, ZoneId zone, NetworkBuilder& builder) {
  const RouteReader reader(route, zone, builder);
  const PointId from = reader.inner_zone("src");
  const PointId to = reader.inner_zone("dst");
  const ZoneId from_branch = reader.branch(from);
  if (from_branch == reader.branch(to)) {
    route.refuse("dst",
                 fmt::format("a zone outside \"{}\", where src is", builder.network().zone(from_branch).name),
                 "write the bypass in the innermost zone around both");
  }
  reader.add_bypass({.from = from,
                     .to = to,
                     .gateway_from = reader.gateway("gw_src", from),
                     .gateway_to = reader.gateway("gw_dst", to),
                     .links = {},
                     .place = {}});
}

}  // namespace kerf::platforms
