#include "models/zoo/network_builder.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "models/onnx_skeleton.hpp"

namespace kerf::zoo {
namespace {

constexpr int kIrVersion = 7;
constexpr int kOperatorSet = 13;
constexpr double kBatchNormEpsilon = 1e-3;  // Keras' default

struct Padded {
  int before = 0;
  int after = 0;
  int size = 0;  // of the output
};

Padded padded(int size, int kernel, int stride, Padding padding) {
  if (padding == Padding::kSame) {
    const int out = (size + stride - 1) / stride;
    const int total = std::max((out - 1) * stride + kernel - size, 0);
    return {total / 2, total - total / 2, out};
  }
  const int each = padding == Padding::kBoth3 ? 3 : padding == Padding::kBoth1 ? 1 : 0;
  return {each, each, (size + 2 * each - kernel) / stride + 1};
}

void set_ints(onnx::NodeProto& node, const char* name, std::initializer_list<std::int64_t> values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void set_int(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set_float(onnx::NodeProto& node, const char* name, double value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(static_cast<float>(value));
}

}  // namespace

struct NetworkBuilder::Model {
  Skeleton skeleton;
  std::uint32_t operators = 0;      // so far: names and seeds of weights count them
  std::set<std::string> constants;  // small shared ones that exist

  onnx::GraphProto& graph() { return *skeleton.model.mutable_graph(); }

  onnx::NodeProto& node(const char* op_type, const std::vector<std::string>& inputs) {
    onnx::NodeProto& node = *graph().add_node();
    node.set_op_type(op_type);
    std::string lower(op_type);
    std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    node.set_name(lower + "_" + std::to_string(operators++));
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(node.name());
    return node;
  }

  // float32 elements that are made when they are read, but for small ones.
  std::string weight(const std::string& name, std::initializer_list<std::int64_t> shape,
                     const GeneratedFloats& elements) {
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    WeightPlace place;
    place.generated = elements;
    place.length = sizeof(float);
    for (const std::int64_t dimension : shape) {
      tensor.add_dims(dimension);
      place.length *= static_cast<std::uint64_t>(dimension);
    }
    skeleton.put(tensor, std::move(place));
    return name;
  }

  std::string floats(const std::string& name, std::initializer_list<std::int64_t> shape, float value) {
    return weight(name, shape, {.offset = value});
  }

  // Uniform with the given variance, drawn by the operator's number: the same network has the same weights.
  std::string weights(const std::string& name, std::initializer_list<std::int64_t> shape, double variance) {
    return weight(name, shape,
                  {.stream = operators, .step = static_cast<float>(std::sqrt(3 * variance) * 0x1p-23)});
  }

  std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
    if (!constants.insert(name).second) return name;
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    tensor.set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
    return name;
  }

  Features convolution(const Features& x, int filters, Kernel kernel, int groups,
                       const ConvOptions& options) {
    const Padded rows = padded(x.height, kernel.height, options.stride, options.padding);
    const Padded columns = padded(x.width, kernel.width, options.stride, options.padding);
    onnx::NodeProto& conv = node("Conv", {x.tensor});
    const int fan_in = x.channels / groups * kernel.height * kernel.width;
    conv.add_input(weights(conv.name() + ".weight",
                           {filters, x.channels / groups, kernel.height, kernel.width},
                           options.gain / fan_in));
    if (options.bias) conv.add_input(floats(conv.name() + ".bias", {filters}, 0));
    set_ints(conv, "kernel_shape", {kernel.height, kernel.width});
    set_ints(conv, "strides", {options.stride, options.stride});
    set_ints(conv, "pads", {rows.before, columns.before, rows.after, columns.after});
    set_int(conv, "group", groups);
    return {conv.output(0), filters, rows.size, columns.size};
  }

  Features pool(const char* op_type, const Features& x, const PoolOptions& options) {
    const Padded rows = padded(x.height, options.size, options.stride, options.padding);
    const Padded columns = padded(x.width, options.size, options.stride, options.padding);
    onnx::NodeProto& pool = node(op_type, {x.tensor});
    set_ints(pool, "kernel_shape", {options.size, options.size});
    set_ints(pool, "strides", {options.stride, options.stride});
    set_ints(pool, "pads", {rows.before, columns.before, rows.after, columns.after});
    if (options.count_padding) set_int(pool, "count_include_pad", 1);
    return {pool.output(0), x.channels, rows.size, columns.size};
  }

  void value(onnx::ValueInfoProto& info, const std::string& name,
             std::initializer_list<std::int64_t> shape) const {
    info.set_name(name);
    onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t dimension : shape) type.mutable_shape()->add_dim()->set_dim_value(dimension);
  }
};

NetworkBuilder::NetworkBuilder(std::string_view name) : model_(std::make_unique<Model>()) {
  onnx::ModelProto& model = model_->skeleton.model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("kerf");
  model.add_opset_import()->set_version(kOperatorSet);
  model_->graph().set_name(std::string(name));
}

NetworkBuilder::~NetworkBuilder() = default;

Features NetworkBuilder::input(int channels, int size) {
  model_->value(*model_->graph().add_input(), "input", {1, channels, size, size});
  return {"input", channels, size, size};
}

Features NetworkBuilder::conv(const Features& x, int filters, Kernel kernel, const ConvOptions& options) {
  return model_->convolution(x, filters, kernel, 1, options);
}

Features NetworkBuilder::depthwise(const Features& x, Kernel kernel, const ConvOptions& options) {
  return model_->convolution(x, x.channels, kernel, x.channels, options);
}

Features NetworkBuilder::separable(const Features& x, int filters, Kernel kernel,
                                   const ConvOptions& options) {
  ConvOptions pointwise;
  pointwise.gain = 1;  // no ReLU stands before it
  return conv(depthwise(x, kernel, options), filters, {1, 1}, pointwise);
}

Features NetworkBuilder::batch_norm(const Features& x, double gamma, bool scale) {
  Model& model = *model_;
  std::string unit;
  if (!scale) {
    unit = "ones_" + std::to_string(x.channels);
    if (model.constants.insert(unit).second) {
      onnx::NodeProto& ones = model.node(
          "ConstantOfShape", {model.integers("shape_" + std::to_string(x.channels), {x.channels})});
      ones.set_output(0, unit);
      onnx::AttributeProto& attribute = *ones.add_attribute();
      attribute.set_name("value");
      attribute.set_type(onnx::AttributeProto::TENSOR);
      constexpr float kOne = 1;
      attribute.mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
      attribute.mutable_t()->add_dims(1);
      attribute.mutable_t()->set_raw_data(&kOne, sizeof kOne);
    }
  }
  onnx::NodeProto& norm = model.node("BatchNormalization", {x.tensor});
  norm.add_input(scale ? model.floats(norm.name() + ".gamma", {x.channels}, static_cast<float>(gamma))
                       : unit);
  norm.add_input(model.floats(norm.name() + ".beta", {x.channels}, 0));
  norm.add_input(model.floats(norm.name() + ".mean", {x.channels}, 0));
  norm.add_input(model.floats(norm.name() + ".variance", {x.channels}, 1));
  set_float(norm, "epsilon", kBatchNormEpsilon);
  return {norm.output(0), x.channels, x.height, x.width};
}

Features NetworkBuilder::relu(const Features& x) {
  return {model_->node("Relu", {x.tensor}).output(0), x.channels, x.height, x.width};
}

Features NetworkBuilder::relu6(const Features& x) {
  for (const auto& [name, value] : {std::pair("zero", 0.0F), std::pair("six", 6.0F)}) {
    if (!model_->constants.insert(name).second) continue;
    onnx::NodeProto& constant = model_->node("Constant", {});
    constant.set_output(0, name);
    onnx::AttributeProto& attribute = *constant.add_attribute();
    attribute.set_name("value_float");
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
  }
  return {model_->node("Clip", {x.tensor, "zero", "six"}).output(0), x.channels, x.height, x.width};
}

Features NetworkBuilder::add(const Features& a, const Features& b) {
  if (a.channels != b.channels || a.height != b.height || a.width != b.width) {
    throw Error(ErrorCode::kBug, model_->graph().name(),
                "adds " + a.tensor + " and " + b.tensor + " of differing shapes");
  }
  return {model_->node("Add", {a.tensor, b.tensor}).output(0), a.channels, a.height, a.width};
}

Features NetworkBuilder::scaled(const Features& x, double factor) {
  const std::string name = "factor_" + std::to_string(factor);
  if (model_->constants.insert(name).second) {
    onnx::NodeProto& constant = model_->node("Constant", {});
    constant.set_output(0, name);
    set_float(constant, "value_float", factor);
  }
  return {model_->node("Mul", {x.tensor, name}).output(0), x.channels, x.height, x.width};
}

Features NetworkBuilder::concat(const std::vector<Features>& parts) {
  Features whole = parts.front();
  whole.channels = 0;
  onnx::NodeProto& node = model_->node("Concat", {});
  for (const Features& part : parts) {
    if (part.height != whole.height || part.width != whole.width) {
      throw Error(ErrorCode::kBug, model_->graph().name(),
                  "joins features of differing sizes at " + part.tensor);
    }
    node.add_input(part.tensor);
    whole.channels += part.channels;
  }
  set_int(node, "axis", 1);
  whole.tensor = node.output(0);
  return whole;
}

Features NetworkBuilder::max_pool(const Features& x, const PoolOptions& options) {
  return model_->pool("MaxPool", x, options);
}

Features NetworkBuilder::average_pool(const Features& x, const PoolOptions& options) {
  return model_->pool("AveragePool", x, options);
}

Features NetworkBuilder::global_average_pool(const Features& x) {
  return {model_->node("GlobalAveragePool", {x.tensor}).output(0), x.channels, 1, 1};
}

Features NetworkBuilder::shifted(const Features& x) {
  Model& model = *model_;
  onnx::NodeProto& pad = model.node("Pad", {x.tensor, model.integers("pad_end", {0, 0, 0, 0, 0, 0, 1, 1})});
  const std::string padded_tensor = pad.output(0);
  constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int32_t>::max();
  onnx::NodeProto& slice = model.node(
      "Slice", {padded_tensor, model.integers("crop_starts", {1, 1}),
                model.integers("crop_ends", {kToTheEnd, kToTheEnd}), model.integers("crop_axes", {2, 3})});
  return {slice.output(0), x.channels, x.height, x.width};
}

Features NetworkBuilder::flatten(const Features& x) {
  onnx::NodeProto& node = model_->node("Flatten", {x.tensor});
  set_int(node, "axis", 1);
  return {node.output(0), x.channels * x.height * x.width, 1, 1};
}

Features NetworkBuilder::dense(const Features& x, int units, double gain) {
  onnx::NodeProto& gemm = model_->node("Gemm", {x.tensor});
  gemm.add_input(model_->weights(gemm.name() + ".weight", {x.channels, units}, gain / x.channels));
  gemm.add_input(model_->floats(gemm.name() + ".bias", {units}, 0));
  return {gemm.output(0), units, 1, 1};
}

void NetworkBuilder::softmax_output(const Features& x) {
  onnx::NodeProto& softmax = model_->node("Softmax", {x.tensor});
  set_int(softmax, "axis", 1);
  softmax.set_output(0, "probabilities");
  model_->value(*model_->graph().add_output(), "probabilities", {1, x.channels});
}

Skeleton NetworkBuilder::finish() {
  return std::move(model_->skeleton);
}

}  // namespace kerf::zoo
