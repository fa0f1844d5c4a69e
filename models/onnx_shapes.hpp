#pragma once
// Shapes of a graph's tensors, node by node in topological order: libonnx knows most operators' rules,
// own_rules.hpp those that came after it, small_values.hpp computes the operands that rules look at; where
// all of them know nothing the oracle is asked, if there is one. Every tensor that a node reads must have
// been declared or inferred before. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/graph.hpp"
#include "models/shape_oracle.hpp"

namespace kerf {

class OnnxShapes {
 public:
  // `versions` is what the model imports: domain ("" for ONNX's own) to version. An empty oracle knows
  // nothing.
  OnnxShapes(std::map<std::string, std::int64_t> versions, std::int64_t ir_version, const ShapeOracle& oracle)
      : versions_(std::move(versions)), ir_version_(ir_version), oracle_(oracle) {}

  void declare(const std::string& name, const TensorType& type);
  // A constant; its value is kept for later nodes when it is inside (raw_data).
  void declare_constant(const std::string& name, const onnx::TensorProto& tensor);
  // What the file says of a tensor, believed where no rule finds the shape.
  void declare_hint(const std::string& name, const TensorType& type) { hints_[name] = type; }

  // Infers the types of the node's outputs: one entry each; kUndefined for those that stay unknown. Errors
  // name `where`: kUnsupported for an operator that is not known at the model's version, kBadInput for a node
  // that breaks its rule.
  [[nodiscard]] std::vector<TensorType> infer(const onnx::NodeProto& node, const std::string& where);

  // The value of a tensor where it is a small constant, else nullptr.
  [[nodiscard]] const onnx::TensorProto* value_of(const std::string& name) const;

 private:
  using Values = std::vector<const onnx::TensorProto*>;  // one an input; nullptr where it is not known
  struct Answer {
    std::vector<TensorType> types;
    std::string refusal;  // why there are none
  };

  void declare_value(const std::string& name, onnx::TensorProto value);
  void declare_parts(const onnx::NodeProto& split, const std::vector<TensorType>& types);
  [[nodiscard]] std::int64_t version_of(const onnx::NodeProto& node, const std::string& where) const;
  [[nodiscard]] std::vector<TensorType> by_own_rule(const onnx::NodeProto& node, const Values& values) const;
  // `first` becomes the value of the first output where it can be computed.
  [[nodiscard]] std::vector<TensorType> by_rule(onnx::NodeProto node, Values values, std::int64_t version,
                                                const std::string& where,
                                                std::optional<onnx::TensorProto>& first);
  [[nodiscard]] const Answer& ask(const onnx::NodeProto& node, const Values& values);
  [[nodiscard]] std::string model_of(const onnx::NodeProto& node, const Values& values) const;
  [[nodiscard]] bool open(const onnx::NodeProto& node, const std::vector<TensorType>& types) const;

  std::map<std::string, std::int64_t> versions_;
  std::int64_t ir_version_;
  const ShapeOracle& oracle_;
  std::map<std::string, Answer> answers_;  // by the model that was asked about
  std::unordered_map<std::string, TensorType> hints_;
  // libonnx wants pointers by name; the deques own what they point to.
  std::deque<onnx::TypeProto> types_;
  std::deque<onnx::TensorProto> values_;
  std::unordered_map<std::string, onnx::TypeProto*> types_by_name_;
  std::unordered_map<std::string, const onnx::TensorProto*> values_by_name_;
};

}  // namespace kerf
