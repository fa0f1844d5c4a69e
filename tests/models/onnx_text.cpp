#include "tests/models/onnx_text.hpp"

#include <onnx/onnx_pb.h>
#include <stdlib.h>

#include <cctype>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace kerf::test {
namespace {

using Words = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& line) {
  throw std::invalid_argument("test model: cannot understand: " + line);
}

std::string trim(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Words split(const std::string& text, char at) {
  Words parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(trim(part));
  return parts;
}

bool is_whole(const std::string& text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  return text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
}

std::vector<std::int64_t> whole_numbers(const std::string& text, const std::string& line) {
  std::vector<std::int64_t> numbers;
  for (const std::string& word : split(text, ',')) {
    if (!is_whole(word)) refuse(line);
    numbers.push_back(std::stoll(word));
  }
  return numbers;
}

std::int32_t type_of(const std::string& name, const std::string& line) {
  static const std::map<std::string, std::int32_t> types = {
      {"float32", onnx::TensorProto::FLOAT},   {"float64", onnx::TensorProto::DOUBLE},
      {"int64", onnx::TensorProto::INT64},     {"int32", onnx::TensorProto::INT32},
      {"uint8", onnx::TensorProto::UINT8},     {"int8", onnx::TensorProto::INT8},
      {"float16", onnx::TensorProto::FLOAT16}, {"bool", onnx::TensorProto::BOOL},
  };
  const auto type = types.find(name);
  if (type == types.end()) refuse(line);
  return type->second;
}

void set_type(onnx::ValueInfoProto& value, const std::string& dimensions, std::int32_t type) {
  auto* tensor = value.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  for (const std::string& dimension : split(dimensions, ',')) {
    auto* dim = tensor->mutable_shape()->add_dim();
    if (is_whole(dimension)) {
      dim->set_dim_value(std::stoll(dimension));
    } else if (dimension != "?") {
      dim->set_dim_param(dimension);
    }
  }
}

template <class Element>
void append(onnx::TensorProto& tensor, double value) {
  const auto element = static_cast<Element>(value);
  tensor.mutable_raw_data()->append(reinterpret_cast<const char*>(&element), sizeof(element));
}

void append_number(onnx::TensorProto& tensor, double value, const std::string& line) {
  switch (tensor.data_type()) {
    case onnx::TensorProto::FLOAT:
      return append<float>(tensor, value);
    case onnx::TensorProto::INT8:
      return append<std::int8_t>(tensor, value);
    case onnx::TensorProto::UINT8:
    case onnx::TensorProto::BOOL:
      return append<std::uint8_t>(tensor, value);
    case onnx::TensorProto::INT32:
      return append<std::int32_t>(tensor, value);
    case onnx::TensorProto::INT64:
      return append<std::int64_t>(tensor, value);
    default:
      refuse(line);
  }
}

// Values of about the size that keeps a network's activations near one, or whole numbers of seven bits; a
// function of the name alone.
onnx::TensorProto random_tensor(const std::string& name, const std::string& dimensions,
                                const std::string& type, const std::string& line) {
  onnx::TensorProto tensor;
  tensor.set_data_type(type.empty() ? onnx::TensorProto::FLOAT : type_of(type, line));
  std::int64_t count = 1;
  for (const std::int64_t dimension : whole_numbers(dimensions, line)) {
    tensor.add_dims(dimension);
    count *= dimension;
  }
  const double fan_in =
      tensor.dims_size() > 1 ? static_cast<double>(count) / static_cast<double>(tensor.dims(0)) : 4;
  for (std::int64_t i = 0; i < count; ++i) {
    const double u = uniform({.seed = xxh64(name), .request = static_cast<std::uint32_t>(i)});
    const bool real = tensor.data_type() == onnx::TensorProto::FLOAT;
    append_number(tensor, real ? (u - 0.4) * 2 / std::sqrt(fan_in) : std::floor(u * 128), line);
  }
  return tensor;
}

using Branches = std::map<std::string, onnx::GraphProto>;

void add_attribute(onnx::NodeProto& node, const std::string& word, const Branches& branches,
                   const std::string& line) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) refuse(line);
  const std::string value = word.substr(equals + 1);
  auto* attribute = node.add_attribute();
  attribute->set_name(word.substr(0, equals));
  if (value.starts_with('&')) {
    attribute->set_type(onnx::AttributeProto::GRAPH);
    *attribute->mutable_g() = branches.at(value.substr(1));
  } else if (value.starts_with('$')) {
    attribute->set_ref_attr_name(value.substr(1));
  } else if (value.starts_with('\'')) {
    attribute->set_type(onnx::AttributeProto::STRING);
    attribute->set_s(value.substr(1, value.size() - 2));
  } else if (value.find('.') != std::string::npos) {
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(std::stof(value));
  } else if (value.find(',') != std::string::npos) {
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t number : whole_numbers(value, line)) attribute->add_ints(number);
  } else {
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(std::stoll(value));
  }
}

void add_node(onnx::GraphProto& graph, const Branches& branches, const std::string& line) {
  const std::size_t equals = line.find('=');
  const std::size_t open = line.find('(');
  const std::size_t close = line.find(')');
  if (equals == std::string::npos || open == std::string::npos || close == std::string::npos) refuse(line);
  auto* node = graph.add_node();
  for (const std::string& name : split(line.substr(0, equals), ','))
    node->add_output(name == "_" ? "" : name);
  for (const std::string& name : split(line.substr(open + 1, close - open - 1), ',')) {
    node->add_input(name == "_" ? "" : name);
  }
  const std::string op = trim(line.substr(equals + 1, open - equals - 1));
  const std::size_t dot = op.rfind('.');
  node->set_op_type(dot == std::string::npos ? op : op.substr(dot + 1));
  if (dot != std::string::npos) node->set_domain(op.substr(0, dot));
  std::istringstream rest(line.substr(close + 1));
  for (std::string word; rest >> word;) {
    if (word.starts_with('@')) {
      node->set_name(word.substr(1));
    } else {
      add_attribute(*node, word, branches, line);
    }
  }
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "kerf-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder: " + name);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempFolder::write(const std::string& name, std::string_view content) const {
  const std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  return file;
}

std::string onnx_model(std::string_view text) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("kerf test");
  auto* imported = model.add_opset_import();
  imported->set_domain("");
  imported->set_version(13);
  model.mutable_graph()->set_name("test");
  Branches branches;
  onnx::GraphProto body;                             // of the function that is being read
  onnx::GraphProto* target = model.mutable_graph();  // or a branch, or `body`

  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    line = trim(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    std::istringstream stream(line);
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    const std::string& first = words[0];
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
    onnx::GraphProto& graph = *target;
    if (line.find('(') != std::string::npos) {
      add_node(graph, branches, line);
    } else if (first == "branch") {
      target = &branches[word(1)];
      target->set_name(word(1));
    } else if (first == "function") {
      auto* function = model.add_functions();
      const std::size_t dot = word(1).rfind('.');
      function->set_domain(word(1).substr(0, dot));
      function->set_name(word(1).substr(dot + 1));
      for (const std::string& name : split(word(2), ',')) function->add_input(name);
      for (const std::string& name : split(word(3), ',')) function->add_output(name);
      for (const std::string& name : split(word(4), ',')) function->add_attribute(name);
      body.Clear();
      target = &body;
    } else if (first == "end") {
      if (target == &body) {
        auto* function = model.mutable_functions(model.functions_size() - 1);
        function->mutable_node()->Swap(body.mutable_node());
        *function->add_opset_import() = *imported;
      }
      target = model.mutable_graph();
    } else if (first == "opset") {
      imported->set_version(std::stoll(word(1)));
    } else if (first == "domain") {
      auto* other = model.add_opset_import();
      other->set_domain(word(1));
      other->set_version(1);
    } else if (first == "ir") {
      model.set_ir_version(std::stoll(word(1)));
    } else if (first == "input" || first == "output" || first == "shape") {
      auto* value = first == "input"    ? graph.add_input()
                    : first == "output" ? graph.add_output()
                                        : graph.add_value_info();
      value->set_name(word(1));
      const bool typed = words.size() > 2;
      if (typed || first == "input")
        set_type(*value, word(2), type_of(words.size() > 3 ? words[3] : "float32", line));
      if (!typed && first == "output") value->mutable_type()->mutable_tensor_type()->set_elem_type(1);
    } else if (first == "weight") {
      auto* tensor = graph.add_initializer();
      *tensor = random_tensor(word(1), word(2), word(3), line);
      tensor->set_name(word(1));
    } else if (first == "scalar") {
      auto* tensor = graph.add_initializer();
      tensor->set_name(word(1));
      tensor->set_data_type(type_of(words.size() > 3 ? word(3) : "float32", line));
      append_number(*tensor, std::stod(word(2)), line);
    } else if (first == "constant") {
      auto* node = graph.add_node();
      node->set_op_type("Constant");
      node->add_output(word(1));
      auto* attribute = node->add_attribute();
      attribute->set_name("value");
      attribute->set_type(onnx::AttributeProto::TENSOR);
      *attribute->mutable_t() = random_tensor(word(1), word(2), word(3), line);
    } else if (first == "ints") {
      auto* tensor = graph.add_initializer();
      tensor->set_name(word(1));
      tensor->set_data_type(onnx::TensorProto::INT64);
      const auto numbers = whole_numbers(word(2), line);
      tensor->add_dims(static_cast<std::int64_t>(numbers.size()));
      tensor->mutable_raw_data()->assign(reinterpret_cast<const char*>(numbers.data()),
                                         numbers.size() * sizeof(std::int64_t));
    } else {
      refuse(line);
    }
  }
  return model.SerializeAsString();
}

Graph import_text(const TempFolder& folder, std::string_view text, const InputShapes& shapes) {
  const std::string bytes = onnx_model(text);
  return import_onnx(folder.write("model-" + hex(xxh64(bytes)) + ".onnx", bytes), shapes);
}

}  // namespace kerf::test
