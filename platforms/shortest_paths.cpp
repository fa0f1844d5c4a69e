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
    make_graph();
    predecessors_.resize(zone.members.size());
    if (zone.routing == Routing::kFloyd) run_floyd();
  }
  Ranks& row = predecessors_[index(source)];
  if (row.empty()) row = run_dijkstra(source);
  return row;
}

void ShortestPaths::make_graph() {
  const Zone& zone = network_->zone(zone_);
  edges_.resize(zone.members.size());
  order_.assign(zone.members.size(), -1);
  const auto name = [&](int rank) {
    if (order_[index(rank)] >= 0) return;
    order_[index(rank)] = static_cast<int>(named_.size());
    named_.push_back(rank);
  };
  for (const DeclaredRoute& route : zone.routes.all()) {
    const int from = network_->point(route.from).rank;
    const int to = network_->point(route.to).rank;
    name(from);
    name(to);
    edges_[index(from)].push_back({to, static_cast<int>(route.links.size())});
  }
}

// Floyd, "Algorithm 97: shortest path" (1962). Members in the order of their declaration; only a strictly
// shorter path replaces one found before. A member with one neighbour is never inside a shortest path and is
// passed over, which makes many hosts behind one router cheap.
void ShortestPaths::run_floyd() {
  const std::size_t count = edges_.size();
  std::vector<std::vector<int>> cost(count, std::vector<int>(count, kUnreached));
  predecessors_.assign(count, Ranks(count, -1));
  std::vector<int> neighbour(count, -1);  // the first seen
  std::vector<bool> crossed(count);       // more than one
  const auto meet = [&](std::size_t member, std::size_t other) {
    if (neighbour[member] < 0) neighbour[member] = static_cast<int>(other);
    if (index(neighbour[member]) != other) crossed[member] = true;
  };
  for (std::size_t from = 0; from < count; ++from) {
    for (const Edge& edge : edges_[from]) {
      cost[from][index(edge.to)] = edge.length;
      predecessors_[from][index(edge.to)] = static_cast<int>(from);
      meet(from, index(edge.to));
      meet(index(edge.to), from);
    }
  }
  for (std::size_t middle = 0; middle < count; ++middle) {
    if (!crossed[middle]) continue;
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
  Ranks before(edges_.size(), -1);
  std::vector<int> cost(edges_.size(), kUnreached);
  cost[index(source)] = 0;
  using Entry = std::pair<int, int>;  // (cost, order)
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  if (order_[index(source)] >= 0) queue.emplace(0, order_[index(source)]);
  while (!queue.empty()) {
    const auto [reached, position] = queue.top();
    queue.pop();
    const int at = named_[index(position)];
    if (reached > cost[index(at)]) continue;
    for (const Edge& edge : edges_[index(at)]) {
      if (reached + edge.length >= cost[index(edge.to)]) continue;
      cost[index(edge.to)] = reached + edge.length;
      before[index(edge.to)] = at;
      queue.emplace(cost[index(edge.to)], order_[index(edge.to)]);
    }
  }
  return before;
}

}  // namespace kerf::platforms
