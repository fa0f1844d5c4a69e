#include "platforms/routing.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace kerf::platforms {

std::optional<std::vector<LinkId>> Router::route(HostId from, HostId to) {
  Links links;
  const auto point = [&](HostId host) { return network_->host_points[static_cast<std::size_t>(host)]; };
  if (!connect(point(from), point(to), links)) return std::nullopt;
  return links;
}

// Ends: gateways lie inside the zones that they stand for, so each inner call is deeper in the tree of zones.
bool Router::connect(PointId from, PointId to, Links& links) {
  if (from == to) return true;
  // Climb to the two branches below the innermost common zone. Hosts and routers live in leaves only, so that
  // two different zones of theirs are never one inside the other.
  ZoneId from_branch = network_->point(from).zone;
  ZoneId to_branch = network_->point(to).zone;
  if (from_branch == to_branch) {
    if (const DeclaredRoute* bypass = network_->zone(from_branch).bypasses.find(from, to)) {
      links.insert(links.end(), bypass->links.begin(), bypass->links.end());
      return true;
    }
    const std::optional<Leg> inside = leg(from_branch, from, to);
    if (inside) links.insert(links.end(), inside->links.begin(), inside->links.end());
    return inside.has_value();
  }
  const auto parent = [&](ZoneId zone) { return network_->zone(zone).parent; };
  while (network_->zone(from_branch).depth > network_->zone(to_branch).depth)
    from_branch = parent(from_branch);
  while (network_->zone(to_branch).depth > network_->zone(from_branch).depth) to_branch = parent(to_branch);
  while (parent(from_branch) != parent(to_branch)) {
    from_branch = parent(from_branch);
    to_branch = parent(to_branch);
  }
  const ZoneId common = parent(from_branch);
  assert(common >= 0);

  if (const DeclaredRoute* bypass = zone_bypass(common, from, to)) {
    return through(from, {bypass->links, bypass->gateway_from, bypass->gateway_to}, to, links);
  }
  const std::optional<Leg> between =
      leg(common, network_->zone(from_branch).point, network_->zone(to_branch).point);
  return between && through(from, *between, to, links);
}

bool Router::through(PointId from, const Leg& leg, PointId to, Links& links) {
  if (!connect(from, leg.gateway_from, links)) return false;
  links.insert(links.end(), leg.links.begin(), leg.links.end());
  return connect(leg.gateway_to, to, links);
}

std::optional<Router::Leg> Router::leg(ZoneId zone, PointId from, PointId to) {
  switch (network_->zone(zone).routing) {
    case Routing::kNone:
      return std::nullopt;
    case Routing::kStar:
      return star_leg(network_->zone(zone), from, to);
    case Routing::kFloyd:
    case Routing::kDijkstra:
      return shortest_leg(zone, from, to);
    case Routing::kFull:
      break;
  }
  const DeclaredRoute* declared = network_->zone(zone).routes.find(from, to);
  if (declared == nullptr) return std::nullopt;
  return Leg{declared->links, declared->gateway_from, declared->gateway_to};
}

// Up one spoke and down the other; a link on both, such as the backbone, is crossed once.
std::optional<Router::Leg> Router::star_leg(const Zone& zone, PointId from, PointId to) const {
  Leg result;
  const auto add = [&](const Links& links) {
    for (const LinkId link : links) {
      if (std::find(result.links.begin(), result.links.end(), link) == result.links.end())
        result.links.push_back(link);
    }
  };
  if (const auto spoke = zone.spokes.find(from); spoke != zone.spokes.end()) add(spoke->second.up);
  if (const auto spoke = zone.spokes.find(to); spoke != zone.spokes.end()) add(spoke->second.down);
  return result;
}

std::optional<Router::Leg> Router::shortest_leg(ZoneId zone, PointId from, PointId to) {
  const auto hops = shortest_.try_emplace(zone, *network_, zone).first->second.path(from, to);
  if (!hops) return std::nullopt;
  Leg result;
  result.gateway_from = hops->front()->gateway_from;
  result.gateway_to = hops->back()->gateway_to;
  PointId reached = -1;  // where the hop before entered this zone
  for (const DeclaredRoute* hop : *hops) {
    if (reached >= 0 && !connect(reached, hop->gateway_from, result.links)) return std::nullopt;
    result.links.insert(result.links.end(), hop->links.begin(), hop->links.end());
    reached = hop->gateway_to;
  }
  return result;
}

// A bypass between any zones around `from` and `to` below the common one. The innermost wins: pairs are tried
// by the greater of their two heights above the ends, then by the lesser, the source's first.
const DeclaredRoute* Router::zone_bypass(ZoneId common, PointId from, PointId to) const {
  const RouteTable& bypasses = network_->zone(common).bypasses;
  if (bypasses.all().empty()) return nullptr;
  const auto branch = [&](PointId end) {
    std::vector<PointId> zones;
    for (ZoneId at = network_->point(end).zone; at != common; at = network_->zone(at).parent) {
      zones.push_back(network_->zone(at).point);
    }
    return zones;
  };
  const std::vector<PointId> above_from = branch(from);
  const std::vector<PointId> above_to = branch(to);
  const auto find = [&](std::size_t i, std::size_t j) -> const DeclaredRoute* {
    return i < above_from.size() && j < above_to.size() ? bypasses.find(above_from[i], above_to[j]) : nullptr;
  };
  for (std::size_t greater = 0; greater < std::max(above_from.size(), above_to.size()); ++greater) {
    for (std::size_t lesser = 0; lesser < greater; ++lesser) {
      if (const DeclaredRoute* bypass = find(lesser, greater)) return bypass;
      if (const DeclaredRoute* bypass = find(greater, lesser)) return bypass;
    }
    if (const DeclaredRoute* bypass = find(greater, greater)) return bypass;
  }
  return nullptr;
}

}  // namespace kerf::platforms
