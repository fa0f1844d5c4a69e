#pragma once
// What a platform file declares, names looked up, before any route is composed: a tree of zones whose leaves
// hold hosts and routers, links, and per zone the routes between its members. Plain data, for platforms/
// only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platforms/platform.hpp"
#include "platforms/xml.hpp"

namespace kerf::platforms {

using PointId = std::int32_t;  // of a host, a router or a zone: whatever a route can lead to
using ZoneId = std::int32_t;

enum class PointKind { kHost, kRouter, kZone };

struct Point {
  std::string name;
  PointKind kind = PointKind::kHost;
  ZoneId zone = -1;     // where it is declared; -1 for the outermost zone
  int rank = 0;         // among that zone's members
  ZoneId as_zone = -1;  // the zone that it is, for kZone
  Place place;
};

// A route as declared, or its reverse. Between zones it leads from one zone's gateway to the other's.
struct DeclaredRoute {
  PointId from = -1, to = -1;
  PointId gateway_from = -1, gateway_to = -1;  // -1 between hosts and routers
  std::vector<LinkId> links;
  Place place;
};

// Routes in the order of their declaration, which decides between shortest paths of equal length.
class RouteTable {
 public:
  [[nodiscard]] const DeclaredRoute* find(PointId from, PointId to) const {
    const auto found = index_.find(key(from, to));
    return found == index_.end() ? nullptr : &routes_[found->second];
  }
  // False, and nothing changed, where there is one already.
  bool add(DeclaredRoute route) {
    if (!index_.emplace(key(route.from, route.to), routes_.size()).second) return false;
    routes_.push_back(std::move(route));
    return true;
  }
  [[nodiscard]] const std::vector<DeclaredRoute>& all() const { return routes_; }

 private:
  static std::uint64_t key(PointId from, PointId to) {
    return static_cast<std::uint64_t>(from) << 32 |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(to));
  }

  std::vector<DeclaredRoute> routes_;
  std::unordered_map<std::uint64_t, std::size_t> index_;
};

enum class Routing { kNone, kFull, kFloyd, kDijkstra, kStar };

// The links between a member of a kStar zone and the zone's middle.
struct Spoke {
  std::vector<LinkId> up, down;
};

struct Zone {
  std::string name;
  Routing routing = Routing::kFull;
  ZoneId parent = -1;
  int depth = 0;
  PointId point = -1;
  std::vector<PointId> members;  // by rank
  RouteTable routes;
  RouteTable bypasses;
  std::unordered_map<PointId, Spoke> spokes;  // kStar; a member without one is at the middle
};

struct Network {
  std::vector<PlatformHost> hosts;
  std::vector<PointId> host_points;  // by HostId
  std::vector<Link> links;
  std::vector<Point> points;
  std::vector<Zone> zones;

  [[nodiscard]] const Point& point(PointId id) const { return points[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Zone& zone(ZoneId id) const { return zones[static_cast<std::size_t>(id)]; }
  [[nodiscard]] Zone& zone(ZoneId id) { return zones[static_cast<std::size_t>(id)]; }
  // Whether the point is declared in the zone or anywhere below it.
  [[nodiscard]] bool contains(ZoneId outer, PointId inner) const {
    ZoneId at = point(inner).zone;
    while (at >= 0 && at != outer) at = zone(at).parent;
    return at == outer;
  }
};

}  // namespace kerf::platforms
