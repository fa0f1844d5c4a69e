#pragma once
// The plain operators with which exporters compute shapes, on small constant tensors. Internal to the import.

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "models/small_tensor.hpp"

namespace kerf::small_values {

// One evaluation: the node, its inputs and the shape and type of its output, whose values are to be computed.
struct Step {
  const onnx::NodeProto& node;
  const std::vector<std::optional<Small>>& in;
  Small out;

  [[nodiscard]] bool has(std::size_t i) const { return i < in.size() && in[i].has_value(); }
  [[nodiscard]] bool has_integers(std::size_t i) const {
    return has(i) && (in[i]->type == onnx::TensorProto::INT32 || in[i]->type == onnx::TensorProto::INT64);
  }
  [[nodiscard]] const onnx::AttributeProto* attribute(std::string_view name) const {
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == name) return &attribute;
    }
    return nullptr;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    const auto* found = attribute(name);
    return found != nullptr ? found->i() : otherwise;
  }
  // A list of integers, from input i or else from the attribute.
  [[nodiscard]] std::optional<Shape> integers(std::size_t i, std::string_view name) const {
    if (has_integers(i)) {
      Shape list;
      for (const Number value : in[i]->values) list.push_back(static_cast<std::int64_t>(value));
      return list;
    }
    if (const auto* found = attribute(name)) return Shape(found->ints().begin(), found->ints().end());
    return std::nullopt;
  }
};

// Computes step.out.values (NonZero: the shape, too); false where the node does something unusual.
using Evaluator = std::function<bool(Step&)>;

// nullptr for an operator that is not among them.
[[nodiscard]] const Evaluator* evaluator_of(std::string_view op_type);

}  // namespace kerf::small_values
