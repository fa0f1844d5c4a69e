#include "platforms/platform.hpp"

#include <cassert>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

namespace kerf {

// Keeps what the finder found. The map never moves its values, so spans into them stay valid.
class Platform::Routes {
 public:
  explicit Routes(RouteFinder finder) : finder_(std::move(finder)) {}

  const std::optional<std::vector<LinkId>>& find(HostId from, HostId to) {
    const std::uint64_t key =
        static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint64_t>(static_cast<std::uint32_t>(to));
    {
      const std::shared_lock lock(mutex_);
      if (const auto known = found_.find(key); known != found_.end()) return known->second;
    }
    const std::unique_lock lock(mutex_);
    if (const auto known = found_.find(key); known != found_.end()) return known->second;
    return found_.emplace(key, finder_(from, to)).first->second;
  }

 private:
  std::shared_mutex mutex_;
  RouteFinder finder_;
  std::unordered_map<std::uint64_t, std::optional<std::vector<LinkId>>> found_;
};

Platform::Platform(std::string source, std::string hash, std::vector<PlatformHost> hosts,
                   std::vector<Link> links, RouteFinder routes)
    : source_(std::move(source)),
      hash_(std::move(hash)),
      hosts_(std::move(hosts)),
      links_(std::move(links)),
      routes_(std::make_shared<Routes>(std::move(routes))) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    [[maybe_unused]] const bool added = host_ids_.emplace(hosts_[i].name, static_cast<HostId>(i)).second;
    assert(added && "two hosts of one name");
  }
}

Platform::Platform(std::string source, std::string hash, std::vector<PlatformHost> hosts,
                   std::vector<Link> links, std::vector<std::optional<std::vector<LinkId>>> routes)
    : Platform(std::move(source), std::move(hash), hosts, std::move(links),
               [count = hosts.size(), matrix = std::move(routes)](HostId from, HostId to) {
                 const std::size_t at = static_cast<std::size_t>(from) * count + static_cast<std::size_t>(to);
                 assert(matrix.size() == count * count);
                 return matrix[at];
               }) {}

HostId Platform::find_host(std::string_view name) const {
  const auto found = host_ids_.find(name);
  return found == host_ids_.end() ? -1 : found->second;
}

bool Platform::has_route(HostId from, HostId to) const {
  assert(from >= 0 && static_cast<std::size_t>(from) < hosts_.size());
  assert(to >= 0 && static_cast<std::size_t>(to) < hosts_.size());
  return from == to || routes_->find(from, to).has_value();
}

std::span<const LinkId> Platform::route(HostId from, HostId to) const {
  assert(has_route(from, to));
  if (from == to) return {};
  return *routes_->find(from, to);
}

}  // namespace kerf
