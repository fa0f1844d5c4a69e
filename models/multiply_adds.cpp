#include "models/multiply_adds.hpp"

#include <string_view>

#include "models/einsum.hpp"

namespace kerf {
namespace {

double elements(const Tensor& tensor) {
  return static_cast<double>(tensor.elements());
}

const Tensor* at(const std::vector<const Tensor*>& inputs, std::size_t i) {
  return i < inputs.size() ? inputs[i] : nullptr;
}

// Each of `made` elements is a sum over one filter: what the weight holds beside its first dimension.
double per_filter(const Tensor& made, const Tensor& weight) {
  if (weight.shape.empty() || weight.shape[0] == 0) return 0;
  return elements(made) * (elements(weight) / static_cast<double>(weight.shape[0]));
}

double matrix_product(const Tensor& left, const Tensor& output) {
  return left.shape.empty() ? 0 : elements(output) * static_cast<double>(left.shape.back());
}

double gemm(const onnx::NodeProto& node, const Tensor& left, const Tensor& output) {
  if (left.shape.size() != 2) return 0;
  bool transposed = false;
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == "transA") transposed = attribute.i() != 0;
  }
  return elements(output) * static_cast<double>(left.shape[transposed ? 0 : 1]);
}

double einsum(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs) {
  std::vector<std::vector<std::int64_t>> shapes;
  for (const Tensor* input : inputs)
    shapes.push_back(input != nullptr ? input->shape : std::vector<std::int64_t>());
  const auto read = read_einsum(node, shapes);
  return read ? read->multiply_adds : 0;
}

// X[sequence, batch, input], W and R hold every gate's matrices: each is used once a step and a sequence.
double recurrent(const Tensor& x, const Tensor& w, const Tensor& r) {
  if (x.shape.size() != 3) return 0;
  return static_cast<double>(x.shape[0]) * static_cast<double>(x.shape[1]) * (elements(w) + elements(r));
}

std::int64_t attribute_of(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return attribute.i();
  }
  return otherwise;
}

double dimension(const Tensor* tensor, std::size_t axis) {
  return tensor != nullptr && axis < tensor->shape.size() ? static_cast<double>(tensor->shape[axis]) : 0;
}

// Each element of q meets every key once, and each of the output is a sum over every value. `length` is of
// the keys, those from a cache included.
double attention(double q, const Tensor& output, double length) {
  return (q + elements(output)) * length;
}

// Keys are [batch, length, width], or [batch, heads, length, width].
double length_of(const Tensor* keys) {
  return keys == nullptr ? 0 : dimension(keys, keys->shape.size() == 4 ? 2 : 1);
}

// Of com.microsoft: what ONNX Runtime's optimiser writes.
double fused(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs, const Tensor& output) {
  const std::string_view op = node.op_type();
  const Tensor& first = *inputs[0];
  const Tensor* second = at(inputs, 1);
  const Tensor* fourth = at(inputs, 3);
  if (op == "MatMulNBits" || op == "MatMulBnb4")
    return elements(first) * static_cast<double>(attribute_of(node, "N", 0));
  if (op == "MultiHeadAttention" || op == "GroupQueryAttention") {
    const bool packed = second == nullptr;
    const Tensor* past = at(inputs, op == "MultiHeadAttention" ? 6 : 3);
    return attention(packed ? elements(output) : elements(first), output,
                     length_of(packed ? &first : second) + length_of(past));
  }
  if (op == "QGemm") return fourth != nullptr ? gemm(node, first, output) : 0;
  if (op == "QLinearConv") return fourth != nullptr ? per_filter(output, *fourth) : 0;
  if (second == nullptr) return 0;
  if (op == "FusedConv" || op == "NhwcFusedConv" || op == "NhwcConv") return per_filter(output, *second);
  if (op == "FusedGemm") return gemm(node, first, output);
  if (op == "FusedMatMul" || op == "TransposeMatMul") {
    const std::size_t rank = first.shape.size();
    if (rank < 2) return 0;
    return elements(output) * dimension(&first, attribute_of(node, "transA", 0) != 0 ? rank - 2 : rank - 1);
  }
  if (op == "DynamicQuantizeMatMul" || op == "MatMulIntegerToFloat") return matrix_product(first, output);
  if (op == "Attention") {  // with the projections of q, k and v before it
    const double rows = dimension(&first, 0) * dimension(&first, 1);
    return rows * elements(*second) + attention(elements(output), output, length_of(&first));
  }
  return 0;
}

}  // namespace

double multiply_adds(const onnx::NodeProto& node, const std::vector<const Tensor*>& inputs,
                     const Tensor& output) {
  const std::string_view op = node.op_type();
  const Tensor* first = at(inputs, 0);
  const Tensor* second = at(inputs, 1);
  if (first == nullptr) return 0;
  if (node.domain() == "com.microsoft") return fused(node, inputs, output);
  if (!node.domain().empty() && node.domain() != "ai.onnx") return 0;
  if (op == "QLinearConv") return at(inputs, 3) != nullptr ? per_filter(output, *inputs[3]) : 0;
  if (op == "QLinearMatMul") return matrix_product(*first, output);
  if (second == nullptr) return 0;
  if (op == "Conv" || op == "ConvInteger" || op == "DeformConv") return per_filter(output, *second);
  if (op == "ConvTranspose") return per_filter(*first, *second);
  if (op == "Attention")
    return attention(elements(*first), output, length_of(second) + length_of(at(inputs, 4)));
  if (op == "MatMul" || op == "MatMulInteger") return matrix_product(*first, output);
  if (op == "Gemm") return gemm(node, *first, output);
  if (op == "Einsum") return einsum(node, inputs);
  if (op == "LSTM" || op == "GRU" || op == "RNN") {
    return at(inputs, 2) != nullptr ? recurrent(*first, *second, *inputs[2]) : 0;
  }
  return 0;
}

}  // namespace kerf
