#include "models/onnx_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "models/constant_values.hpp"
#include "models/inlining.hpp"
#include "models/input_shapes.hpp"
#include "models/multiply_adds.hpp"
#include "models/needed_nodes.hpp"
#include "models/node_order.hpp"
#include "models/onnx_shapes.hpp"
#include "models/onnx_skeleton.hpp"
#include "models/shared_concats.hpp"
#include "models/skeleton_import.hpp"
#include "models/weight_place.hpp"

namespace kerf {
namespace {

// The order of the words of the import: collect names, find the nodes that matter, walk them with shapes,
// reorder.
class Importer {
 public:
  Importer(Skeleton& skeleton, const InputShapes& shapes, const std::string& where, const ShapeOracle& oracle)
      : where_(where), skeleton_(skeleton), proto_(*skeleton.model.mutable_graph()), oracle_(oracle) {
    graph_.ir_version = skeleton_.model.ir_version();
    read_operator_sets();
    for (const auto& weight : proto_.initializer()) initializers_.insert(weight.name());
    resolved_ = resolve_inputs(proto_, initializers_, shapes, where_);
  }

  // Nothing when the walk came to an If whose condition is constant: then branch() says which.
  std::optional<Graph> run() {
    std::map<std::string, std::int64_t> versions;
    for (const OperatorSet& set : graph_.operator_sets) versions[set.domain] = set.version;
    OnnxShapes known(versions, graph_.ir_version, oracle_);
    declare_hints(known);
    add_inputs(known);
    add_initializers(known);
    std::unordered_set<std::string> given;
    for (const auto& [name, id] : ids_) given.insert(name);
    for (const int index : needed_nodes(proto_, given, where_)) {
      if (has_graphs(proto_.node(index))) {
        branch_ = {index, condition_of(index, known)};
        return std::nullopt;
      }
      add_node(proto_.mutable_node(index), index, known);
    }
    add_outputs();
    drop_unknown();
    reorder();
    refuse_if_nothing_computes();
    return std::move(graph_);
  }

  struct Branch {
    int node = -1;  // an If in the model's graph
    bool condition = false;
  };
  [[nodiscard]] Branch branch() const { return branch_; }

 private:
  [[nodiscard]] Error bad(const std::string& where, const std::string& found, const std::string& expected,
                          const std::string& hint = "export the model again") const {
    return {ErrorCode::kBadInput, where, found, expected, hint};
  }
  [[nodiscard]] std::string where(int index) const { return place_of_node(proto_, index, where_); }

  void read_operator_sets() {
    for (const auto& set : skeleton_.model.opset_import()) {
      graph_.operator_sets.push_back({set.domain() == "ai.onnx" ? "" : set.domain(), set.version()});
    }
    if (!graph_.operator_sets.empty()) return;
    if (skeleton_.model.ir_version() >= 3)
      throw bad(where_, "no opset_import", "the version of ONNX's operators");
    graph_.operator_sets.push_back({"", 1});  // as files from before version 3 of the format mean it
  }

  // What the file says of shapes is worth something only at the shapes it was written for.
  void declare_hints(OnnxShapes& known) const {
    if (!resolved_.as_filed) return;
    for (const auto* list : {&proto_.value_info(), &proto_.output()}) {
      for (const auto& value : *list) {
        TensorType type = fixed_type(value.type(), resolved_.dimensions);
        if (bytes_of(type.type) > 0) known.declare_hint(value.name(), type);
      }
    }
  }

  TensorId add_tensor(const std::string& name, const TensorType& type) {
    const auto id = static_cast<TensorId>(graph_.tensors.size());
    const auto [entry, fresh] = ids_.emplace(name, id);
    if (!fresh || name.empty()) {
      throw bad(
          where_,
          name.empty() ? "a tensor without a name" : fmt::format("tensor \"{}\" is defined twice", name),
          "one definition of each tensor");
    }
    Tensor& tensor = graph_.tensors.emplace_back();
    tensor.name = name;
    tensor.type = type.type;
    tensor.shape = type.shape;
    return id;
  }

  void check_size(const TensorType& type, const std::string& where, const std::string& name) const {
    std::int64_t bytes = static_cast<std::int64_t>(std::max<std::size_t>(bytes_of(type.type), 1));
    for (const std::int64_t dimension : type.shape) {
      if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(dimension, 1), &bytes) ||
          bytes > (1LL << 53)) {
        throw bad(where, fmt::format("tensor \"{}\" of [{}]", name, fmt::join(type.shape, ", ")),
                  "a tensor that fits in memory", "check the input shapes");
      }
    }
  }

  void add_inputs(OnnxShapes& known) {
    for (const auto& [name, type] : resolved_.inputs) {
      check_size(type, where_, name);
      graph_.inputs.push_back(add_tensor(name, type));
      known.declare(name, type);
    }
  }

  void add_weight(const std::string& name, const onnx::TensorProto& data, bool literal, OnnxShapes& known) {
    const TensorType type{static_cast<ElementType>(data.data_type()),
                          {data.dims().begin(), data.dims().end()}};
    const std::string where = fmt::format("{}: weight \"{}\"", where_, name);
    if (bytes_of(type.type) == 0) {
      throw Error(ErrorCode::kUnsupported, where, "an initializer of strings", "numbers");
    }
    check_size(type, where, name);
    const TensorId id = add_tensor(name, type);
    Tensor& tensor = graph_.tensors[static_cast<std::size_t>(id)];
    tensor.constant = true;
    tensor.weight = static_cast<std::int32_t>(graph_.weights.size());
    WeightPlace& place = graph_.weights.emplace_back(skeleton_.place_of(data));
    place.literal = literal;
    if (static_cast<double>(place.length) != tensor.bytes().value()) {
      throw bad(where, fmt::format("{} bytes of data", place.length), "as many as its shape and type say");
    }
    known.declare_constant(name, data);
  }

  void add_initializers(OnnxShapes& known) {
    if (proto_.sparse_initializer_size() > 0) {
      throw Error(ErrorCode::kUnsupported, where_, "sparse initializers", "dense ones");
    }
    for (const auto& weight : proto_.initializer()) add_weight(weight.name(), weight, false, known);
  }

  [[nodiscard]] std::string unique_name(const onnx::NodeProto& node, int index) {
    const std::string base = node.name().empty() ? fmt::format("{}_{}", node.op_type(), index) : node.name();
    std::string name = base;
    for (int again = 2; !node_names_.insert(name).second; ++again) name = fmt::format("{}_{}", base, again);
    return name;
  }

  // Of an If; everything else with a graph inside is refused, and so is a condition that depends on the data.
  [[nodiscard]] bool condition_of(int index, const OnnxShapes& known) const {
    const onnx::NodeProto& node = proto_.node(index);
    std::string why = fmt::format("control flow ({})", node.op_type());
    if (node.op_type() == "If" && node.domain().empty() && node.input_size() == 1) {
      const onnx::TensorProto* condition = known.value_of(node.input(0));
      if (condition != nullptr && condition->raw_data().size() == 1) return condition->raw_data()[0] != 0;
      why += fmt::format(" whose condition \"{}\" depends on the data", node.input(0));
    }
    throw Error(
        ErrorCode::kUnsupported, where(index), why, "a graph without branches and loops that depend on data",
        "export the model without it (PyTorch: trace it instead of scripting it), or cut that part off "
        "the model and run it by itself");
  }

  void add_node(onnx::NodeProto* proto, int index, OnnxShapes& known) {
    if (is_constant_node(*proto) && add_constant(*proto, index, known)) return;
    for (const std::string& input : proto->input()) {
      if (!input.empty()) require_known(ids_.at(input));
    }
    inline_attributes(*proto, where(index));
    const std::vector<TensorType> types = known.infer(*proto, where(index));
    if (add_shape_of(*proto, known)) return;

    Node node;
    node.name = unique_name(*proto, index);
    node.op_type = proto->op_type();
    node.domain = proto->domain() == "ai.onnx" ? "" : proto->domain();
    std::vector<const Tensor*> inputs;
    node.constant = !draws_random_numbers(node.op_type);
    for (const std::string& input : proto->input()) {
      const TensorId id = input.empty() ? -1 : ids_.at(input);
      node.inputs.push_back(id);
      inputs.push_back(id < 0 ? nullptr : &graph_.tensors[static_cast<std::size_t>(id)]);
      if (id >= 0 && !inputs.back()->constant) node.constant = false;
    }
    if (!types.empty() && !node.constant) {
      Tensor first;
      first.shape = types[0].shape;
      node.multiply_adds = kerf::multiply_adds(*proto, inputs, first);
    }
    const auto id = static_cast<NodeId>(graph_.nodes.size());
    for (int i = 0; i < proto->output_size(); ++i) {
      if (proto->output(i).empty()) continue;
      const TensorType& type = types[static_cast<std::size_t>(i)];
      check_size(type, where(index), proto->output(i));
      const TensorId output = add_tensor(proto->output(i), type);
      node.outputs.push_back(output);
      Tensor& tensor = graph_.tensors[static_cast<std::size_t>(output)];
      tensor.producer = id;
      tensor.constant = node.constant;
    }
    for (const TensorId input : std::set<TensorId>(node.inputs.begin(), node.inputs.end())) {
      if (input >= 0) graph_.tensors[static_cast<std::size_t>(input)].consumers.push_back(id);
    }
    proto->clear_doc_string();
    node.proto = proto->SerializeAsString();
    graph_.nodes.push_back(std::move(node));
    file_index_.push_back(index);
  }

  static bool draws_random_numbers(const std::string& op) {
    return op.starts_with("Random") || op == "Multinomial" || op == "Bernoulli";
  }

  // A Constant node of numbers is a weight like any other.
  bool add_constant(const onnx::NodeProto& node, int index, OnnxShapes& known) {
    if (node.output_size() != 1 || node.attribute_size() != 1) {
      throw bad(where(index),
                fmt::format("{} outputs and {} attributes", node.output_size(), node.attribute_size()),
                "one of each");
    }
    const auto value = value_of_constant(node);
    if (value) add_weight(node.output(0), value->data, value->literal, known);
    return value.has_value();
  }

  // The shape of any tensor is known by now: Shape and Size become weights, so that nothing waits for their
  // input.
  bool add_shape_of(const onnx::NodeProto& node, OnnxShapes& known) {
    if (!node.domain().empty() && node.domain() != "ai.onnx") return false;
    if (node.input_size() != 1) return false;
    const auto value = value_of_shape(node, graph_.tensors[static_cast<std::size_t>(ids_.at(node.input(0)))]);
    if (value) add_weight(node.output(0), value->data, value->literal, known);
    return value.has_value();
  }

  // Large tensors in attributes of other nodes go back in: a node is complete by itself.
  void inline_attributes(onnx::NodeProto& node, const std::string& where) const {
    for (auto& attribute : *node.mutable_attribute()) {
      const auto fill = [&](onnx::TensorProto& tensor) {
        if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
        tensor.set_raw_data(read_place(skeleton_.place_of(tensor), where));
        tensor.clear_data_location();
        tensor.clear_external_data();
      };
      if (attribute.has_t()) fill(*attribute.mutable_t());
      for (auto& tensor : *attribute.mutable_tensors()) fill(tensor);
    }
  }

  void require_known(TensorId id) const {
    const Tensor& tensor = graph_.tensors[static_cast<std::size_t>(id)];
    if (bytes_of(tensor.type) > 0 || tensor.type == ElementType::kString) return;
    const int index = tensor.producer < 0 ? -1 : file_index_[static_cast<std::size_t>(tensor.producer)];
    throw Error(ErrorCode::kUnsupported, index < 0 ? where_ : where(index),
                fmt::format("the shape of tensor \"{}\" cannot be inferred", tensor.name),
                "shapes that follow from those of the inputs",
                "where the shape depends on the data, cut that part off the model and run it by itself");
  }

  void add_outputs() {
    for (const auto& output : proto_.output()) {
      if (output.name().empty()) throw bad(where_, "an output without a name", "the name of a tensor");
      const TensorId id = ids_.at(output.name());
      if (std::find(graph_.outputs.begin(), graph_.outputs.end(), id) != graph_.outputs.end()) {
        throw bad(where_, fmt::format("output \"{}\" is listed twice", output.name()), "each output once");
      }
      require_known(id);
      graph_.outputs.push_back(id);
    }
    if (graph_.outputs.empty()) throw bad(where_, "no outputs", "a model with at least one output");
  }

  // Second outputs that no one reads (the mask of an old Dropout) may have no known shape: the graph forgets
  // them.
  void drop_unknown() {
    std::vector<TensorId> renumbered(graph_.tensors.size(), -1);
    std::vector<Tensor> kept;
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (bytes_of(graph_.tensors[t].type) == 0 && graph_.tensors[t].type != ElementType::kString) continue;
      renumbered[t] = static_cast<TensorId>(kept.size());
      kept.push_back(std::move(graph_.tensors[t]));
    }
    graph_.tensors = std::move(kept);
    const auto renumber = [&](std::vector<TensorId>& list) {
      for (TensorId& id : list) {
        if (id >= 0) id = renumbered[static_cast<std::size_t>(id)];
      }
    };
    for (Node& node : graph_.nodes) {
      renumber(node.inputs);
      renumber(node.outputs);
      std::erase(node.outputs, -1);
    }
    renumber(graph_.inputs);
    renumber(graph_.outputs);
  }

  void reorder() {
    const std::vector<NodeId> order = narrow_order(graph_);
    std::vector<NodeId> place(order.size());
    std::vector<Node> nodes;
    for (std::size_t n = 0; n < order.size(); ++n) {
      place[static_cast<std::size_t>(order[n])] = static_cast<NodeId>(n);
      nodes.push_back(std::move(graph_.nodes[static_cast<std::size_t>(order[n])]));
    }
    graph_.nodes = std::move(nodes);
    for (Tensor& tensor : graph_.tensors) {
      if (tensor.producer >= 0) tensor.producer = place[static_cast<std::size_t>(tensor.producer)];
      for (NodeId& consumer : tensor.consumers) consumer = place[static_cast<std::size_t>(consumer)];
      std::sort(tensor.consumers.begin(), tensor.consumers.end());
    }
  }

  void refuse_if_nothing_computes() const {
    if (!graph_.nodes.empty() && !graph_.nodes.back().constant) return;
    throw bad(where_, "no node that computes anything from an input", "a model with at least one operator",
              "check that this is the file you mean");
  }

  const std::string& where_;
  Skeleton& skeleton_;
  onnx::GraphProto& proto_;
  const ShapeOracle& oracle_;
  std::set<std::string> initializers_;
  ResolvedInputs resolved_;
  std::unordered_map<std::string, TensorId> ids_;
  std::unordered_set<std::string> node_names_;
  std::vector<int> file_index_;  // of graph_.nodes, before they are reordered
  Branch branch_;
  Graph graph_;
};

}  // namespace

Graph import_skeleton(Skeleton& skeleton, const InputShapes& shapes, const std::string& where,
                      const ShapeOracle& oracle) {
  constexpr int kMostBranches = 1000;
  for (int branches = 0; branches <= kMostBranches; ++branches) {
    inline_functions(skeleton.model, where);
    share_concats(*skeleton.model.mutable_graph());
    Importer importer(skeleton, shapes, where, oracle);
    if (auto graph = importer.run()) return std::move(*graph);
    // Begun anew for each: what the branch needs may have to be made in another order.
    inline_branch(*skeleton.model.mutable_graph(), importer.branch().node, importer.branch().condition,
                  where);
  }
  throw Error(ErrorCode::kUnsupported, where,
              fmt::format("more than {} branches on constants", kMostBranches),
              "a graph without control flow");
}

std::string graph_hash(std::uint64_t content, const Graph& graph) {
  std::string text = hex(content);
  for (const TensorId id : graph.inputs) {
    const Tensor& input = graph.tensors[static_cast<std::size_t>(id)];
    text += fmt::format("\n{}={}", input.name, fmt::join(input.shape, ","));
  }
  return hex(xxh64(text));
}

Graph import_onnx(const std::filesystem::path& file, const InputShapes& shapes, const ShapeOracle& oracle) {
  Skeleton skeleton = read_skeleton(file);
  Graph graph = import_skeleton(skeleton, shapes, file.string(), oracle);
  graph.name = file.stem().string();
  graph.hash = graph_hash(hash_content(file, skeleton), graph);
  return graph;
}

}  // namespace kerf
