#include "models/small_tensor.hpp"

#include <bit>
#include <cstring>
#include <string>

namespace kerf::small_values {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::int64_t kMostElements = 4096;

template <class Element>
void decode_as(const std::string& bytes, std::vector<Number>& values) {
  for (std::size_t at = 0; at + sizeof(Element) <= bytes.size(); at += sizeof(Element)) {
    Element element;
    std::memcpy(&element, bytes.data() + at, sizeof(Element));
    values.push_back(static_cast<Number>(element));
  }
}

template <class Element>
void encode_as(const std::vector<Number>& values, std::string& bytes) {
  for (const Number value : values) {
    const auto element = static_cast<Element>(value);
    bytes.append(reinterpret_cast<const char*>(&element), sizeof(Element));
  }
}

}  // namespace

std::optional<std::int64_t> count(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0 || dimension > kMostElements) return std::nullopt;
    product *= dimension;
    if (product > kMostElements) return std::nullopt;
  }
  return product;
}

std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) {
  std::int64_t value = 1;
  for (std::size_t i = from; i < to; ++i) value *= shape[i];
  return value;
}

std::optional<Small> decode(const onnx::TensorProto& tensor) {
  Small small{tensor.data_type(), Shape(tensor.dims().begin(), tensor.dims().end()), {}};
  switch (tensor.data_type()) {
    case onnx::TensorProto::FLOAT:
      decode_as<float>(tensor.raw_data(), small.values);
      break;
    case onnx::TensorProto::DOUBLE:
      decode_as<double>(tensor.raw_data(), small.values);
      break;
    case onnx::TensorProto::INT32:
      decode_as<std::int32_t>(tensor.raw_data(), small.values);
      break;
    case onnx::TensorProto::INT64:
      decode_as<std::int64_t>(tensor.raw_data(), small.values);
      break;
    case onnx::TensorProto::BOOL:
      decode_as<std::uint8_t>(tensor.raw_data(), small.values);
      break;
    default:
      return std::nullopt;
  }
  const auto expected = count(small.shape);
  if (!expected || *expected != static_cast<std::int64_t>(small.values.size())) return std::nullopt;
  return small;
}

std::optional<onnx::TensorProto> encode(const Small& small) {
  onnx::TensorProto tensor;
  tensor.set_data_type(small.type);
  for (const std::int64_t dimension : small.shape) tensor.add_dims(dimension);
  const bool whole = small.type == onnx::TensorProto::INT32 || small.type == onnx::TensorProto::INT64;
  const Number limit = small.type == onnx::TensorProto::INT32 ? 0x1p31L : 0x1p63L;
  for (const Number value : small.values) {
    if (whole && !(value >= -limit && value < limit)) return std::nullopt;
  }
  std::string& bytes = *tensor.mutable_raw_data();
  switch (small.type) {
    case onnx::TensorProto::FLOAT:
      encode_as<float>(small.values, bytes);
      break;
    case onnx::TensorProto::DOUBLE:
      encode_as<double>(small.values, bytes);
      break;
    case onnx::TensorProto::INT32:
      encode_as<std::int32_t>(small.values, bytes);
      break;
    case onnx::TensorProto::INT64:
      encode_as<std::int64_t>(small.values, bytes);
      break;
    case onnx::TensorProto::BOOL:
      for (const Number value : small.values) bytes.push_back(value != 0 ? 1 : 0);
      break;
    default:
      return std::nullopt;
  }
  return tensor;
}

}  // namespace kerf::small_values
