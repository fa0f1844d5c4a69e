#include "models/graph.hpp"

#include <algorithm>

namespace kerf {

std::string_view name_of(ElementType type) {
  switch (type) {
    case ElementType::kUndefined:
      return "undefined";
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kUint16:
      return "uint16";
    case ElementType::kInt16:
      return "int16";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kString:
      return "string";
    case ElementType::kBool:
      return "bool";
    case ElementType::kFloat16:
      return "float16";
    case ElementType::kFloat64:
      return "float64";
    case ElementType::kUint32:
      return "uint32";
    case ElementType::kUint64:
      return "uint64";
    case ElementType::kBfloat16:
      return "bfloat16";
  }
  return "unknown";
}

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
    case ElementType::kInt8:
    case ElementType::kBool:
      return 1;
    case ElementType::kUint16:
    case ElementType::kInt16:
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
      return 2;
    case ElementType::kFloat32:
    case ElementType::kInt32:
    case ElementType::kUint32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kFloat64:
    case ElementType::kUint64:
      return 8;
    case ElementType::kUndefined:
    case ElementType::kString:
      return 0;
  }
  return 0;
}

std::int64_t Tensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) product *= dimension;
  return product;
}

Bytes Tensor::bytes() const {
  return Bytes(static_cast<double>(elements()) * static_cast<double>(bytes_of(type)));
}

double Graph::multiply_adds() const {
  double sum = 0;
  for (const Node& node : nodes) sum += node.multiply_adds;
  return sum;
}

std::int64_t Graph::parameters() const {
  std::int64_t sum = 0;
  for (const Tensor& tensor : tensors) {
    // 64-bit integers are shapes, axes and indices, booleans are conditions: operands of operators, nothing
    // that was trained.
    if (tensor.weight < 0 || tensor.type == ElementType::kInt64 || tensor.type == ElementType::kBool)
      continue;
    if (!weights[static_cast<std::size_t>(tensor.weight)].literal) sum += tensor.elements();
  }
  return sum;
}

Bytes Graph::weight_bytes() const {
  Bytes sum;
  for (const Tensor& tensor : tensors) {
    if (tensor.weight >= 0) sum += tensor.bytes();
  }
  return sum;
}

TensorId Graph::find_tensor(std::string_view name_wanted) const {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name_wanted; });
  return found == tensors.end() ? -1 : static_cast<TensorId>(found - tensors.begin());
}

}  // namespace kerf
