#pragma once
// Fills a Network and keeps its names: every host, router, zone and link is added once and found by name.
// Errors stand at the place given and name the nearest known name, or where the first of two equal names is.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/network.hpp"

namespace kerf::platforms {

enum class Sharing { kShared, kSplitDuplex, kFatpipe };

struct LinkTerms {
  BytesPerSecond bandwidth;
  Seconds latency;
  Sharing sharing = Sharing::kShared;
};

// One way over a link and the opposite way: two links where it is split, otherwise the same.
struct TwoWay {
  LinkId there = -1, back = -1;
};

class NetworkBuilder {
 public:
  explicit NetworkBuilder(const std::string& file) : file_(file) {}

  ZoneId add_zone(ZoneId parent, const std::string& name, Routing routing,
                  Place place);  // parent -1: the outermost
  PointId add_host(ZoneId zone, PlatformHost host, Place place);
  PointId add_router(ZoneId zone, const std::string& name, Place place);
  TwoWay add_link(const std::string& name, const LinkTerms& terms, Place place);  // there is up

  [[nodiscard]] PointId find_point(std::string_view name, Place place) const;
  // A link as a route names it: `direction` must be given for a split-duplex link and for no other.
  [[nodiscard]] TwoWay find_link(std::string_view name, Direction direction, Place place) const;

  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] std::string describe(PointId id) const;  // host "edge"
  [[noreturn]] void refuse(Place place, std::string found, std::string expected = {},
                           std::string hint = {}) const;

 private:
  PointId add_point(ZoneId zone, PointKind kind, const std::string& name, Place place);
  LinkId add_one_link(Link link, Place place);

  const std::string& file_;
  Network network_;
  std::map<std::string, PointId, std::less<>> points_;
  std::map<std::string, LinkId, std::less<>> links_;   // by full name
  std::map<std::string, TwoWay, std::less<>> duplex_;  // by base name
  std::vector<Place> link_places_;
};

}  // namespace kerf::platforms
