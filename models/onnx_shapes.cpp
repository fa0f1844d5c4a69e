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
#include "models/operand_sizes.hpp"
#include "models/own_rules.hpp"
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

// Some exporters write "over all axes" as an empty list, which libonnx refuses.
void drop_empty_axes(onnx::NodeProto& node) {
  if (!node.op_type().starts_with("Reduce")) return;
  auto& attributes = *node.mutable_attribute();
  for (int i = attributes.size() - 1; i >= 0; --i) {
    if (attributes[i].name() == "axes" && attributes[i].ints_size() == 0) attributes.DeleteSubrange(i, 1);
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

const onnx::OpSchema* schema_of(const onnx::NodeProto& node, std::int64_t version) {
  const std::int64_t newest = newest_known(node.domain());
  return onnx::OpSchemaRegistry::Schema(
      node.op_type(), static_cast<int>(std::min(version, std::max<std::int64_t>(newest, 1))), node.domain());
}

Error unknown_operator(const onnx::NodeProto& node, std::int64_t version, const std::string& where) {
  const std::string found = node.domain().empty()
                                ? fmt::format("operator {} of opset {}", node.op_type(), version)
                                : fmt::format("operator {} of domain {}", node.op_type(), node.domain());
  return {ErrorCode::kUnsupported, where, found,
          fmt::format("operators of ONNX up to opset {}, or what ONNX Runtime knows", newest_known("")),
          node.domain().empty() ? "export the model with an older opset"
                                : "export without that domain's operators"};
}

// The refusal of a node that the oracle was asked about too, or that nobody could be asked about.
Error with_oracle(const Error& error, bool asked, const std::string& refusal) {
  if (asked && refusal.empty()) return error;
  const std::string found = asked ? fmt::format("{}; {}", error.found(), refusal) : error.found();
  const std::string hint =
      asked ? error.hint()
            : error.hint() + ", or use a kerf built with ONNX Runtime, which is asked for shapes";
  return {error.code(), error.where(), found, error.expected(), hint};
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

const onnx::TensorProto* OnnxShapes::value_of(const std::string& name) const {
  const auto value = values_by_name_.find(name);
  return value == values_by_name_.end() ? nullptr : value->second;
}

std::vector<TensorType> OnnxShapes::by_own_rule(const onnx::NodeProto& node, const Values& values) const {
  std::vector<Operand> operands;
  for (int i = 0; i < node.input_size(); ++i) {
    Operand& operand = operands.emplace_back();
    operand.value = values[static_cast<std::size_t>(i)];
    const auto type = types_by_name_.find(node.input(i));
    if (type == types_by_name_.end()) continue;
    if (const auto known = complete(*type->second)) operand.type = *known;
  }
  return own_rule(node, operands);
}

std::vector<TensorType> OnnxShapes::by_rule(onnx::NodeProto node, Values values, std::int64_t version,
                                            const std::string& where,
                                            std::optional<onnx::TensorProto>& first) {
  const bool newer = node.domain().empty() && version > newest_known("");
  if (newer) to_older_opset(node, values, where);
  check_positive(node, where);
  drop_empty_axes(node);
  const onnx::OpSchema* schema = schema_of(node, version);
  if (schema == nullptr) throw unknown_operator(node, version, where);

  onnx::shape_inference::InferenceContextImpl context(node, types_by_name_, values_by_name_, {});
  try {
    schema->Verify(node);
    if (schema->has_type_and_shape_inference_function()) {
      schema->GetTypeAndShapeInferenceFunction()(context);
    } else if (schema->HasFunction()) {
      onnx::shape_inference::InferShapeForFunctionNode(*schema->GetFunction(),
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
  for (const onnx::TypeProto& inferred : context.allOutputTypes_) {
    types.push_back(complete(inferred).value_or(TensorType{}));
  }
  if (!types.empty()) first = small_value(node, values, context.allOutputTypes_[0]);
  return types;
}

// Every operand under a name that says nothing, so that equal nodes ask once.
std::string OnnxShapes::model_of(const onnx::NodeProto& node, const Values& values) const {
  onnx::ModelProto model;
  model.set_ir_version(ir_version_);
  for (const auto& [domain, version] : versions_) {
    auto* set = model.add_opset_import();
    set->set_domain(domain);
    set->set_version(version);
  }
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("node");
  onnx::NodeProto& copy = *graph.add_node();
  copy = node;
  copy.clear_name();
  copy.clear_doc_string();
  std::map<std::string, std::string> names;
  for (int i = 0; i < node.input_size(); ++i) {
    const std::string& input = node.input(i);
    if (input.empty()) continue;
    const auto [name, fresh] = names.emplace(input, fmt::format("i{}", i));
    copy.set_input(i, name->second);
    if (!fresh) continue;
    if (const auto* value = values[static_cast<std::size_t>(i)]) {
      onnx::TensorProto& initializer = *graph.add_initializer();
      initializer = *value;
      initializer.set_name(name->second);
    } else {
      onnx::ValueInfoProto& declared = *graph.add_input();
      declared.set_name(name->second);
      *declared.mutable_type() = *types_by_name_.at(input);
    }
  }
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    copy.set_output(i, fmt::format("o{}", i));
    graph.add_output()->set_name(copy.output(i));
  }
  return model.SerializeAsString();
}

const OnnxShapes::Answer& OnnxShapes::ask(const onnx::NodeProto& node, const Values& values) {
  const auto [entry, fresh] = answers_.emplace(model_of(node, values), Answer{});
  Answer& answer = entry->second;
  if (!fresh) return answer;
  try {
    std::vector<TensorType> given = oracle_(entry->first);
    auto next = given.begin();
    for (const std::string& name : node.output()) {
      answer.types.push_back(name.empty() || next == given.end() ? TensorType{} : std::move(*next++));
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    answer.refusal = error.found();
  }
  return answer;
}

bool OnnxShapes::open(const onnx::NodeProto& node, const std::vector<TensorType>& types) const {
  for (int i = 0; i < node.output_size(); ++i) {
    const bool known =
        static_cast<std::size_t>(i) < types.size() && bytes_of(types[static_cast<std::size_t>(i)].type) > 0;
    if (!known && !node.output(i).empty() && !hints_.contains(node.output(i))) return true;
  }
  return false;
}

std::vector<TensorType> OnnxShapes::infer(const onnx::NodeProto& original, const std::string& where) {
  onnx::NodeProto node = original;
  if (node.domain() == "ai.onnx") node.clear_domain();
  const std::int64_t version = version_of(node, where);
  Values values;
  for (const std::string& input : node.input()) values.push_back(value_of(input));

  std::vector<TensorType> types;
  std::optional<onnx::TensorProto> first;
  const bool libonnx_knows =
      schema_of(node, version) != nullptr && (!node.domain().empty() || version <= newest_known(""));
  if (!libonnx_knows) types = by_own_rule(node, values);
  std::optional<Error> refused;
  if (types.empty()) {
    try {
      types = by_rule(node, values, version, where, first);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnsupported) throw;
      refused = error;
    }
  }
  if (first && (types.empty() || types[0].type == ElementType::kUndefined)) {
    types.resize(std::max<std::size_t>(types.size(), 1));
    types[0] = {static_cast<ElementType>(first->data_type()), {first->dims().begin(), first->dims().end()}};
  }
  types.resize(static_cast<std::size_t>(node.output_size()));
  if (oracle_ && open(node, types)) {
    const Answer& answer = ask(node, values);
    for (std::size_t i = 0; i < answer.types.size(); ++i) {
      if (bytes_of(types[i].type) == 0) types[i] = answer.types[i];
    }
    if (refused && !answer.refusal.empty()) throw with_oracle(*refused, true, answer.refusal);
    if (!answer.types.empty()) refused.reset();
  }
  // A type that the file states for all of an unknown node's outputs is good enough.
  if (refused && open(node, types)) throw with_oracle(*refused, static_cast<bool>(oracle_), "");

  for (int i = 0; i < node.output_size(); ++i) {
    TensorType& type = types[static_cast<std::size_t>(i)];
    const std::string& name = node.output(i);
    if (type.type == ElementType::kUndefined) {
      if (const auto hint = hints_.find(name); hint != hints_.end()) type = hint->second;
    }
    if (type.type != ElementType::kUndefined && !name.empty()) declare(name, type);
  }
  if (node.domain().empty() && !types.empty()) {
    std::vector<TensorType> operands;
    for (const std::string& input : node.input()) {
      const auto type = types_by_name_.find(input);
      operands.push_back(type == types_by_name_.end() ? TensorType{}
                                                      : complete(*type->second).value_or(TensorType{}));
    }
    check_operand_sizes(node, operands, types[0], where);
  }
  if (first && !node.output(0).empty()) declare_value(node.output(0), std::move(*first));
  if (node.op_type() == "Split" && node.domain().empty() && !values.empty() && values[0] != nullptr)
    declare_parts(node, types);
  return types;
}

// A shape taken apart, as converters from TensorFlow do.
void OnnxShapes::declare_parts(const onnx::NodeProto& node, const std::vector<TensorType>& types) {
  std::vector<std::vector<std::int64_t>> shapes;
  for (const TensorType& type : types) shapes.push_back(type.shape);
  const onnx::TensorProto& whole = *value_of(node.input(0));
  std::int64_t axis = 0;
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == "axis") axis = attribute.i();
  }
  if (axis < 0) axis += whole.dims_size();
  std::vector<onnx::TensorProto> parts = split_value(whole, static_cast<std::size_t>(axis), shapes);
  for (int i = 0; i < static_cast<int>(parts.size()); ++i) {
    if (!node.output(i).empty()) declare_value(node.output(i), std::move(parts[static_cast<std::size_t>(i)]));
  }
}

}  // namespace kerf
