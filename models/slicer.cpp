#include "models/slicer.hpp"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <set>

#include "base/error.hpp"
#include "models/weight_place.hpp"
#include "models/wire.hpp"

namespace kerf {
namespace {

constexpr std::int64_t kFirstVersionWithFreeInitializers =
    4;  // before, every initializer had to be an input, too

const Tensor& tensor_of(const Graph& graph, TensorId id) {
  return graph.tensors[static_cast<std::size_t>(id)];
}

// What a slice consists of, found by one walk over its nodes.
class Parts {
 public:
  Parts(const Graph& graph, const Chain& chain, int first_block, int last_block)
      : graph_(graph),
        before_(chain.cuts.at(static_cast<std::size_t>(first_block)).tensors),
        after_(chain.cuts.at(static_cast<std::size_t>(last_block) + 1).tensors) {
    assert(first_block >= 0 && first_block <= last_block);
    const int first_node = chain.blocks[static_cast<std::size_t>(first_block)].first_node;
    const int end_node = chain.blocks[static_cast<std::size_t>(last_block)].end_node;
    for (int n = first_node; n < end_node; ++n) nodes_.insert(n);
    for (int n = first_node; n < end_node; ++n) use_inputs(graph.nodes[static_cast<std::size_t>(n)]);
    for (const TensorId output : after_) {
      if (tensor_of(graph, output).constant) use_constant(output);
    }
    for (const TensorId tensor : before_) {
      if (used_.contains(tensor)) inputs.push_back(tensor);
      if (crosses_after(tensor)) passed.push_back(tensor);
    }
    for (const TensorId tensor : after_) {
      if (!std::binary_search(before_.begin(), before_.end(), tensor)) outputs.push_back(tensor);
    }
  }

  [[nodiscard]] const std::set<NodeId>& nodes() const { return nodes_; }
  [[nodiscard]] const std::set<TensorId>& weights() const { return weights_; }
  [[nodiscard]] const std::vector<TensorId>& before() const { return before_; }
  [[nodiscard]] const std::vector<TensorId>& after() const { return after_; }
  std::vector<TensorId> inputs, outputs, passed;

 private:
  [[nodiscard]] bool crosses_after(TensorId tensor) const {
    return std::binary_search(after_.begin(), after_.end(), tensor);
  }

  void use_inputs(const Node& node) {
    for (const TensorId input : node.inputs) {
      if (input < 0) continue;
      if (tensor_of(graph_, input).constant) {
        use_constant(input);
      } else {
        used_.insert(input);
      }
    }
  }

  // A weight, or the constant node that makes the tensor, and what that needs.
  void use_constant(TensorId id) {
    std::vector<TensorId> open = {id};
    while (!open.empty()) {
      const Tensor& tensor = tensor_of(graph_, open.back());
      if (tensor.weight >= 0) weights_.insert(open.back());
      open.pop_back();
      if (tensor.producer < 0 || !nodes_.insert(tensor.producer).second) continue;
      for (const TensorId input : graph_.nodes[static_cast<std::size_t>(tensor.producer)].inputs) {
        if (input >= 0) open.push_back(input);
      }
    }
  }

  const Graph& graph_;
  const std::vector<TensorId>& before_;
  const std::vector<TensorId>& after_;
  std::set<NodeId> nodes_;  // constant ones have the lowest numbers: set order is a topological order
  std::set<TensorId> used_;
  std::set<TensorId> weights_;
};

void declare(const Tensor& tensor, onnx::ValueInfoProto& value) {
  value.set_name(tensor.name);
  auto* type = value.mutable_type()->mutable_tensor_type();
  type->set_elem_type(static_cast<std::int32_t>(tensor.type));
  for (const std::int64_t dimension : tensor.shape)
    type->mutable_shape()->add_dim()->set_dim_value(dimension);
  type->mutable_shape();  // a scalar has a shape of no dimensions
}

onnx::TensorProto declare_weight(const Tensor& tensor) {
  onnx::TensorProto proto;
  proto.set_name(tensor.name);
  proto.set_data_type(static_cast<std::int32_t>(tensor.type));
  for (const std::int64_t dimension : tensor.shape) proto.add_dims(dimension);
  return proto;
}

// The model without its graph.
onnx::ModelProto envelope(const Graph& graph) {
  onnx::ModelProto model;
  model.set_ir_version(std::max(graph.ir_version, kFirstVersionWithFreeInitializers));
  model.set_producer_name("kerf");
  for (const OperatorSet& set : graph.operator_sets) {
    auto* proto = model.add_opset_import();
    proto->set_domain(set.domain);
    proto->set_version(set.version);
  }
  return model;
}

// The graph without its weights.
onnx::GraphProto skeleton(const Graph& graph, const Parts& parts, int first_block, int last_block,
                          const std::vector<TensorId>& inputs, const std::vector<TensorId>& outputs) {
  onnx::GraphProto proto;
  proto.set_name(fmt::format("{} blocks {}-{}", graph.name, first_block, last_block));
  for (const NodeId node : parts.nodes()) {
    proto.add_node()->ParseFromString(graph.nodes[static_cast<std::size_t>(node)].proto);
  }
  for (const TensorId tensor : inputs) declare(tensor_of(graph, tensor), *proto.add_input());
  for (const TensorId tensor : outputs) declare(tensor_of(graph, tensor), *proto.add_output());
  return proto;
}

const WeightPlace& place_of(const Graph& graph, TensorId tensor) {
  return graph.weights[static_cast<std::size_t>(tensor_of(graph, tensor).weight)];
}

std::string name_weight(const Graph& graph, TensorId tensor) {
  return fmt::format("weight \"{}\"", tensor_of(graph, tensor).name);
}

}  // namespace

Slice make_slice(const Graph& graph, const Chain& chain, int first_block, int last_block) {
  const Parts parts(graph, chain, first_block, last_block);
  Slice slice;
  slice.first_block = first_block;
  slice.last_block = last_block;
  slice.inputs = parts.inputs;
  slice.outputs = parts.outputs;
  slice.passed = parts.passed;
  onnx::ModelProto model = envelope(graph);
  *model.mutable_graph() = skeleton(graph, parts, first_block, last_block, parts.inputs, parts.outputs);
  for (const TensorId tensor : parts.weights()) {
    slice.weight_bytes += tensor_of(graph, tensor).bytes();
    onnx::TensorProto& weight = *model.mutable_graph()->add_initializer();
    weight = declare_weight(tensor_of(graph, tensor));
    const WeightPlace& place = place_of(graph, tensor);
    if (place.length <= kInlineLimit) {
      weight.set_raw_data(read_place(place, name_weight(graph, tensor)));
      continue;
    }
    slice.weights.push_back(tensor);
    weight.set_data_location(onnx::TensorProto::EXTERNAL);
    auto* location = weight.add_external_data();
    location->set_key("location");
    location->set_value(std::string(kWeightsElsewhere));
  }
  slice.model = model.SerializeAsString();
  return slice;
}

// The wire format is written by hand around the weights, so that each is copied once, from its file to its
// place.
std::string slice_file(const Graph& graph, const Chain& chain, int first_block, int last_block) {
  const Parts parts(graph, chain, first_block, last_block);
  const onnx::GraphProto proto =
      skeleton(graph, parts, first_block, last_block, parts.before(), parts.after());
  const std::string rest = proto.SerializeAsString();

  constexpr std::uint32_t kModelGraph = 7;
  constexpr std::uint32_t kGraphInitializer = 5;
  constexpr std::uint32_t kTensorRawData = 9;
  std::vector<std::string> heads;  // of each weight: initializer and tensor up to where its raw data begin
  std::uint64_t graph_size = rest.size();
  for (const TensorId tensor : parts.weights()) {
    const std::uint64_t length = place_of(graph, tensor).length;
    std::string tensor_head = declare_weight(tensor_of(graph, tensor)).SerializeAsString();
    append_varint(tensor_head, (kTensorRawData << 3) | 2);
    append_varint(tensor_head, length);
    std::string head;
    append_varint(head, (kGraphInitializer << 3) | 2);
    append_varint(head, tensor_head.size() + length);
    graph_size += head.size() + tensor_head.size() + length;
    heads.push_back(head + tensor_head);
  }
  std::string file = envelope(graph).SerializeAsString();
  if (graph_size + file.size() + 16 > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
    throw Error(ErrorCode::kUnsupported, graph.name,
                fmt::format("blocks {}-{} hold {:.2f} GB", first_block, last_block,
                            static_cast<double>(graph_size) / 1e9),
                "less than 2 GB, which is what one ONNX file can hold", "cut the model in more places");
  }
  file.reserve(file.size() + graph_size + 16);
  append_varint(file, (kModelGraph << 3) | 2);
  append_varint(file, graph_size);
  file += rest;
  std::size_t i = 0;
  for (const TensorId tensor : parts.weights()) {
    file += heads[i++];
    append_place(file, place_of(graph, tensor), name_weight(graph, tensor));
  }
  return file;
}

std::string read_weight(const Graph& graph, TensorId tensor) {
  assert(tensor_of(graph, tensor).weight >= 0);
  return read_place(place_of(graph, tensor), name_weight(graph, tensor));
}

void read_weight(const Graph& graph, TensorId tensor, std::span<char> to) {
  assert(tensor_of(graph, tensor).weight >= 0);
  read_part(place_of(graph, tensor), 0, to, name_weight(graph, tensor));
}

}  // namespace kerf
