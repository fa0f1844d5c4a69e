#pragma once
// The elements that stand for many hosts around a middle: <cluster>, and <cabinet>, <host_link> and
// <backbone> inside <zone routing="Cluster">. Links, routers and backbones are named as SimGrid names them.

#include <optional>
#include <string>

#include "platforms/fields.hpp"
#include "platforms/network_builder.hpp"

namespace kerf::platforms {

// A zone of its own: prefix + number + suffix for hosts, ID_link_NUMBER for their links, ID_backbone, and the
// router router_id or prefix + ID + _router + suffix, which is its gateway.
void add_cluster(const Fields& cluster, ZoneId parent, NetworkBuilder& builder);

// Hosts prefix + number + suffix, each behind a pair of links link_HOST_UP and link_HOST_DOWN.
void add_cabinet(const Fields& cabinet, ZoneId zone, std::optional<LinkId> backbone, NetworkBuilder& builder);

void add_host_link(const Fields& host_link, ZoneId zone, std::optional<LinkId> backbone,
                   NetworkBuilder& builder);

// The sharing_policy of a <link> or <cluster>.
[[nodiscard]] Sharing read_sharing(const Fields& fields, Sharing otherwise);

}  // namespace kerf::platforms
