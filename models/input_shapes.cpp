#include "models/input_shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

bool is_word(const std::string& text) {
  return !text.empty() && text.size() <= 16 && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

// How a message writes dimension `axis`: its number, or a letter for the user to replace.
std::string spell(const onnx::TensorShapeProto& shape, int axis) {
  const auto& dimension = shape.dim(axis);
  if (dimension.has_dim_value() && dimension.dim_value() > 0) return std::to_string(dimension.dim_value());
  if (is_word(dimension.dim_param())) return dimension.dim_param();
  if (axis == 0 && shape.dim_size() > 1) return "1";
  if (shape.dim_size() == 4) return std::string(1, "NCHW"[axis]);
  return fmt::format("D{}", axis);
}

std::string how_to_close(const std::string& name, const onnx::TensorShapeProto* shape) {
  std::string flag = "DIMENSIONS";
  std::string list = "DIMENSIONS";
  if (shape != nullptr) {
    flag.clear();
    list.clear();
    for (int axis = 0; axis < shape->dim_size(); ++axis) {
      flag += (axis > 0 ? "," : "") + spell(*shape, axis);
      list += (axis > 0 ? ", " : "") + spell(*shape, axis);
    }
  }
  const bool bare = std::all_of(name.begin(), name.end(),
                                [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
  return fmt::format("give --shape {}={}, or [model] shape = {{ {} = [{}] }} in the scenario", name, flag,
                     bare ? name : fmt::format("\"{}\"", name), list);
}

class Resolver {
 public:
  Resolver(const InputShapes& shapes, const std::string& file) : shapes_(shapes), file_(file) {}

  // Shapes that were given fix names for every input, so they come before any input is resolved.
  void apply_given(const onnx::ValueInfoProto& input) {
    const auto given = shapes_.find(input.name());
    if (given == shapes_.end() || !input.type().tensor_type().has_shape()) return;
    const auto& shape = input.type().tensor_type().shape();
    if (shape.dim_size() != static_cast<int>(given->second.size())) {
      throw Error(ErrorCode::kBadInput, file_,
                  fmt::format("{} dimensions given for input \"{}\"", given->second.size(), input.name()),
                  fmt::format("{}", shape.dim_size()), how_to_close(input.name(), &shape));
    }
    for (int axis = 0; axis < shape.dim_size(); ++axis) {
      const std::int64_t value = given->second[static_cast<std::size_t>(axis)];
      const auto& dimension = shape.dim(axis);
      if (value <= 0) {
        throw Error(ErrorCode::kBadInput, file_,
                    fmt::format("dimension {} given for input \"{}\"", value, input.name()),
                    "dimensions of 1 or more");
      }
      if (dimension.has_dim_value() && dimension.dim_value() > 0 && dimension.dim_value() != value) {
        result.as_filed = false;
      }
      if (dimension.dim_param().empty()) continue;
      const auto [known, fresh] = result.dimensions.emplace(dimension.dim_param(), value);
      if (!fresh && known->second != value) {
        throw Error(
            ErrorCode::kBadInput, file_,
            fmt::format("dimension {} of input \"{}\" is {}", dimension.dim_param(), input.name(), value),
            fmt::format("{}, which another input was given for {}", known->second, dimension.dim_param()));
      }
    }
  }

  void resolve(const onnx::ValueInfoProto& input) {
    if (!input.type().has_tensor_type() ||
        bytes_of(static_cast<ElementType>(input.type().tensor_type().elem_type())) == 0) {
      throw Error(ErrorCode::kUnsupported, file_,
                  fmt::format("input \"{}\" is not a tensor of numbers", input.name()),
                  "tensors of floats, integers or booleans");
    }
    const auto& tensor = input.type().tensor_type();
    TensorType type{static_cast<ElementType>(tensor.elem_type()), {}};
    if (const auto given = shapes_.find(input.name()); given != shapes_.end()) {
      type.shape = given->second;
    } else if (!tensor.has_shape()) {
      throw Error(ErrorCode::kBadInput, file_, fmt::format("input \"{}\" has no shape", input.name()),
                  "its dimensions", how_to_close(input.name(), nullptr));
    } else {
      for (int axis = 0; axis < tensor.shape().dim_size(); ++axis) {
        type.shape.push_back(fixed(tensor.shape(), axis, input.name()));
      }
    }
    result.inputs.emplace_back(input.name(), std::move(type));
  }

  ResolvedInputs result;

 private:
  std::int64_t fixed(const onnx::TensorShapeProto& shape, int axis, const std::string& input) const {
    const auto& dimension = shape.dim(axis);
    if (dimension.has_dim_value() && dimension.dim_value() > 0) return dimension.dim_value();
    if (const auto known = result.dimensions.find(dimension.dim_param()); known != result.dimensions.end()) {
      return known->second;
    }
    const std::string name = dimension.dim_param().empty() ? "" : fmt::format(" ({})", dimension.dim_param());
    throw Error(ErrorCode::kBadInput, file_,
                fmt::format("input \"{}\" leaves dimension {}{} open", input, axis, name),
                "a number for every dimension", how_to_close(input, &shape));
  }

  const InputShapes& shapes_;
  const std::string& file_;
};

}  // namespace

TensorType fixed_type(const onnx::TypeProto& type, const std::map<std::string, std::int64_t>& dimensions) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return {};
  TensorType fixed{static_cast<ElementType>(type.tensor_type().elem_type()), {}};
  for (const auto& dimension : type.tensor_type().shape().dim()) {
    const auto named = dimensions.find(dimension.dim_param());
    if (dimension.has_dim_value() && dimension.dim_value() > 0) {
      fixed.shape.push_back(dimension.dim_value());
    } else if (named != dimensions.end()) {
      fixed.shape.push_back(named->second);
    } else {
      return {};
    }
  }
  return fixed;
}

ResolvedInputs resolve_inputs(const onnx::GraphProto& graph, const std::set<std::string>& initializers,
                              const InputShapes& shapes, const std::string& file) {
  Resolver resolver(shapes, file);
  std::vector<std::string> names;
  for (const auto& input : graph.input()) {
    if (initializers.contains(input.name())) continue;
    names.push_back(input.name());
    resolver.apply_given(input);
  }
  for (const auto& [name, shape] : shapes) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string close = nearest(name, names);
    throw Error(ErrorCode::kBadInput, file, fmt::format("no input \"{}\" to give a shape to", name),
                fmt::format("one of {}", fmt::join(names, ", ")),
                close.empty() ? "" : fmt::format("did you mean \"{}\"?", close));
  }
  for (const auto& input : graph.input()) {
    if (!initializers.contains(input.name())) resolver.resolve(input);
  }
  return std::move(resolver.result);
}

std::pair<std::string, std::vector<std::int64_t>> parse_shape(std::string_view text) {
  const auto refuse = [&] {
    return Error(ErrorCode::kUsage, "--shape", fmt::format("\"{}\"", text),
                 "an input's name and its dimensions, whole numbers of 1 or more",
                 "write --shape x=1,3,224,224");
  };
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) throw refuse();
  std::vector<std::int64_t> shape;
  for (std::string_view rest = text.substr(equals + 1);; rest.remove_prefix(1)) {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (failure != std::errc() || value <= 0) throw refuse();
    shape.push_back(value);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty()) return {std::string(text.substr(0, equals)), shape};
    if (rest.front() != ',') throw refuse();
  }
}

}  // namespace kerf
