#include "platforms/network_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf::platforms {
namespace {

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::string best = nearest(name, known);
  return best.empty() ? "" : fmt::format("did you mean \"{}\"?", best);
}

}  // namespace

PointId NetworkBuilder::add_point(ZoneId zone, PointKind kind, const std::string& name, Place place) {
  const auto id = static_cast<PointId>(network_.points.size());
  const auto [known, added] = points_.emplace(name, id);
  if (!added) {
    const Place first = network_.point(known->second).place;
    refuse(place, fmt::format("a second \"{}\"", name), "another name for each host, router and zone",
           fmt::format("the first is {} in line {}, column {}", describe(known->second), first.line,
                       first.column));
  }
  Point point{.name = name, .kind = kind, .zone = zone, .rank = 0, .as_zone = -1, .place = place};
  if (zone >= 0) {
    std::vector<PointId>& members = network_.zone(zone).members;
    point.rank = static_cast<int>(members.size());
    members.push_back(id);
  }
  network_.points.push_back(std::move(point));
  return id;
}

ZoneId NetworkBuilder::add_zone(ZoneId parent, const std::string& name, Routing routing, Place place) {
  const auto id = static_cast<ZoneId>(network_.zones.size());
  for (ZoneId around = parent; around >= 0; around = network_.zone(around).parent) {
    if (network_.zone(around).name == name) refuse(place, fmt::format("zone \"{}\" contains itself", name));
  }
  const PointId point = add_point(parent, PointKind::kZone, name, place);
  network_.points[static_cast<std::size_t>(point)].as_zone = id;
  Zone zone;
  zone.name = name;
  zone.routing = routing;
  zone.parent = parent;
  zone.depth = parent < 0 ? 0 : network_.zone(parent).depth + 1;
  zone.point = point;
  network_.zones.push_back(std::move(zone));
  return id;
}

PointId NetworkBuilder::add_host(ZoneId zone, PlatformHost host, Place place) {
  const PointId id = add_point(zone, PointKind::kHost, host.name, place);
  network_.hosts.push_back(std::move(host));
  network_.host_points.push_back(id);
  return id;
}

PointId NetworkBuilder::add_router(ZoneId zone, const std::string& name, Place place) {
  return add_point(zone, PointKind::kRouter, name, place);
}

LinkId NetworkBuilder::add_one_link(Link link, Place place) {
  const auto id = static_cast<LinkId>(network_.links.size());
  const auto [known, added] = links_.emplace(link.name, id);
  if (!added) {
    const Place first = link_places_[static_cast<std::size_t>(known->second)];
    refuse(place, fmt::format("a second link \"{}\"", link.name), "another name for each link",
           fmt::format("the first is in line {}, column {}", first.line, first.column));
  }
  network_.links.push_back(std::move(link));
  link_places_.push_back(place);
  return id;
}

TwoWay NetworkBuilder::add_link(const std::string& name, const LinkTerms& terms, Place place) {
  Link link{.name = name,
            .base_name = name,
            .direction = Direction::kBoth,
            .bandwidth = terms.bandwidth,
            .latency = terms.latency,
            .shared = terms.sharing != Sharing::kFatpipe};
  const bool split = terms.sharing == Sharing::kSplitDuplex;
  if (duplex_.contains(name) || (split && links_.contains(name))) {
    refuse(place, fmt::format("a second link \"{}\"", name), "another name for each link");
  }
  if (!split) {
    const LinkId id = add_one_link(std::move(link), place);
    return {id, id};
  }
  link.name = name + "_UP";
  link.direction = Direction::kUp;
  const LinkId up = add_one_link(link, place);
  link.name = name + "_DOWN";
  link.direction = Direction::kDown;
  const LinkId down = add_one_link(std::move(link), place);
  return duplex_.emplace(name, TwoWay{up, down}).first->second;
}

PointId NetworkBuilder::find_point(std::string_view name, Place place) const {
  if (const auto found = points_.find(name); found != points_.end()) return found->second;
  std::vector<std::string> known;
  for (const Point& point : network_.points) known.push_back(point.name);
  refuse(place, fmt::format("unknown host, router or zone \"{}\"", name), "", did_you_mean(name, known));
}

TwoWay NetworkBuilder::find_link(std::string_view name, Direction direction, Place place) const {
  const auto split = duplex_.find(name);
  const auto whole = links_.find(name);
  if (direction == Direction::kBoth && whole != links_.end()) return {whole->second, whole->second};
  if (direction != Direction::kBoth && split != duplex_.end()) {
    const auto [up, down] = split->second;
    return direction == Direction::kUp ? TwoWay{up, down} : TwoWay{down, up};
  }
  if (split != duplex_.end()) {
    refuse(place, fmt::format("link \"{}\" is SPLITDUPLEX but no direction is given", name), "",
           fmt::format(
               "add direction=\"UP\" or direction=\"DOWN\"; in a <host_link> name \"{0}_UP\" or \"{0}_DOWN\"",
               name));
  }
  if (whole != links_.end()) {
    refuse(place, fmt::format("link \"{}\" is not SPLITDUPLEX but a direction is given", name), "",
           "leave direction out, or make the link sharing_policy=\"SPLITDUPLEX\"");
  }
  std::vector<std::string> known;
  for (const Link& link : network_.links) known.push_back(link.base_name);
  refuse(place, fmt::format("unknown link \"{}\"", name), "", did_you_mean(name, known));
}

std::string NetworkBuilder::describe(PointId id) const {
  const Point& point = network_.point(id);
  const char* kind = point.kind == PointKind::kHost     ? "host"
                     : point.kind == PointKind::kRouter ? "router"
                                                        : "zone";
  return fmt::format("{} \"{}\"", kind, point.name);
}

void NetworkBuilder::refuse(Place place, std::string found, std::string expected, std::string hint) const {
  throw Error(ErrorCode::kBadInput, where(file_, place), std::move(found), std::move(expected),
              std::move(hint));
}

}  // namespace kerf::platforms
