#include "models/constant_values.hpp"

#include <algorithm>
#include <string>

namespace kerf {
namespace {

template <class Element>
void append(onnx::TensorProto& tensor, const Element& value) {
  tensor.mutable_raw_data()->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

std::optional<ConstantValue> value_of_constant(const onnx::NodeProto& node) {
  const onnx::AttributeProto& attribute = node.attribute(0);
  const std::string& name = attribute.name();
  if (name == "value" && attribute.has_t() && attribute.t().data_type() != onnx::TensorProto::STRING) {
    return ConstantValue{attribute.t(), false};
  }
  ConstantValue value;
  value.literal = true;
  onnx::TensorProto& data = value.data;
  if (name == "value_float" || name == "value_floats") {
    data.set_data_type(onnx::TensorProto::FLOAT);
    if (name == "value_float") append(data, attribute.f());
    for (const float number : attribute.floats()) append(data, number);
    if (name == "value_floats") data.add_dims(attribute.floats_size());
    return value;
  }
  if (name == "value_int" || name == "value_ints") {
    data.set_data_type(onnx::TensorProto::INT64);
    if (name == "value_int") append(data, std::int64_t{attribute.i()});
    for (const std::int64_t number : attribute.ints()) append(data, number);
    if (name == "value_ints") data.add_dims(attribute.ints_size());
    return value;
  }
  return std::nullopt;
}

std::optional<ConstantValue> value_of_shape(const onnx::NodeProto& node, const Tensor& input) {
  ConstantValue value;
  value.literal = true;
  value.data.set_data_type(onnx::TensorProto::INT64);
  if (node.op_type() == "Size") {
    append(value.data, input.elements());
    return value;
  }
  if (node.op_type() != "Shape") return std::nullopt;
  const auto rank = static_cast<std::int64_t>(input.shape.size());
  std::int64_t start = 0;
  std::int64_t end = rank;
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == "start") start = attribute.i();
    if (attribute.name() == "end") end = attribute.i();
  }
  start = std::clamp<std::int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<std::int64_t>(end < 0 ? end + rank : end, start, rank);
  for (std::int64_t axis = start; axis < end; ++axis)
    append(value.data, input.shape[static_cast<std::size_t>(axis)]);
  value.data.add_dims(end - start);
  return value;
}

}  // namespace kerf
