#pragma once
// A small constant tensor with its elements as numbers, read from and written to raw_data. Internal to the
// import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace kerf::small_values {

using Shape = std::vector<std::int64_t>;

// long double holds every int64, float and double exactly on the machines that matter (80-bit or quad).
using Number = long double;

struct Small {
  std::int32_t type = 0;
  Shape shape;
  std::vector<Number> values;
};

// Elements of a tensor of this shape; nothing where they are not few.
[[nodiscard]] std::optional<std::int64_t> count(const Shape& shape);

// Elements of the axes from `from` up to but without `to`.
[[nodiscard]] std::int64_t product(const Shape& shape, std::size_t from, std::size_t to);

// Nothing for other types than float, double, int32, int64 and bool, and where data and shape do not agree.
[[nodiscard]] std::optional<Small> decode(const onnx::TensorProto& tensor);

// Nothing where an integer would overflow.
[[nodiscard]] std::optional<onnx::TensorProto> encode(const Small& small);

}  // namespace kerf::small_values
