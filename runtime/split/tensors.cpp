#include "runtime/split/tensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr std::array<std::pair<ElementType, std::string_view>, 13> kDatatypes{
    {{ElementType::kFloat32, "FP32"},
     {ElementType::kUint8, "UINT8"},
     {ElementType::kInt8, "INT8"},
     {ElementType::kUint16, "UINT16"},
     {ElementType::kInt16, "INT16"},
     {ElementType::kInt32, "INT32"},
     {ElementType::kInt64, "INT64"},
     {ElementType::kBool, "BOOL"},
     {ElementType::kFloat16, "FP16"},
     {ElementType::kFloat64, "FP64"},
     {ElementType::kUint32, "UINT32"},
     {ElementType::kUint64, "UINT64"},
     {ElementType::kBfloat16, "BF16"}}};

std::string datatype_of(ElementType type, const std::string& tensor) {
  for (const auto& [known, name] : kDatatypes) {
    if (known == type) return std::string(name);
  }
  throw Error(ErrorCode::kUnsupported, tensor,
              fmt::format("a tensor of {} elements cannot travel", name_of(type)), "numbers",
              "cut elsewhere");
}

ElementType element_type(const NamedTensor& tensor) {
  for (const auto& [type, name] : kDatatypes) {
    if (name == tensor.datatype) return type;
  }
  throw Error(ErrorCode::kBadInput, tensor.name, fmt::format("a tensor of type {}", tensor.datatype),
              "numbers");
}

}  // namespace

TensorSignature signature_of(const Tensor& tensor) {
  return {tensor.name, datatype_of(tensor.type, tensor.name), tensor.shape};
}

std::vector<TensorSignature> signatures_of(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::vector<TensorSignature> signatures;
  for (const TensorId id : tensors)
    signatures.push_back(signature_of(graph.tensors[static_cast<std::size_t>(id)]));
  return signatures;
}

std::vector<NamedTensor> to_wire(const LiveTensors& tensors) {
  std::vector<NamedTensor> sent;
  for (const auto& [name, tensor] : tensors) {
    sent.push_back({name, datatype_of(tensor.type, name), tensor.shape, Payload(tensor.bytes, tensor.owner)});
  }
  return sent;
}

LiveTensors from_wire(std::vector<NamedTensor> tensors) {
  LiveTensors received;
  for (NamedTensor& tensor : tensors) {
    const ElementType type = element_type(tensor);
    const std::span<const std::byte> bytes = tensor.bytes.contiguous();
    auto owner = bytes.empty() ? nullptr : tensor.bytes.pieces().front().owner;
    received.emplace(std::move(tensor.name),
                     LiveTensor{type, std::move(tensor.shape), bytes, std::move(owner)});
  }
  return received;
}

Bytes bytes_of(const std::vector<NamedTensor>& tensors) {
  Bytes sum;
  for (const NamedTensor& tensor : tensors) sum += Bytes(static_cast<double>(tensor.bytes.size()));
  return sum;
}

}  // namespace kerf
