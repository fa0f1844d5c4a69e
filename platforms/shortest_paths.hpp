#pragma once
// Shortest paths inside one zone whose routing is Floyd or Dijkstra. The length of a route is its number of
// links. Where several paths are shortest, the one that SimGrid takes is taken, which differs between the two
// algorithms. Tables are made when first needed and kept; not safe for use from two threads.

#include <optional>
#include <vector>

#include "platforms/network.hpp"

namespace kerf::platforms {

class ShortestPaths {
 public:
  // The network must outlive this; the zone is kFloyd or kDijkstra.
  ShortestPaths(const Network& network, ZoneId zone) : network_(&network), zone_(zone) {}

  // The declared routes from one member to another, in order; nothing where no path leads there. from != to.
  [[nodiscard]] std::optional<std::vector<const DeclaredRoute*>> path(PointId from, PointId to);

 private:
  using Ranks = std::vector<int>;  // by rank; -1 for none

  struct Edge {
    int to, length;
  };

  const Ranks& predecessors(int source);
  void make_graph();
  void run_floyd();
  [[nodiscard]] Ranks run_dijkstra(int source) const;

  const Network* network_;
  ZoneId zone_;
  std::vector<std::vector<Edge>> edges_;  // by rank
  std::vector<int> order_;           // by rank: the order in which routes first name members; -1 for never
  std::vector<int> named_;           // ranks in that order
  std::vector<Ranks> predecessors_;  // [source][member]: the member before it on the way from source
};

}  // namespace kerf::platforms
