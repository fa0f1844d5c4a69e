#include "platforms/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace kerf::platforms {
namespace {

Spoke with_backbone(std::vector<LinkId> up, std::vector<LinkId> down, std::optional<LinkId> backbone) {
  if (backbone) {
    up.push_back(*backbone);
    down.insert(down.begin(), *backbone);
  }
  return {std::move(up), std::move(down)};
}

std::optional<LinkId> add_backbone(const Fields& cluster, const std::string& id, NetworkBuilder& builder) {
  const Seconds latency = cluster.has("bb_lat") ? cluster.latency("bb_lat") : Seconds(0);
  if (!cluster.has("bb_bw") && latency == Seconds(0)) return std::nullopt;
  const std::size_t sharing = cluster.choice("bb_sharing_policy", {"SHARED", "FATPIPE"}, 0);
  const LinkTerms terms{cluster.bandwidth("bb_bw"), latency,
                        sharing == 0 ? Sharing::kShared : Sharing::kFatpipe};
  return builder.add_link(id + "_backbone", terms, cluster.place(cluster.has("bb_bw") ? "bb_bw" : "bb_lat"))
      .there;
}

}  // namespace

Sharing read_sharing(const Fields& fields, Sharing otherwise) {
  constexpr std::size_t kAbsent = 5;
  switch (
      fields.choice("sharing_policy", {"SHARED", "SPLITDUPLEX", "FULLDUPLEX", "FATPIPE", "WIFI"}, kAbsent)) {
    case 0:
      return Sharing::kShared;
    case 1:
    case 2:  // the old name
      return Sharing::kSplitDuplex;
    case 3:
      return Sharing::kFatpipe;
    case 4:
      fields.refuse("sharing_policy", "SHARED, SPLITDUPLEX or FATPIPE",
                    "model the WiFi cell as one SHARED link with the goodput that its stations share",
                    ErrorCode::kUnsupported);
    default:
      return otherwise;
  }
}

void add_cluster(const Fields& cluster, ZoneId parent, NetworkBuilder& builder) {
  const std::string id = cluster.name("id");
  const Place place = cluster.place("id");
  if (cluster.choice("topology", {"FLAT", "TORUS", "FAT_TREE", "DRAGONFLY"}, 0) != 0) {
    cluster.refuse("topology", "FLAT", "write its hosts, links and routes in a <zone>",
                   ErrorCode::kUnsupported);
  }
  const ZoneId zone = builder.add_zone(parent, id, Routing::kStar, place);
  const std::string prefix = cluster.text("prefix");
  const std::string suffix = cluster.text("suffix");
  const double speed = cluster.speeds("speed").front();
  const int cores = cluster.integer("core", 1, 1);
  const LinkTerms terms{cluster.bandwidth("bw"), cluster.latency("lat"),
                        read_sharing(cluster, Sharing::kSplitDuplex)};
  const std::optional<LinkId> backbone = add_backbone(cluster, id, builder);
  std::optional<LinkTerms> limiter;
  if (cluster.has("limiter_link"))
    limiter = {cluster.bandwidth("limiter_link"), Seconds(0), Sharing::kShared};

  for (const int number : cluster.radical("radical")) {
    const PointId host =
        builder.add_host(zone, {fmt::format("{}{}{}", prefix, number, suffix), speed, cores}, place);
    const std::string link_name = fmt::format("{}_link_{}", id, number);
    std::vector<LinkId> up;
    std::vector<LinkId> down;
    if (limiter) up.push_back(builder.add_link(link_name + "_limiter", *limiter, place).there);
    down = up;
    const TwoWay link = builder.add_link(link_name, terms, place);
    up.push_back(link.there);
    down.insert(down.begin(), link.back);
    builder.network().zone(zone).spokes[host] = with_backbone(std::move(up), std::move(down), backbone);
  }
  const std::string router =
      cluster.has("router_id") ? cluster.text("router_id") : prefix + id + "_router" + suffix;
  builder.add_router(zone, router, place);
}

void add_cabinet(const Fields& cabinet, ZoneId zone, std::optional<LinkId> backbone,
                 NetworkBuilder& builder) {
  const Place place = cabinet.place("id");
  const double speed = cabinet.speeds("speed").front();
  const LinkTerms terms{cabinet.bandwidth("bw"), cabinet.latency("lat"), Sharing::kSplitDuplex};
  for (const int number : cabinet.radical("radical")) {
    const std::string name = fmt::format("{}{}{}", cabinet.text("prefix"), number, cabinet.text("suffix"));
    const PointId host = builder.add_host(zone, {name, speed, 1}, place);
    const TwoWay link = builder.add_link("link_" + name, terms, place);
    builder.network().zone(zone).spokes[host] = with_backbone({link.there}, {link.back}, backbone);
  }
}

void add_host_link(const Fields& host_link, ZoneId zone, std::optional<LinkId> backbone,
                   NetworkBuilder& builder) {
  const PointId host = builder.find_point(host_link.name("id"), host_link.place("id"));
  const Point& point = builder.network().point(host);
  if (point.kind != PointKind::kHost || point.zone != zone) {
    host_link.refuse("id", fmt::format("a host of zone \"{}\"", builder.network().zone(zone).name));
  }
  const auto link = [&](std::string_view attribute) {
    return builder.find_link(host_link.name(attribute), Direction::kBoth, host_link.place(attribute)).there;
  };
  Spoke spoke = with_backbone({link("up")}, {link("down")}, backbone);
  if (!builder.network().zone(zone).spokes.emplace(host, std::move(spoke)).second) {
    host_link.refuse("id", "one <host_link> for each host");
  }
}

}  // namespace kerf::platforms
