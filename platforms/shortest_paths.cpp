#include "platforms/shortest_paths.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace kerf::platforms {
namespace {

constexpr int kUnreached = std::numeric_limits<int>::max() / 2;  // the sum of two does not overflow

std::size_t index(int rank) {
  return static_cast<std::size_t>(rank);
}

}  // namespace

std::optional<std::vector<const DeclaredRoute*>> ShortestPaths::path(PointId from, PointId to) {
  assert(from != to);
  const Zone& zone = network_->zone(zone_);
  const int source = network_->point(from).rank;
  const Ranks& before = predecessors(source);
  std::vector<const DeclaredRoute*> hops;
  for (int at = network_->point(to).rank; at != source; at = before[index(at)]) {
    const int previous = before[index(at)];
    if (previous < 0) return std::nullopt;
    hops.push_back(zone.routes.find(zone.members[index(previous)], zone.members[index(at)]));
  }
  std::reverse(hops.begin(), hops.end());
  return hops;
}

const ShortestPaths::Ranks& ShortestPaths::predecessors(int source) {
  const Zone& zone = network_->zone(zone_);
  if (predecessors_.empty()) {
    predecessors_.resize(zone.members.size());
    if (zone.routing == Routing::kFloyd) run_floyd();
  }
  Ranks& row = predecessors_[index(source)];
  if (row.empty()) row = run_dijkstra(source);
  return row;
}

// Floyd, "Algorithm 97: shortest path" (1962). Members in the order of their declaration; only a strictly
// shorter path replaces one found before.
void ShortestPaths::run_floyd() {
  const Zone& zone = network_->zone(zone_);
  const std::size_t count = zone.members.size();
  std::vector<std::vector<int>> cost(count, std::vector<int>(count, kUnreached));
  predecessors_.assign(count, Ranks(count, -1));
  for (const DeclaredRoute& route : zone.routes.all()) {
    const std::size_t from = index(network_->point(route.from).rank);
    const std::size_t to = index(network_->point(route.to).rank);
    if (from == to) continue;
    cost[from][to] = static_cast<int>(route.links.size());
    predecessors_[from][to] = static_cast<int>(from);
  }
  for (std::size_t middle = 0; middle < count; ++middle) {
    for (std::size_t from = 0; from < count; ++from) {
      const int first = cost[from][middle];
      if (first == kUnreached) continue;
      for (std::size_t to = 0; to < count; ++to) {
        if (first + cost[middle][to] < cost[from][to]) {
          cost[from][to] = first + cost[middle][to];
          predecessors_[from][to] = predecessors_[middle][to];
        }
      }
    }
  }
}

// Dijkstra, "A note on two problems in connexion with graphs" (1959). Members of equal distance are settled
// in the order in which routes first name them.
ShortestPaths::Ranks ShortestPaths::run_dijkstra(int source) const {
  const Zone& zone = network_->zone(zone_);
  const std::size_t count = zone.members.size();
  std::vector<int> order(count, -1);  // by rank
  std::vector<int> named;             // the inverse
  const auto name = [&](int rank) {
    if (order[index(rank)] >= 0) return;
    order[index(rank)] = static_cast<int>(named.size());
    named.push_back(rank);
  };
  std::vector<std::vector<std::pair<int, int>>> edges(count);  // (to, cost) by rank
  for (const DeclaredRoute& route : zone.routes.all()) {
    const int from = network_->point(route.from).rank;
    const int to = network_->point(route.to).rank;
    name(from);
    name(to);
    edges[index(from)].emplace_back(to, static_cast<int>(route.links.size()));
  }

  Ranks before(count, -1);
  if (order[index(source)] < 0) return before;
  std::vector<int> cost(count, kUnreached);
  cost[index(source)] = 0;
  using Entry = std::pair<int, int>;  // (cost, order)
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  queue.emplace(0, order[index(source)]);
  while (!queue.empty()) {
    const auto [reached, position] = queue.top();
    queue.pop();
    const int at = named[index(position)];
    if (reached > cost[index(at)]) continue;
    for (const auto& [to, length] : edges[index(at)]) {
      if (reached + length >= cost[index(to)]) continue;
      cost[index(to)] = reached + length;
      before[index(to)] = at;
      queue.emplace(cost[index(to)], order[index(to)]);
    }
  }
  return before;
}

}  // namespace kerf::platforms
