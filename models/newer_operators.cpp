#include "models/newer_operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr std::array<std::string_view, 9> kReductions = {"ReduceL1",  "ReduceL2",   "ReduceLogSum",
                                                         "ReduceMax", "ReduceMean", "ReduceLogSumExp",
                                                         "ReduceMin", "ReduceProd", "ReduceSumSquare"};
template <std::size_t Count>
bool among(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void remove_attribute(onnx::NodeProto& node, std::string_view name) {
  auto& attributes = *node.mutable_attribute();
  for (int i = attributes.size() - 1; i >= 0; --i) {
    if (attributes[i].name() == name) attributes.DeleteSubrange(i, 1);
  }
}

bool has_attribute(const onnx::NodeProto& node, std::string_view name) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [&](const auto& attribute) { return attribute.name() == name; });
}

void keep_inputs(onnx::NodeProto& node, std::vector<const onnx::TensorProto*>& inputs, int count) {
  if (node.input_size() > count) node.mutable_input()->DeleteSubrange(count, node.input_size() - count);
  if (inputs.size() > static_cast<std::size_t>(count)) inputs.resize(static_cast<std::size_t>(count));
}

// Opset 18: the axes of a reduction became an input.
void reduction(onnx::NodeProto& node, std::vector<const onnx::TensorProto*>& inputs,
               const std::string& where) {
  const bool keeps_all = std::any_of(node.attribute().begin(), node.attribute().end(), [](const auto& a) {
    return a.name() == "noop_with_empty_axes" && a.i() != 0;
  });
  if (!keeps_all) remove_attribute(node, "noop_with_empty_axes");
  if (node.input_size() < 2) return;
  if (!node.input(1).empty()) {
    const auto* axes = inputs[1];
    if (axes == nullptr || axes->data_type() != onnx::TensorProto::INT64) {
      throw Error(ErrorCode::kUnsupported, where,
                  fmt::format("{} over axes that the input decides", node.op_type()),
                  "axes that are constant");
    }
    const std::string& bytes = axes->raw_data();
    // With no axes in the list the flag left in the node says what is meant; libonnx refuses the flag.
    if (!bytes.empty()) {
      auto* attribute = node.add_attribute();
      attribute->set_name("axes");
      attribute->set_type(onnx::AttributeProto::INTS);
      for (std::size_t at = 0; at + sizeof(std::int64_t) <= bytes.size(); at += sizeof(std::int64_t)) {
        std::int64_t axis = 0;
        std::memcpy(&axis, bytes.data() + at, sizeof(axis));
        attribute->add_ints(axis);
      }
      remove_attribute(node, "noop_with_empty_axes");
    }
  }
  keep_inputs(node, inputs, 1);
}

}  // namespace

void to_older_opset(onnx::NodeProto& node, std::vector<const onnx::TensorProto*>& inputs,
                    const std::string& where) {
  const std::string op = node.op_type();
  if (among(kReductions, op)) {
    reduction(node, inputs, where);
  } else if (op == "Resize" && !has_attribute(node, "axes") &&
             !has_attribute(node, "keep_aspect_ratio_policy")) {
    remove_attribute(node, "antialias");
  } else if (op == "Cast" || op == "CastLike" || op == "QuantizeLinear") {
    remove_attribute(node, "saturate");
  } else if (op == "AveragePool" &&
             !std::any_of(node.attribute().begin(), node.attribute().end(), [](const auto& a) {
               return a.name() == "dilations" &&
                      std::any_of(a.ints().begin(), a.ints().end(), [](std::int64_t v) { return v != 1; });
             })) {
    remove_attribute(node, "dilations");
  }
}

}  // namespace kerf
