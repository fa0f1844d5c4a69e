#include "models/small_values.hpp"

#include <string>

#include "models/small_operators.hpp"
#include "models/small_tensor.hpp"

namespace kerf {

using namespace small_values;

std::optional<onnx::TensorProto> small_value(const onnx::NodeProto& node,
                                             const std::vector<const onnx::TensorProto*>& inputs,
                                             const onnx::TypeProto& type) {
  const Evaluator* const evaluator = node.domain().empty() ? evaluator_of(node.op_type()) : nullptr;
  if (evaluator == nullptr) return std::nullopt;
  std::vector<std::optional<Small>> values;
  for (const auto* input : inputs) values.push_back(input != nullptr ? decode(*input) : std::nullopt);
  Step step{node, values, {}};
  step.out.type = type.tensor_type().elem_type();
  const bool shape_known = node.op_type() != "NonZero";
  if (shape_known) {
    if (!type.tensor_type().has_shape()) return std::nullopt;
    for (const auto& dimension : type.tensor_type().shape().dim()) {
      if (!dimension.has_dim_value()) return std::nullopt;
      step.out.shape.push_back(dimension.dim_value());
    }
    if (!count(step.out.shape)) return std::nullopt;
  }
  if (!(*evaluator)(step)) return std::nullopt;
  if (static_cast<std::int64_t>(step.out.values.size()) !=
      product(step.out.shape, 0, step.out.shape.size())) {
    return std::nullopt;
  }
  return encode(step.out);
}

std::vector<onnx::TensorProto> split_value(const onnx::TensorProto& input, std::size_t axis,
                                           const std::vector<std::vector<std::int64_t>>& shapes) {
  const Shape whole(input.dims().begin(), input.dims().end());
  const auto elements = count(whole);
  const std::string& bytes = input.raw_data();
  if (!elements || *elements == 0 || axis >= whole.size()) return {};
  const std::size_t width = bytes.size() / static_cast<std::size_t>(*elements);
  if (width * static_cast<std::size_t>(*elements) != bytes.size()) return {};
  const auto outer = static_cast<std::size_t>(product(whole, 0, axis));
  const std::size_t step = bytes.size() / outer;  // from one run along the axis to the next
  std::vector<onnx::TensorProto> parts;
  std::size_t first = 0;
  for (const Shape& shape : shapes) {
    Shape expected = whole;
    if (shape.size() == whole.size()) expected[axis] = shape[axis];
    if (shape != expected || shape[axis] < 0 || shape[axis] > whole[axis]) return {};
    const auto length = static_cast<std::size_t>(product(shape, axis, shape.size())) * width;
    if (first + length > step) return {};
    onnx::TensorProto& part = parts.emplace_back();
    part.set_data_type(input.data_type());
    for (const std::int64_t size : shape) part.add_dims(size);
    for (std::size_t o = 0; o < outer; ++o) part.mutable_raw_data()->append(bytes, o * step + first, length);
    first += length;
  }
  return parts;
}

}  // namespace kerf
