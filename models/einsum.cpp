#include "models/einsum.hpp"

#include <map>
#include <string>

namespace kerf {

std::optional<Einsum> read_einsum(const onnx::NodeProto& node,
                                  const std::vector<std::vector<std::int64_t>>& inputs) {
  std::string equation;
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == "equation") equation = attribute.s();
  }
  std::erase(equation, ' ');
  if (equation.find('.') != std::string::npos) return std::nullopt;
  const std::size_t arrow = equation.find("->");

  std::map<char, std::int64_t> sizes;
  std::map<char, int> uses;
  std::size_t operand = 0;
  std::size_t axis = 0;
  for (const char label : equation.substr(0, arrow)) {
    if (operand >= inputs.size()) return std::nullopt;
    if (label == ',') {
      if (axis != inputs[operand++].size()) return std::nullopt;
      axis = 0;
      continue;
    }
    if (axis >= inputs[operand].size()) return std::nullopt;
    const std::int64_t size = inputs[operand][axis++];
    const auto [known, fresh] = sizes.emplace(label, size);
    if (known->second == 1) known->second = size;
    if (!fresh && size != 1 && known->second != size) return std::nullopt;
    ++uses[label];
  }
  if (operand + 1 != inputs.size() || axis != inputs[operand].size()) return std::nullopt;

  // Without an arrow the output has the labels that occur once, in the alphabet's order.
  std::string output;
  if (arrow != std::string::npos) {
    output = equation.substr(arrow + 2);
  } else {
    for (const auto& [label, count] : uses) {
      if (count == 1) output += label;
    }
  }
  Einsum einsum;
  for (const char label : output) {
    if (!sizes.contains(label)) return std::nullopt;
    einsum.shape.push_back(sizes[label]);
  }
  if (inputs.size() > 1) {
    einsum.multiply_adds = 1;
    for (const auto& [label, size] : sizes) einsum.multiply_adds *= static_cast<double>(size);
  }
  return einsum;
}

}  // namespace kerf
