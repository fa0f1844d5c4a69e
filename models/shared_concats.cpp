#include "models/shared_concats.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/inlining.hpp"

namespace kerf {
namespace {

// Places of nodes in the file, ascending.
using Places = std::vector<int>;

int behind(const Places& places, int place) {
  return static_cast<int>(places.end() - std::upper_bound(places.begin(), places.end(), place));
}

// The lists of inputs of all Concats along one axis as a tree: a way from the root is how lists begin.
class Beginnings {
 public:
  struct Step {
    std::map<std::string_view, int> next;
    Places lists;          // that begin like this
    int first_whole = -1;  // the first list that is no longer than this
  };

  void add(const onnx::NodeProto& concat, int place) {
    int at = 0;
    for (const std::string& input : concat.input()) {
      const auto [entry, fresh] =
          steps_[static_cast<std::size_t>(at)].next.emplace(input, static_cast<int>(steps_.size()));
      at = entry->second;
      if (fresh) steps_.emplace_back();
      steps_[static_cast<std::size_t>(at)].lists.push_back(place);
    }
    Step& end = steps_[static_cast<std::size_t>(at)];
    if (end.first_whole < 0) end.first_whole = place;
  }

  [[nodiscard]] const Step& begin() const { return steps_.front(); }
  [[nodiscard]] const Step& follow(const Step& step, const std::string& input) const {
    return steps_[static_cast<std::size_t>(step.next.at(input))];
  }

 private:
  std::vector<Step> steps_{1};
};

class Sharing {
 public:
  explicit Sharing(const onnx::GraphProto& graph) : graph_(graph) {
    for (int place = 0; place < graph.node_size(); ++place) {
      const auto& node = graph.node(place);
      for (const std::string& input : node.input()) uses_[input].push_back(place);
      if (has_graphs(node)) {
        for (const std::string& name : captured_names(node)) uses_[name].push_back(place);
      }
      if (const auto axis = axis_of(node)) beginnings_[*axis].add(node, place);
    }
    // An output is used at the end.
    for (const auto& output : graph.output()) uses_[output.name()].push_back(graph.node_size());
  }

  struct Shared {
    int inputs = 0;  // as many of the first ones are
    std::string joined;
  };

  // The longest beginning of a node's inputs that an earlier node joined.
  [[nodiscard]] std::optional<Shared> find(int place) const {
    const auto& node = graph_.node(place);
    const auto axis = axis_of(node);
    if (!axis) return std::nullopt;
    const Beginnings& beginnings = beginnings_.at(*axis);
    std::optional<Shared> longest;
    const Beginnings::Step* step = &beginnings.begin();
    for (int count = 1; count < node.input_size(); ++count) {
      const std::string& input = node.input(count - 1);
      step = &beginnings.follow(*step, input);
      const int joined = step->first_whole;
      if (joined < 0 || joined >= place) continue;
      const int uses = behind(step->lists, place);
      const auto only_joined = [&](const std::string& name) { return behind(uses_.at(name), place) == uses; };
      if (std::all_of(node.input().begin(), node.input().begin() + count, only_joined))
        longest = {count, graph_.node(joined).output(0)};
    }
    return longest;
  }

 private:
  // As the file says it; nothing for nodes that are not to be touched.
  static std::optional<std::int64_t> axis_of(const onnx::NodeProto& node) {
    if (node.op_type() != "Concat" || !(node.domain().empty() || node.domain() == "ai.onnx")) return {};
    if (node.output_size() != 1 || node.output(0).empty() || node.attribute_size() != 1) return {};
    const auto& axis = node.attribute(0);
    if (axis.name() != "axis" || axis.type() != onnx::AttributeProto::INT || !axis.ref_attr_name().empty())
      return {};
    return axis.i();
  }

  const onnx::GraphProto& graph_;
  std::unordered_map<std::string, Places> uses_;
  std::map<std::int64_t, Beginnings> beginnings_;
};

}  // namespace

void share_concats(onnx::GraphProto& graph) {
  std::vector<std::pair<int, Sharing::Shared>> found;
  {
    const Sharing sharing(graph);
    for (int place = 0; place < graph.node_size(); ++place) {
      if (auto shared = sharing.find(place)) found.emplace_back(place, std::move(*shared));
    }
  }
  for (const auto& [place, shared] : found) {
    auto& inputs = *graph.mutable_node(place)->mutable_input();
    inputs.DeleteSubrange(0, shared.inputs - 1);
    inputs[0] = shared.joined;
  }
}

}  // namespace kerf
