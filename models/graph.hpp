#pragma once
// A model: an ONNX graph with every tensor's type and shape known and its weights kept as places, never as
// values. The import (models/onnx_import.hpp) makes it; cuts, slicer and profiles read it.
// Immutable after import, so safe to share between threads. Nodes stand in a topological order in which few
// tensors are alive at a time. What depends on weights and static shapes alone (shape arithmetic, constants)
// is not a computation on the input: those nodes are marked `constant`, belong to no block and are copied
// into whichever slice needs them.
//
//   const Graph graph = import_onnx("ppocr-det.onnx", {{"x", {1, 3, 320, 320}}});

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

// ONNX's own numbering (TensorProto.DataType), so that files and runtimes agree.
enum class ElementType : std::int32_t {
  kUndefined = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};
[[nodiscard]] std::string_view name_of(ElementType type);  // "float32"
[[nodiscard]] std::size_t bytes_of(ElementType type);      // of one element; 0 for strings and unknown types

using TensorId = std::int32_t;  // index into Graph::tensors; -1 stands for an omitted optional input
using NodeId = std::int32_t;    // index into Graph::nodes

// float32 elements that are made when they are read: element i is offset + step x d, where d is a whole
// number in [-2^23, 2^23), drawn for (stream, i) alone; with step 0 all elements are `offset`. The zoo's
// weights.
struct GeneratedFloats {
  std::uint32_t stream = 0;
  float step = 0;
  float offset = 0;
};

// Where a weight's little-endian elements are: in a file (offset and length); or here when they are few, the
// file held them in another encoding or they were computed (`inlined`, then file is empty); or nowhere yet
// (`generated`).
struct WeightPlace {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // bytes
  std::string inlined;
  std::optional<GeneratedFloats> generated;
  bool literal = false;  // a number in an attribute (Constant's value_int) or a static shape: no parameter
};

struct Tensor {
  std::string name;
  ElementType type = ElementType::kUndefined;
  std::vector<std::int64_t> shape;  // every dimension >= 0
  NodeId producer = -1;             // -1: a graph input or a weight
  std::vector<NodeId> consumers;    // in node order, each once
  std::int32_t weight = -1;         // index into Graph::weights, or -1
  bool constant = false;            // the same for every input: a weight, or made by a constant node

  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] Bytes bytes() const;
};

struct Node {
  std::string name;     // unique; made up from the operator and its place where the file has none
  std::string op_type;  // "Conv"
  std::string domain;   // "" for ONNX's own operators
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;  // without omitted ones, and without unused ones whose shape no one knows
  double multiply_adds = 0;       // of convolutions, matrix products and recurrent cells; 0 for the rest
  bool constant = false;
  std::string proto;  // the serialized onnx.NodeProto, for the slicer
};

struct OperatorSet {
  std::string domain;
  std::int64_t version = 0;
};

struct Graph {
  std::string name;  // the file's stem, or the zoo name
  std::string hash;  // of the file's content and the input shapes chosen: 16 hexadecimal digits
  std::int64_t ir_version = 0;
  std::vector<OperatorSet> operator_sets;
  std::vector<Tensor> tensors;
  std::vector<WeightPlace> weights;
  std::vector<Node> nodes;       // topological order, constant ones first; none that no output needs
  std::vector<TensorId> inputs;  // without initializers
  std::vector<TensorId> outputs;

  [[nodiscard]] double multiply_adds() const;
  [[nodiscard]] std::int64_t parameters()
      const;  // elements of every tensor that the file stores, but literals
  [[nodiscard]] Bytes weight_bytes() const;
  [[nodiscard]] TensorId find_tensor(std::string_view name) const;  // -1 where there is none
};

}  // namespace kerf
