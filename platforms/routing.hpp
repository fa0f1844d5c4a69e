#pragma once
// Composes routes as SimGrid does: inside a zone by the zone's own routing; between zones by the route that
// their common zone declares between the two branches, completed by the ways to and from its gateways, and so
// on inwards. A declared bypass comes first. A route with a missing piece is no route. One call at a time:
// shortest paths are kept between calls.

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "platforms/network.hpp"
#include "platforms/shortest_paths.hpp"

namespace kerf::platforms {

class Router {
 public:
  explicit Router(std::shared_ptr<const Network> network) : network_(std::move(network)) {}

  [[nodiscard]] std::optional<std::vector<LinkId>> route(HostId from, HostId to);

 private:
  using Links = std::vector<LinkId>;
  // A way between two members of one zone. Between zones it starts and ends at gateways.
  struct Leg {
    Links links;
    PointId gateway_from = -1, gateway_to = -1;
  };

  // Each appends to `links`; false where a piece is missing.
  [[nodiscard]] bool connect(PointId from, PointId to, Links& links);
  [[nodiscard]] bool through(PointId from, const Leg& leg, PointId to, Links& links);
  [[nodiscard]] std::optional<Leg> leg(ZoneId zone, PointId from, PointId to);
  [[nodiscard]] std::optional<Leg> star_leg(const Zone& zone, PointId from, PointId to) const;
  [[nodiscard]] std::optional<Leg> shortest_leg(ZoneId zone, PointId from, PointId to);
  [[nodiscard]] const DeclaredRoute* zone_bypass(ZoneId common, PointId from, PointId to) const;

  std::shared_ptr<const Network> network_;
  std::unordered_map<ZoneId, ShortestPaths> shortest_;
};

}  // namespace kerf::platforms
