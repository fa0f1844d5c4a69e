#pragma once
// Shapes of a graph's tensors, node by node in topological order: libonnx knows each operator's rule,
// small_values.hpp computes the operands that rules look at. Every tensor that a node reads must have been
// declared or inferred before. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/graph.hpp"

namespace kerf {

struct TensorType {
  ElementType type = ElementType::kUndefined;
  std::vector<std::int64_t> shape;
};

class OnnxShapes {
 public:
  // `versions` is what the model imports: domain ("" for ONNX's own) to version.
  OnnxShapes(std::map<std::string, std::int64_t> versions) : versions_(std::move(versions)) {}

  void declare(const std::string& name, const TensorType& type);
  // A constant; its value is kept for later nodes when it is inside (raw_data).
  void declare_constant(const std::string& name, const onnx::TensorProto& tensor);
  // What the file says of a tensor, believed where no rule finds the shape.
  void declare_hint(const std::string& name, const TensorType& type) { hints_[name] = type; }

  // Infers the types of the node's outputs: one entry each; kUndefined for those that stay unknown. Errors
  // name `where`: kUnsupported for an operator that is not known at the model's version, kBadInput for a node
  // that breaks its rule.
  [[nodiscard]] std::vector<TensorType> infer(const onnx::NodeProto& node, const std::string& where);

 private:
  void declare_value(const std::string& name, onnx::TensorProto value);
  [[nodiscard]] std::int64_t version_of(const onnx::NodeProto& node, const std::string& where) const;

  std::map<std::string, std::int64_t> versions_;
  std::unordered_map<std::string, TensorType> hints_;
  // libonnx wants pointers by name; the deques own what they point to.
  std::deque<onnx::TypeProto> types_;
  std::deque<onnx::TensorProto> values_;
  std::unordered_map<std::string, onnx::TypeProto*> types_by_name_;
  std::unordered_map<std::string, const onnx::TensorProto*> values_by_name_;
};

}  // namespace kerf
