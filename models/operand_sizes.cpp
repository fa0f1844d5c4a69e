#include "models/operand_sizes.hpp"

#include <fmt/format.h>

#include <functional>
#include <numeric>
#include <string_view>

#include "base/error.hpp"

namespace kerf {
namespace {

using Shape = std::vector<std::int64_t>;

// Products of dimensions are compared as doubles: a file may hold any numbers.
double elements(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), 1.0, [](double all, std::int64_t dimension) {
    return all * static_cast<double>(dimension);
  });
}

std::int64_t attribute(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name && attribute.type() == onnx::AttributeProto::INT) return attribute.i();
  }
  return otherwise;
}

class Check {
 public:
  Check(const onnx::NodeProto& node, std::span<const TensorType> operands, const std::string& where)
      : node_(node), operands_(operands), where_(where) {}

  // Whether that operand's type is known and it has as many dimensions.
  [[nodiscard]] bool known(std::size_t operand, std::size_t least, std::size_t most = 1000) const {
    return operand < operands_.size() && operands_[operand].type != ElementType::kUndefined &&
           shape(operand).size() >= least && shape(operand).size() <= most;
  }
  [[nodiscard]] const Shape& shape(std::size_t operand) const { return operands_[operand].shape; }

  void same(double found, double expected, const Shape& from, std::string_view what, const Shape& to) const {
    if (found == expected) return;
    throw Error(
        ErrorCode::kBadInput, where_,
        fmt::format("{} of [{}] {} [{}]", node_.op_type(), fmt::join(from, ", "), what, fmt::join(to, ", ")),
        "shapes that go together",
        "give the input shapes that the model was made for, or export it with open dimensions (PyTorch: "
        "dynamic_axes)");
  }

  void convolution() const {
    if (!known(0, 3) || !known(1, 3)) return;
    const bool transposed = node_.op_type() == "ConvTranspose";
    const double groups = transposed ? 1 : static_cast<double>(attribute(node_, "group", 1));
    same(static_cast<double>(shape(0)[1]), static_cast<double>(shape(1)[transposed ? 0 : 1]) * groups,
         shape(0), "with weights", shape(1));
  }

  void gemm() const {
    if (!known(0, 2, 2) || !known(1, 2, 2)) return;
    const auto inner = [&](std::size_t operand, std::size_t plain, const char* transposed) {
      return static_cast<double>(shape(operand)[attribute(node_, transposed, 0) != 0 ? 1 - plain : plain]);
    };
    same(inner(0, 1, "transA"), inner(1, 0, "transB"), shape(0), "with weights", shape(1));
  }

  // x: [steps, batch, features]; w: [directions, gates, features]; initial states: [directions, batch,
  // hidden].
  void recurrent() const {
    if (attribute(node_, "layout", 0) != 0 || !known(0, 3, 3)) return;
    if (known(1, 3, 3))
      same(static_cast<double>(shape(0)[2]), static_cast<double>(shape(1)[2]), shape(0), "with weights",
           shape(1));
    for (const std::size_t state : {std::size_t{5}, std::size_t{6}}) {
      if (state == 6 && node_.op_type() != "LSTM") continue;
      if (known(state, 3, 3))
        same(static_cast<double>(shape(0)[1]), static_cast<double>(shape(state)[1]), shape(0), "with state",
             shape(state));
    }
  }

 private:
  const onnx::NodeProto& node_;
  std::span<const TensorType> operands_;
  const std::string& where_;
};

}  // namespace

void check_operand_sizes(const onnx::NodeProto& node, std::span<const TensorType> operands,
                         const TensorType& output, const std::string& where) {
  const Check check(node, operands, where);
  const std::string& op = node.op_type();
  if (op == "Conv" || op == "ConvTranspose") check.convolution();
  if (op == "Gemm") check.gemm();
  if (op == "LSTM" || op == "GRU" || op == "RNN") check.recurrent();
  if (op == "Reshape" && check.known(0, 0) && output.type != ElementType::kUndefined)
    check.same(elements(check.shape(0)), elements(output.shape), check.shape(0), "to", output.shape);
}

}  // namespace kerf
