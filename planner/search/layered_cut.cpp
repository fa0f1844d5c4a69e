#include "planner/search/layered_cut.hpp"

#include <algorithm>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <boost/property_map/property_map.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace kerf {
namespace {

using Capacity = std::int64_t;  // in quanta
constexpr Capacity kInfinite = -1;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

// Edges with capacities, each with a reverse edge of its own and of capacity 0: antiparallel edges that both
// have capacity are two pairs (Boost's push_relabel asserts otherwise).
class Network {
 public:
  [[nodiscard]] int add_vertices(int count) {
    const int first = vertices_;
    vertices_ += count;
    return first;
  }
  void add_edge(int from, int to, Capacity capacity) {
    if (capacity == 0) return;
    edges_.push_back({from, to, capacity});
  }

  // Which vertices are on the source's side of the minimum cut that has the fewest there; empty where every
  // cut has an infinite edge.
  [[nodiscard]] std::vector<bool> cut(int source, int sink, MaxFlow algorithm) const;

 private:
  struct Edge {
    int from;
    int to;
    Capacity capacity;
  };
  int vertices_ = 0;
  std::vector<Edge> edges_;
};

// A network laid out for Boost: arcs sorted by where they start, edges and their reverses alike.
class Flow {
 public:
  using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                   boost::no_property, int, int>;
  using Arc = boost::graph_traits<Graph>::edge_descriptor;

  template <class Edges>
  Flow(int vertices, const Edges& edges, Capacity infinite) : first_(at(vertices) + 1) {
    for (const auto& edge : edges) {
      ++first_[at(edge.from) + 1];
      ++first_[at(edge.to) + 1];
    }
    for (std::size_t v = 1; v < first_.size(); ++v) first_[v] += first_[v - 1];
    std::vector<std::pair<int, int>> arcs(2 * edges.size());
    std::vector<int> opposite(arcs.size());
    capacity_.resize(arcs.size());
    std::vector<int> next = first_;
    for (const auto& edge : edges) {
      const int forward = next[at(edge.from)]++;
      const int backward = next[at(edge.to)]++;
      arcs[at(forward)] = {edge.from, edge.to};
      arcs[at(backward)] = {edge.to, edge.from};
      capacity_[at(forward)] = edge.capacity == kInfinite ? infinite : edge.capacity;
      opposite[at(forward)] = backward;
      opposite[at(backward)] = forward;
    }
    graph_ = Graph(boost::edges_are_sorted, arcs.begin(), arcs.end(), vertices);
    std::vector<Arc> by_index;
    by_index.reserve(arcs.size());
    for (auto [arc, end] = boost::edges(graph_); arc != end; ++arc) by_index.push_back(*arc);
    reverse_.reserve(arcs.size());
    for (const int other : opposite) reverse_.push_back(by_index[at(other)]);
    residual_ = capacity_;
  }

  Capacity maximise(int source, int sink, MaxFlow algorithm) {
    const auto index = get(boost::edge_index, graph_);
    const auto vertex = get(boost::vertex_index, graph_);
    const auto capacity = boost::make_iterator_property_map(capacity_.begin(), index);
    const auto residual = boost::make_iterator_property_map(residual_.begin(), index);
    const auto reverse = boost::make_iterator_property_map(reverse_.begin(), index);
    if (algorithm == MaxFlow::kPushRelabel) {
      return boost::push_relabel_max_flow(graph_, source, sink, capacity, residual, reverse, vertex);
    }
    const std::size_t vertices = first_.size() - 1;
    std::vector<Arc> predecessor(vertices);
    std::vector<boost::default_color_type> color(vertices);
    std::vector<int> distance(vertices);
    return boost::boykov_kolmogorov_max_flow(
        graph_, capacity, residual, reverse, boost::make_iterator_property_map(predecessor.begin(), vertex),
        boost::make_iterator_property_map(color.begin(), vertex),
        boost::make_iterator_property_map(distance.begin(), vertex), vertex, source, sink);
  }

  // What the source still reaches once the flow is a maximum.
  [[nodiscard]] std::vector<bool> reached(int source) const {
    std::vector<bool> seen(first_.size() - 1);
    std::vector<int> left{source};
    seen[at(source)] = true;
    while (!left.empty()) {
      const int from = left.back();
      left.pop_back();
      for (int arc = first_[at(from)]; arc < first_[at(from) + 1]; ++arc) {
        const int to = static_cast<int>(boost::source(reverse_[at(arc)], graph_));
        if (residual_[at(arc)] == 0 || seen[at(to)]) continue;
        seen[at(to)] = true;
        left.push_back(to);
      }
    }
    return seen;
  }

 private:
  std::vector<int> first_;  // arcs of vertex v: first_[v] .. first_[v + 1]
  Graph graph_;
  std::vector<Capacity> capacity_, residual_;  // [arc]
  std::vector<Arc> reverse_;                   // [arc]
};

std::vector<bool> Network::cut(int source, int sink, MaxFlow algorithm) const {
  Capacity infinite = 1;  // more than all finite edges together
  for (const Edge& edge : edges_) infinite += edge.capacity == kInfinite ? 0 : edge.capacity;
  Flow flow(vertices_, edges_, infinite);
  if (flow.maximise(source, sink, algorithm) >= infinite) return {};
  return flow.reached(source);
}

// The power of two in which times are counted. Push-relabel heaps up at one vertex, at worst, an infinite
// edge's worth from each other vertex; that must stay below 2^62.
double quantum_of(const OperatorGraph& graph, const TierRow& row) {
  double total = 0;
  for (const std::vector<double>& tier : row.seconds) {
    for (const double seconds : tier) total += std::isfinite(seconds) ? seconds : 0;
  }
  for (const double rate : row.seconds_per_byte) {
    for (const OperatorTensor& tensor : graph.tensors) total += rate * tensor.bytes.value();
  }
  assert(std::isfinite(total));
  if (!(total > 0)) return 1;
  const std::size_t vertices =
      2 + row.seconds_per_byte.size() * (graph.operators.size() + graph.tensors.size());
  const int bits = 60 - std::ilogb(static_cast<double>(vertices));
  return std::ldexp(1.0, std::ilogb(total) + 1 - bits);
}

class Layers {
 public:
  Layers(const OperatorGraph& graph, const TierRow& row)
      : graph_(graph),
        row_(row),
        boundaries_(static_cast<int>(row.seconds_per_byte.size())),
        quantum_(quantum_of(graph, row)),
        source_(network_.add_vertices(1)),
        sink_(network_.add_vertices(1)),
        operators_(network_.add_vertices(boundaries_ * static_cast<int>(graph.operators.size()))) {
    for (int v = 0; v < static_cast<int>(graph_.operators.size()); ++v) add_operator(v);
    for (const OperatorTensor& tensor : graph_.tensors) {
      for (int boundary = 0; boundary < boundaries_; ++boundary) add_tensor(tensor, boundary);
    }
  }

  [[nodiscard]] std::optional<Partition> solve(MaxFlow algorithm) const {
    const std::vector<bool> beyond = network_.cut(source_, sink_, algorithm);
    if (beyond.empty()) return std::nullopt;
    Partition found;
    for (int v = 0; v < static_cast<int>(graph_.operators.size()); ++v) {
      int tier = 0;
      while (tier < boundaries_ && beyond[at(vertex(v, tier))]) ++tier;
      found.tier.push_back(tier);
    }
    found.seconds = partition_seconds(graph_, row_, found.tier);
    return found;
  }

 private:
  [[nodiscard]] int vertex(int v, int boundary) const { return operators_ + v * boundaries_ + boundary; }

  [[nodiscard]] Capacity quanta(double seconds) const {
    return std::isfinite(seconds) ? static_cast<Capacity>(std::llround(seconds / quantum_)) : kInfinite;
  }

  // The row of edges from source to sink. What all tiers take is taken off: it decides nothing.
  void add_operator(int v) {
    double least = std::numeric_limits<double>::infinity();
    for (const std::vector<double>& tier : row_.seconds) least = std::min(least, tier[at(v)]);
    if (!std::isfinite(least)) least = 0;
    for (int tier = 0; tier <= boundaries_; ++tier) {
      const int from = tier == 0 ? source_ : vertex(v, tier - 1);
      const int to = tier == boundaries_ ? sink_ : vertex(v, tier);
      network_.add_edge(from, to, quanta(row_.seconds[at(tier)][at(v)] - least));
      if (tier > 0 && tier < boundaries_) network_.add_edge(to, from, kInfinite);
    }
  }

  void add_tensor(const OperatorTensor& tensor, int boundary) {
    // An input is never beyond, so its vertex is the sink.
    const int producer = tensor.producer < 0 ? sink_ : vertex(tensor.producer, boundary);
    const Capacity price = quanta(row_.seconds_per_byte[at(boundary)] * tensor.bytes.value());
    if (tensor.producer >= 0) {
      for (const int consumer : tensor.consumers)
        network_.add_edge(producer, vertex(consumer, boundary), kInfinite);
    }
    if (tensor.is_output) return network_.add_edge(source_, producer, price);  // wanted beyond in any case
    if (tensor.consumers.size() == 1)
      return network_.add_edge(vertex(tensor.consumers.front(), boundary), producer, price);
    if (tensor.consumers.empty() || price == 0) return;
    const int wanted = network_.add_vertices(1);
    for (const int consumer : tensor.consumers)
      network_.add_edge(vertex(consumer, boundary), wanted, kInfinite);
    network_.add_edge(wanted, producer, price);
  }

  const OperatorGraph& graph_;
  const TierRow& row_;
  int boundaries_;
  double quantum_;
  Network network_;
  int source_, sink_, operators_;
};

}  // namespace

std::optional<Partition> layered_cut(const OperatorGraph& graph, const TierRow& row, MaxFlow algorithm) {
  assert(row.seconds.size() == row.seconds_per_byte.size() + 1);
  return Layers(graph, row).solve(algorithm);
}

double partition_seconds(const OperatorGraph& graph, const TierRow& row, const std::vector<int>& tier) {
  double seconds = 0;
  for (std::size_t v = 0; v < tier.size(); ++v) seconds += row.seconds[at(tier[v])][v];
  const int last = static_cast<int>(row.seconds_per_byte.size());
  for (const OperatorTensor& tensor : graph.tensors) {
    const int from = tensor.producer < 0 ? 0 : tier[at(tensor.producer)];
    int to = tensor.is_output ? last : from;
    for (const int consumer : tensor.consumers) to = std::max(to, tier[at(consumer)]);
    for (int boundary = from; boundary < to; ++boundary)
      seconds += row.seconds_per_byte[at(boundary)] * tensor.bytes.value();
  }
  return seconds;
}

}  // namespace kerf
