#include "models/onnx_shapes.hpp"

#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "models/einsum.hpp"
#include "models/newer_operators.hpp"
#include "models/small_values.hpp"

namespace kerf {
namespace {

// libonnx prefixes its messages with "[ShapeInferenceError] " and adds "==> Context: ..." on further lines.
std::string first_line(std::string message) {
  message = message.substr(0, message.find('\n'));
  if (message.starts_with('[')) {
    const std::size_t end = message.find("] ");
    if (end != std::string::npos) message = message.substr(end + 2);
  }
  while (!message.empty() && (message.back() == '.' || message.back() == ' ')) message.pop_back();
  return message;
}

// Some rules of libonnx 1.12 divide by these without a look.
void check_positive(const onnx::NodeProto& node, const std::string& where) {
  const auto refuse = [&](const onnx::AttributeProto& attribute, std::int64_t value) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("{} {}", attribute.name(), value), "1 or more");
  };
  for (const auto& attribute : node.attribute()) {
    const std::string& name = attribute.name();
    if (name == "strides" || name == "dilations" || name == "kernel_shape") {
      for (const std::int64_t value : attribute.ints()) {
        if (value <= 0) refuse(attribute, value);
      }
    }
    if ((name == "group" || name == "blocksize" || name == "num_outputs") && attribute.i() <= 0) {
      refuse(attribute, attribute.i());
    }
  }
}

std::optional<TensorType> complete(const onnx::TypeProto& type) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return std::nullopt;
  TensorType known{static_cast<ElementType>(type.tensor_type().elem_type()), {}};
  if (known.type == ElementType::kUndefined) return std::nullopt;
  for (const auto& dimension : type.tensor_type().shape().dim()) {
    if (!dimension.has_dim_value() || dimension.dim_value() < 0) return std::nullopt;
    known.shape.push_back(dimension.dim_value());
  }
  return known;
}

void add_einsum_shape(const onnx::NodeProto& node, onnx::shape_inference::InferenceContextImpl& context) {
  std::vector<std::vector<std::int64_t>> shapes;
  for (const onnx::TypeProto* input : context.allInputTypes_) {
    const auto known = input != nullptr ? complete(*input) : std::nullopt;
    if (!known) return;
    shapes.push_back(known->shape);
  }
  const auto einsum = read_einsum(node, shapes);
  if (!einsum) return;
  auto* shape = context.getOutputType(0)->mutable_tensor_type()->mutable_shape();
  shape->clear_dim();
  for (const std::int64_t dimension : einsum->shape) shape->add_dim()->set_dim_value(dimension);
}

std::int64_t newest_known(const std::string& domain) {
  const auto& ranges = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const auto range = ranges.find(domain);
  return range == ranges.end() ? 0 : range->second.second;
}

const onnx::OpSchema& schema_of(const onnx::NodeProto& node, std::int64_t version, const std::string& where) {
  const std::int64_t newest = newest_known(node.domain());
  const auto* schema = onnx::OpSchemaRegistry::Schema(
      node.op_type(), static_cast<int>(std::min(version, std::max<std::int64_t>(newest, 1))), node.domain());
  if (schema != nullptr) return *schema;
  const std::string found = node.domain().empty()
                                ? fmt::format("operator {} of opset {}", node.op_type(), version)
                                : fmt::format("operator {} of domain {}", node.op_type(), node.domain());
  throw Error(ErrorCode::kUnsupported, where, found,
              fmt::format("operators of ONNX up to opset {}", newest_known("")),
              node.domain().empty() ? "export the model with an older opset"
                                    : "export without that domain's operators");
}

}  // namespace

void OnnxShapes::declare(const std::string& name, const TensorType& type) {
  onnx::TypeProto& proto = types_.emplace_back();
  proto.mutable_tensor_type()->set_elem_type(static_cast<std::int32_t>(type.type));
  auto* shape = proto.mutable_tensor_type()->mutable_shape();
  for (const std::int64_t dimension : type.shape) shape->add_dim()->set_dim_value(dimension);
  types_by_name_[name] = &proto;
}

void OnnxShapes::declare_value(const std::string& name, onnx::TensorProto value) {
  values_by_name_[name] = &values_.emplace_back(std::move(value));
}

void OnnxShapes::declare_constant(const std::string& name, const onnx::TensorProto& tensor) {
  declare(name, {static_cast<ElementType>(tensor.data_type()), {tensor.dims().begin(), tensor.dims().end()}});
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) declare_value(name, tensor);
}

std::int64_t OnnxShapes::version_of(const onnx::NodeProto& node, const std::string& where) const {
  const auto version = versions_.find(node.domain());
  if (version != versions_.end()) return version->second;
  throw Error(ErrorCode::kBadInput, where,
              fmt::format("operator {} of domain \"{}\", which the model does not import", node.op_type(),
                          node.domain()),
              "an opset_import of that domain", "the file is damaged: export it again");
}

std::vector<TensorType> OnnxShapes::infer(const onnx::NodeProto& original, const std::string& where) {
  onnx::NodeProto node = original;
  if (node.domain() == "ai.onnx") node.clear_domain();
  const std::int64_t version = version_of(node, where);
  const bool newer = node.domain().empty() && version > newest_known("");

  std::vector<const onnx::TensorProto*> values;
  for (const std::string& input : node.input()) {
    const auto value = values_by_name_.find(input);
    values.push_back(value == values_by_name_.end() ? nullptr : value->second);
  }
  if (newer) to_older_opset(node, values, where);
  check_positive(node, where);
  const onnx::OpSchema& schema = schema_of(node, version, where);

  onnx::shape_inference::InferenceContextImpl context(node, types_by_name_, values_by_name_, {});
  try {
    schema.Verify(node);
    if (schema.has_type_and_shape_inference_function()) {
      schema.GetTypeAndShapeInferenceFunction()(context);
    } else if (schema.HasFunction()) {
      onnx::shape_inference::InferShapeForFunctionNode(*schema.GetFunction(),
                                                       onnx::OpSchemaRegistry::Instance(), context);
    }
  } catch (const std::exception& failure) {
    if (newer) {
      throw Error(
          ErrorCode::kUnsupported, where,
          fmt::format("{} as opset {} has it ({})", node.op_type(), version, first_line(failure.what())),
          fmt::format("operators of ONNX up to opset {}", newest_known("")),
          "export the model with an older opset");
    }
    throw Error(ErrorCode::kBadInput, where, first_line(failure.what()),
                fmt::format("a node that follows the rules of {}", node.op_type()),
                "check the input shapes that were given, or export the model again");
  }

  if (node.op_type() == "Einsum" && node.domain().empty()) add_einsum_shape(node, context);

  std::vector<TensorType> types;
  for (int i = 0; i < node.output_size(); ++i) {
    const onnx::TypeProto& inferred = context.allOutputTypes_[static_cast<std::size_t>(i)];
    const std::string& name = node.output(i);
    TensorType type;
    std::optional<onnx::TensorProto> value;
    if (i == 0) value = small_value(node, values, inferred);
    if (const auto known = complete(inferred)) {
      type = *known;
    } else if (value) {
      type = {static_cast<ElementType>(value->data_type()), {value->dims().begin(), value->dims().end()}};
    } else if (const auto hint = hints_.find(name); hint != hints_.end()) {
      type = hint->second;
    }
    if (type.type != ElementType::kUndefined && !name.empty()) declare(name, type);
    if (value && !name.empty()) declare_value(name, std::move(*value));
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace kerf
