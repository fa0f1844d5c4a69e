#pragma once
// The four elements that declare routes. Each call checks the names, the ends and the gateways of one element
// and adds the route, and its reverse where it is symmetrical, to the zone.

#include "platforms/fields.hpp"
#include "platforms/network_builder.hpp"

namespace kerf::platforms {

void add_route(const Fields& route, ZoneId zone, NetworkBuilder& builder);  // between hosts and routers
void add_zone_route(const Fields& route, ZoneId zone,
                    NetworkBuilder& builder);  // between zones directly inside
void add_bypass_route(const Fields& route, ZoneId zone,
                      NetworkBuilder& builder);  // one way; comes before any route
void add_bypass_zone_route(const Fields& route, ZoneId zone,
                           NetworkBuilder& builder);  // between zones at any depth

}  // namespace kerf::platforms
