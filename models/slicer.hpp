#pragma once
// A slice of a model as an ONNX model of its own: blocks first..last, between the tensors that cross cut
// `first` and those that cross cut `last + 1`, under their own names. Chained slices compute what the whole
// computes. Constant nodes and weights are copied in as far as the slice needs them.
//
// A tensor may cross both cuts: a skip connection over the whole slice, an input used by several slices, an
// output made early. Such a tensor is `passed`. In memory (make_slice) the model does not mention it as an
// output, and mentions it as an input only when a node of the slice uses it: whoever runs the chain hands it
// on unchanged and so copies nothing:
//
//   Values now = inputs;                         // by name
//   for (const Slice& slice : slices) {
//     Values next = run(slice, now);             // reads slice.inputs, makes slice.outputs
//     for (TensorId t : slice.passed) next[name(t)] = now[name(t)];
//     now = next;                                // exactly the tensors that cross cut last + 1
//   }
//
// In a file (slice_file) a passed tensor is an input and an output of the same name, which ONNX's checker and
// ONNX Runtime accept: each file's outputs are the next file's inputs, and nothing need be carried around
// them.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/cuts.hpp"
#include "models/graph.hpp"

namespace kerf {

// The external_data location that make_slice gives to weights it leaves out. There is no such file: the
// weights are to be supplied by name.
inline constexpr std::string_view kWeightsElsewhere = "kerf-weights";

// A slice to be run from memory: its model without the data of larger weights (each is declared as an
// initializer with data_location EXTERNAL), and which weights of the graph those are. runtime/inference hands
// them over, by the tensor's name, from one shared copy. Weights of at most 1 KiB are inside the model: shape
// inference wants to see them.
struct Slice {
  int first_block = 0;
  int last_block = 0;
  std::string model;             // a serialized onnx.ModelProto
  std::vector<TensorId> inputs;  // crossing tensors that the slice uses, in the order of the model's inputs
  std::vector<TensorId>
      outputs;                   // crossing tensors that the slice makes, in the order of the model's outputs
  std::vector<TensorId> passed;  // cross both cuts: handed on unchanged; some are among `inputs` too
  std::vector<TensorId> weights;  // tensors of the graph whose data the model lacks
  Bytes weight_bytes;             // of every weight the slice uses, inside the model or not
};

[[nodiscard]] Slice make_slice(const Graph& graph, const Chain& chain, int first_block, int last_block);

// The same as a complete file content with its weights inside; inputs and outputs are all the tensors that
// cross the two cuts. Error(kUnsupported) over 2 GB, which is protobuf's limit.
[[nodiscard]] std::string slice_file(const Graph& graph, const Chain& chain, int first_block, int last_block);

// A weight's elements, little-endian. Error(kBadInput) when its file has gone or shrunk since the import.
[[nodiscard]] std::string read_weight(const Graph& graph, TensorId tensor);
// The same into memory that the caller has; `to` is as long as the tensor.
void read_weight(const Graph& graph, TensorId tensor, std::span<char> to);

}  // namespace kerf
