#include "models/node_order.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace kerf {
namespace {

std::size_t index(std::int32_t id) {
  return static_cast<std::size_t>(id);
}

// The position of each computing node in the order in which outputs ask for it.
class Demand {
 public:
  explicit Demand(const Graph& graph)
      : graph_(graph), depth_(graph.nodes.size(), 0), position_(graph.nodes.size(), -1) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      for (const NodeId before : producers(graph.nodes[n].inputs))
        depth_[n] = std::max(depth_[n], depth_[index(before)] + 1);
    }
    for (const NodeId producer : deepest_first(producers(graph.outputs))) ask(producer);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) ask(static_cast<NodeId>(n));  // what no output needs
  }

  [[nodiscard]] int position(NodeId node) const { return position_[index(node)]; }

 private:
  [[nodiscard]] std::vector<NodeId> producers(const std::vector<TensorId>& tensors) const {
    std::vector<NodeId> found;
    for (const TensorId tensor : tensors) {
      if (tensor < 0 || graph_.tensors[index(tensor)].constant) continue;
      if (graph_.tensors[index(tensor)].producer >= 0)
        found.push_back(graph_.tensors[index(tensor)].producer);
    }
    return found;
  }

  [[nodiscard]] std::vector<NodeId> deepest_first(std::vector<NodeId> nodes) const {
    std::ranges::stable_sort(nodes, [&](NodeId a, NodeId b) { return depth_[index(a)] > depth_[index(b)]; });
    return nodes;
  }

  // Depth-first: a node stands after everything it needs. Not recursive, since graphs may be deep.
  void ask(NodeId goal) {
    struct Visit {
      NodeId node;
      std::vector<NodeId> needs;
      std::size_t next = 0;
    };
    if (asked(goal)) return;
    std::vector<Visit> path;
    const auto enter = [&](NodeId node) {
      position_[index(node)] = 0;
      path.push_back({node, deepest_first(producers(graph_.nodes[index(node)].inputs))});
    };
    enter(goal);
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.next == visit.needs.size()) {
        position_[index(visit.node)] = next_position_++;
        path.pop_back();
      } else if (const NodeId need = visit.needs[visit.next++]; !asked(need)) {
        enter(need);
      }
    }
  }

  [[nodiscard]] bool asked(NodeId node) const { return position_[index(node)] >= 0; }

  const Graph& graph_;
  std::vector<int> depth_;
  std::vector<int> position_;
  int next_position_ = 1;
};

class Scheduler {
 public:
  explicit Scheduler(const Graph& graph)
      : graph_(graph),
        demand_(graph),
        uses_left_(graph.tensors.size(), 0),
        inputs_(graph.nodes.size()),
        missing_(graph.nodes.size(), 0) {
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      const Tensor& tensor = graph.tensors[t];
      if (tensor.constant) continue;
      uses_left_[t] = static_cast<int>(tensor.consumers.size());
      for (const NodeId consumer : tensor.consumers) {
        inputs_[index(consumer)].push_back(static_cast<TensorId>(t));
        if (tensor.producer >= 0) ++missing_[index(consumer)];
      }
    }
    // An output is wanted after the last node, too.
    for (const TensorId output : graph.outputs) ++uses_left_[index(output)];
  }

  std::vector<NodeId> run() {
    std::vector<NodeId> order;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const auto node = static_cast<NodeId>(n);
      if (graph_.nodes[n].constant) {
        order.push_back(node);
      } else if (missing_[n] == 0) {
        ready_.insert(rank(node));
      }
    }
    while (!ready_.empty()) {
      const NodeId node = std::get<2>(*ready_.begin());
      ready_.erase(ready_.begin());
      order.push_back(node);
      finish(node);
    }
    return order;
  }

 private:
  using Rank = std::tuple<int, int, NodeId>;  // growth of what is alive, demand, node

  [[nodiscard]] Rank rank(NodeId node) const {
    int tensors = 0;
    Bytes bytes;
    for (const TensorId output : graph_.nodes[index(node)].outputs) {
      if (uses_left_[index(output)] == 0) continue;
      ++tensors;
      bytes += graph_.tensors[index(output)].bytes();
    }
    for (const TensorId input : inputs_[index(node)]) {
      if (uses_left_[index(input)] != 1) continue;
      --tensors;
      bytes -= graph_.tensors[index(input)].bytes();
    }
    const int growth = tensors < 0 ? -1 : tensors == 0 && bytes <= Bytes(0) ? 0 : 1;
    return {growth, demand_.position(node), node};
  }

  void finish(NodeId node) {
    for (const TensorId input : inputs_[index(node)]) {
      // Once one use is left, its user will free the tensor: that user's rank changes.
      const std::vector<NodeId>& consumers = graph_.tensors[index(input)].consumers;
      std::vector<NodeId> waiting;
      if (uses_left_[index(input)] == 2) {
        std::ranges::copy_if(consumers, std::back_inserter(waiting),
                             [&](NodeId consumer) { return ready_.erase(rank(consumer)) > 0; });
      }
      --uses_left_[index(input)];
      for (const NodeId consumer : waiting) ready_.insert(rank(consumer));
    }
    for (const TensorId output : graph_.nodes[index(node)].outputs) {
      for (const NodeId consumer : graph_.tensors[index(output)].consumers) {
        if (--missing_[index(consumer)] == 0) ready_.insert(rank(consumer));
      }
    }
  }

  const Graph& graph_;
  Demand demand_;
  std::vector<int> uses_left_;                 // of each tensor, by nodes to come and as an output
  std::vector<std::vector<TensorId>> inputs_;  // of each node, distinct and not constant
  std::vector<int> missing_;                   // inputs of each node that are still to be made
  std::set<Rank> ready_;
};

}  // namespace

std::vector<NodeId> narrow_order(const Graph& graph) {
  return Scheduler(graph).run();
}

}  // namespace kerf
