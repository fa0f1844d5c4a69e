#include "models/node_order.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace kerf {
namespace {

// Dense copy of what scheduling needs: for every computing node its distinct non-constant inputs and outputs.
class Scheduler {
 public:
  explicit Scheduler(const Graph& graph)
      : graph_(graph),
        uses_left_(graph.tensors.size(), 0),
        made_at_(graph.tensors.size(), 0),
        inputs_(graph.nodes.size()),
        missing_(graph.nodes.size(), 0) {
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
      const Tensor& tensor = graph.tensors[t];
      if (tensor.constant) continue;
      uses_left_[t] = static_cast<int>(tensor.consumers.size());
      for (const NodeId consumer : tensor.consumers) {
        inputs_[static_cast<std::size_t>(consumer)].push_back(static_cast<TensorId>(t));
        if (tensor.producer >= 0) ++missing_[static_cast<std::size_t>(consumer)];
      }
    }
    // An output is wanted after the last node, too.
    for (const TensorId output : graph.outputs) ++uses_left_[static_cast<std::size_t>(output)];
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
      finish(node, static_cast<int>(order.size()));
    }
    return order;
  }

 private:
  using Rank = std::tuple<int, int, NodeId>;  // tensors added, -age of the youngest input, node

  [[nodiscard]] Rank rank(NodeId node) const {
    int added = 0;
    for (const TensorId output : graph_.nodes[static_cast<std::size_t>(node)].outputs) {
      if (uses_left_[static_cast<std::size_t>(output)] > 0) ++added;
    }
    int youngest = 0;
    for (const TensorId input : inputs_[static_cast<std::size_t>(node)]) {
      if (uses_left_[static_cast<std::size_t>(input)] == 1) --added;
      youngest = std::max(youngest, made_at_[static_cast<std::size_t>(input)]);
    }
    return {added, -youngest, node};
  }

  void finish(NodeId node, int now) {
    for (const TensorId input : inputs_[static_cast<std::size_t>(node)]) {
      const auto t = static_cast<std::size_t>(input);
      if (uses_left_[t] == 2) {
        // The last user will now free it: that user's rank changes.
        const std::vector<NodeId>& consumers = graph_.tensors[t].consumers;
        std::vector<NodeId> waiting;
        std::copy_if(consumers.begin(), consumers.end(), std::back_inserter(waiting),
                     [&](NodeId consumer) { return ready_.erase(rank(consumer)) > 0; });
        --uses_left_[t];
        for (const NodeId consumer : waiting) ready_.insert(rank(consumer));
      } else {
        --uses_left_[t];
      }
    }
    for (const TensorId output : graph_.nodes[static_cast<std::size_t>(node)].outputs) {
      made_at_[static_cast<std::size_t>(output)] = now;
      for (const NodeId consumer : graph_.tensors[static_cast<std::size_t>(output)].consumers) {
        if (--missing_[static_cast<std::size_t>(consumer)] == 0) ready_.insert(rank(consumer));
      }
    }
  }

  const Graph& graph_;
  std::vector<int> uses_left_;
  std::vector<int> made_at_;
  std::vector<std::vector<TensorId>> inputs_;
  std::vector<int> missing_;
  std::set<Rank> ready_;
};

}  // namespace

std::vector<NodeId> narrow_order(const Graph& graph) {
  return Scheduler(graph).run();
}

}  // namespace kerf
