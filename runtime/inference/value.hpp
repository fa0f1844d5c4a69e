#pragma once
// The value of a tensor as plain bytes, without any runtime's types: what sessions take and give, what is
// sent between hosts and compared by verify. Values are independent copies.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/graph.hpp"

namespace kerf {

// A tensor's value: dense, row-major, little-endian.
struct Value {
  ElementType type = ElementType::kUndefined;
  std::vector<std::int64_t> shape;
  std::string bytes;

  bool operator==(const Value&) const = default;
};

using Values = std::map<std::string, Value>;  // by tensor name

// The same where it lies, without a copy: for what is sent from, and computed on, the memory that it came in.
struct LiveTensor {
  ElementType type = ElementType::kUndefined;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner = {};  // keeps the bytes; empty where whoever made it does
};

using LiveTensors = std::map<std::string, LiveTensor>;  // by tensor name

[[nodiscard]] LiveTensors borrowed(const Values& values);  // the values must stay where they are
[[nodiscard]] LiveTensors owned(Values values);
[[nodiscard]] Value copied(const LiveTensor& tensor);

// "float32 [1, 3, 320, 320]"
[[nodiscard]] std::string describe(ElementType type, const std::vector<std::int64_t>& shape);

// Inputs for the graph: pseudo-random, reproducible by seed; floats in [-1, 1); integers 0 or 1, which are
// valid as token types and masks as well as as indices.
[[nodiscard]] Values random_inputs(const Graph& graph, std::uint64_t seed);

// How far `value` is from `reference`: the largest |a - b| over all elements, relative to the largest |b| of
// the reference. NaN anywhere, infinities that are not in both, other types or other shapes are a problem, in
// words.
struct Difference {
  double relative = 0;
  std::string problem;  // empty where the two can be compared
};
[[nodiscard]] Difference difference(const Value& value, const Value& reference);

}  // namespace kerf
