#include "models/needed_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

#include "base/error.hpp"
#include "models/inlining.hpp"

namespace kerf {
namespace {

class NeededNodes {
 public:
  NeededNodes(const onnx::GraphProto& graph, const std::unordered_set<std::string>& given,
              const std::string& file)
      : graph_(graph),
        given_(given),
        file_(file),
        needed_(static_cast<std::size_t>(graph.node_size()), false) {
    find_producers();
    mark_needed();
  }

  [[nodiscard]] std::vector<int> in_order() const {
    const std::size_t count = needed_.size();
    std::vector<std::vector<int>> users(count);
    std::vector<int> missing(count, 0);
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;  // the file's order wherever it is one
    for (std::size_t n = 0; n < count; ++n) {
      if (!needed_[n]) continue;
      for (const std::string& input : reads(static_cast<int>(n))) {
        const auto producer = producers_.find(input);
        if (producer == producers_.end()) continue;
        users[static_cast<std::size_t>(producer->second)].push_back(static_cast<int>(n));
        ++missing[n];
      }
      if (missing[n] == 0) ready.push(static_cast<int>(n));
    }
    std::vector<int> order;
    while (!ready.empty()) {
      const int index = ready.top();
      ready.pop();
      order.push_back(index);
      for (const int user : users[static_cast<std::size_t>(index)]) {
        if (--missing[static_cast<std::size_t>(user)] == 0) ready.push(user);
      }
    }
    const auto stuck = std::find_if(missing.begin(), missing.end(), [](int left) { return left > 0; });
    if (stuck != missing.end()) refuse_cycle(static_cast<int>(stuck - missing.begin()), missing);
    return order;
  }

 private:
  [[noreturn]] void refuse(const std::string& where, const std::string& found,
                           const std::string& expected) const {
    throw Error(ErrorCode::kBadInput, where, found, expected, "export the model again");
  }
  [[nodiscard]] std::string where(int index) const { return place_of_node(graph_, index, file_); }

  // Branches and bodies within a node read tensors that it does not list.
  [[nodiscard]] std::vector<std::string> reads(int index) const {
    const auto& node = graph_.node(index);
    std::vector<std::string> names(node.input().begin(), node.input().end());
    if (has_graphs(node)) {
      for (std::string& name : captured_names(node)) names.push_back(std::move(name));
    }
    return names;
  }

  void find_producers() {
    for (int index = 0; index < graph_.node_size(); ++index) {
      const auto& node = graph_.node(index);
      for (const std::string& output : node.output()) {
        if (output.empty()) continue;
        if (given_.contains(output) || !producers_.emplace(output, index).second) {
          refuse(where(index), fmt::format("it makes tensor \"{}\" a second time", output),
                 "one producer a tensor");
        }
      }
    }
  }

  void mark_needed() {
    std::vector<int> open;
    const auto need = [&](const std::string& tensor, int reader) {
      if (tensor.empty() || given_.contains(tensor)) return;
      const auto producer = producers_.find(tensor);
      if (producer == producers_.end()) {
        refuse(reader < 0 ? file_ + ": outputs" : where(reader), fmt::format("tensor \"{}\" is used", tensor),
               "a node, input or weight that makes it");
      }
      if (needed_[static_cast<std::size_t>(producer->second)]) return;
      needed_[static_cast<std::size_t>(producer->second)] = true;
      open.push_back(producer->second);
    };
    for (const auto& output : graph_.output()) need(output.name(), -1);
    for (int index = 0; index < graph_.node_size(); ++index) {
      const auto& node = graph_.node(index);
      if (is_constant_node(node) && node.output_size() > 0) need(node.output(0), index);
    }
    while (!open.empty()) {
      const int index = open.back();
      open.pop_back();
      for (const std::string& input : reads(index)) need(input, index);
    }
  }

  // From a node that never became ready, going back along inputs that are stuck too must return somewhere.
  [[noreturn]] void refuse_cycle(int from, const std::vector<int>& missing) const {
    std::vector<bool> seen(missing.size(), false);
    int at = from;
    while (!seen[static_cast<std::size_t>(at)]) {
      seen[static_cast<std::size_t>(at)] = true;
      for (const std::string& input : reads(at)) {
        const auto producer = producers_.find(input);
        if (producer == producers_.end() || missing[static_cast<std::size_t>(producer->second)] == 0)
          continue;
        at = producer->second;
        break;
      }
    }
    const std::string& tensor = graph_.node(at).output(0);
    refuse(where(at), fmt::format("a cycle: \"{}\" is needed to make \"{}\"", tensor, tensor),
           "a graph without cycles");
  }

  const onnx::GraphProto& graph_;
  const std::unordered_set<std::string>& given_;
  const std::string& file_;
  std::unordered_map<std::string, int> producers_;  // tensor to node
  std::vector<bool> needed_;
};

}  // namespace

std::string place_of_node(const onnx::GraphProto& graph, int index, const std::string& file) {
  const auto& node = graph.node(index);
  if (node.name().empty()) return fmt::format("{}: node {} ({})", file, index, node.op_type());
  return fmt::format("{}: node \"{}\" ({})", file, node.name(), node.op_type());
}

bool is_constant_node(const onnx::NodeProto& node) {
  return node.op_type() == "Constant" && (node.domain().empty() || node.domain() == "ai.onnx");
}

std::vector<int> needed_nodes(const onnx::GraphProto& graph, const std::unordered_set<std::string>& given,
                              const std::string& file) {
  return NeededNodes(graph, given, file).in_order();
}

}  // namespace kerf
