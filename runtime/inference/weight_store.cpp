#include "runtime/inference/weight_store.hpp"

#include <algorithm>
#include <span>

#include "models/slicer.hpp"
#include "runtime/inference/weight_buffers.hpp"

namespace kerf {
namespace {

bool only_right_operand(const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
  if (tensor.type != ElementType::kFloat32 || tensor.shape.size() != 2) return false;
  return std::all_of(tensor.consumers.begin(), tensor.consumers.end(), [&](NodeId consumer) {
    const Node& node = graph.nodes[static_cast<std::size_t>(consumer)];
    const bool product = node.domain.empty() && (node.op_type == "MatMul" || node.op_type == "Gemm");
    return product && node.inputs.size() >= 2 && node.inputs[1] == id &&
           std::count(node.inputs.begin(), node.inputs.end(), id) == 1;
  });
}

}  // namespace

WeightStore::Buffers::Buffers(const Graph& model) : graph(model) {
  OrtPrepackedWeightsContainer* container = nullptr;
  onnx_runtime::translating(
      model.name, [&] { Ort::ThrowOnError(Ort::GetApi().CreatePrepackedWeightsContainer(&container)); });
  packed.reset(container);
}

const WeightStore::Buffers::Weight& WeightStore::Buffers::weight(TensorId id) {
  const auto known = weights.find(id);
  if (known != weights.end()) return known->second;

  const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
  return onnx_runtime::translating(tensor.name, [&]() -> const Weight& {
    Weight weight;
    const auto size = static_cast<std::size_t>(tensor.bytes().value());
    weight.memory.reset(static_cast<char*>(::operator new[](std::max<std::size_t>(size, 1), kAlignment)));
    read_weight(graph, id, std::span(weight.memory.get(), size));
    weight.tensor = onnx_runtime::borrowed_tensor(weight.memory.get(), size, tensor.type, tensor.shape);
    weight.packable = only_right_operand(graph, id);
    bytes += static_cast<double>(size);
    return weights.emplace(id, std::move(weight)).first->second;
  });
}

WeightStore::WeightStore(const Graph& graph) : graph_(graph), buffers_(std::make_unique<Buffers>(graph)) {}
WeightStore::~WeightStore() = default;

const void* WeightStore::data(TensorId tensor) {
  return buffers_->weight(tensor).memory.get();
}
Bytes WeightStore::loaded() const {
  return Bytes(buffers_->bytes);
}
bool WeightStore::packed_once(TensorId weight) const {
  return only_right_operand(graph_, weight);
}

}  // namespace kerf
