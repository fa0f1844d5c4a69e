#pragma once
// A slice of a model as an ONNX model of its own: blocks first..last, whose inputs are the tensors that cross cut
// `first` and whose outputs those that cross cut `last + 1`, under their own names. Chained slices compute what the
// whole computes. Constant nodes and weights are copied in as far as the slice needs them.

#include <filesystem>
#include <string>
#include <vector>

#include "models/cuts.hpp"
#include "models/graph.hpp"

namespace kerf {

// A slice to be run from memory: its model without weight data (each initializer is declared as external), and which
// weights of the graph it needs. runtime/inference hands the weights over from one shared copy.
struct Slice {
  int first_block = 0;
  int last_block = 0;
  std::string model;                  // a serialized onnx.ModelProto
  std::vector<TensorId> inputs;       // crossing tensors, in the order of the model's inputs
  std::vector<TensorId> outputs;
  std::vector<TensorId> weights;      // tensors of the graph whose data the model lacks
  Bytes weight_bytes;
};

[[nodiscard]] Slice make_slice(const Graph& graph, const Chain& chain, int first_block, int last_block);

// The same as a complete file content with its weights inside (Error(kUnsupported) over 2 GB).
[[nodiscard]] std::string slice_file(const Graph& graph, const Chain& chain, int first_block, int last_block);

// A weight's elements, little-endian.
[[nodiscard]] std::string read_weight(const Graph& graph, TensorId tensor);

}  // namespace kerf
