#pragma once
// A platform: hosts, links and the routes between hosts, as a SimGrid platform file describes them. This is
// our own view of such a file, read without SimGrid, so that planning needs no simulator; a test holds it
// against SimGrid's own reading. Every direction of a link is a Link of its own: a SPLITDUPLEX link "uplink"
// gives "uplink_UP" and "uplink_DOWN", as SimGrid names them; a SHARED link is one Link that both directions
// use and share. Immutable: routes are worked out when first asked for and kept, behind a lock, so that any
// number of threads may read one Platform. Copies share what is kept.
//
//   const Platform platform = read_platform("platforms/shared-uplink.xml");
//   for (LinkId link : platform.route(device, edge)) ...

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

using HostId = std::int32_t;
using LinkId = std::int32_t;

enum class Direction { kBoth, kUp, kDown };

struct Link {
  std::string name;       // as SimGrid names it
  std::string base_name;  // without _UP or _DOWN: what scenarios match
  Direction direction = Direction::kBoth;
  BytesPerSecond bandwidth;
  Seconds latency;
  bool shared = true;  // false: FATPIPE, each flow gets the whole bandwidth
};

struct PlatformHost {
  std::string name;
  double speed = 0;  // flop/s, nominal: profiles say how long work takes
  int cores = 1;
};

// The links from one host to another, or nothing where there is no route. Called once for a pair, by one
// thread at a time, never from a host to itself.
using RouteFinder = std::function<std::optional<std::vector<LinkId>>(HostId from, HostId to)>;

class Platform {
 public:
  Platform(std::string source, std::string hash, std::vector<PlatformHost> hosts, std::vector<Link> links,
           RouteFinder routes);
  // Every route given, as [from * hosts + to]: for platforms made by hand.
  Platform(std::string source, std::string hash, std::vector<PlatformHost> hosts, std::vector<Link> links,
           std::vector<std::optional<std::vector<LinkId>>> routes);

  [[nodiscard]] const std::string& source() const { return source_; }  // the file it came from
  [[nodiscard]] const std::string& hash() const { return hash_; }      // of the file's content
  [[nodiscard]] std::span<const PlatformHost> hosts() const { return hosts_; }
  [[nodiscard]] std::span<const Link> links() const { return links_; }
  [[nodiscard]] HostId find_host(std::string_view name) const;  // -1 where there is none
  [[nodiscard]] bool has_route(HostId from, HostId to) const;
  // The links that a transfer from -> to crosses, in order; empty from a host to itself. Needs has_route().
  // Valid as long as the platform or a copy of it lives.
  [[nodiscard]] std::span<const LinkId> route(HostId from, HostId to) const;

 private:
  class Routes;

  std::string source_, hash_;
  std::vector<PlatformHost> hosts_;
  std::vector<Link> links_;
  std::map<std::string, HostId, std::less<>> host_ids_;
  std::shared_ptr<Routes> routes_;
};

// Errors carry file:line:column: XML that does not parse, an unknown or unsupported element (kUnsupported,
// named), a duplicate name, an unknown host or link in a route, a zero, negative or missing bandwidth, a zone
// inside itself.
[[nodiscard]] Platform read_platform(const std::filesystem::path& file);

// The same from text that stands for a file.
[[nodiscard]] Platform parse_platform(std::string_view text, const std::string& named);

}  // namespace kerf
