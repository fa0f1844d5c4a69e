#include "runtime/inference/exposed.hpp"

#include <algorithm>
#include <string_view>

namespace kerf {
namespace {

// Protocol Buffers' wire format. Two messages one behind the other are one message whose repeated fields are
// joined (https://protobuf.dev/programming-guides/encoding, "Last One Wins"), so outputs are added without
// reading the model.
void put_number(std::string& out, std::uint64_t number) {
  for (; number >= 128; number >>= 7) out.push_back(static_cast<char>((number & 127) | 128));
  out.push_back(static_cast<char>(number));
}

void put_integer(std::string& out, int field, std::uint64_t number) {
  put_number(out, static_cast<std::uint64_t>(field) << 3);
  put_number(out, number);
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_number(out, (static_cast<std::uint64_t>(field) << 3) | 2);
  put_number(out, bytes.size());
  out += bytes;
}

// ValueInfoProto{name = 1, type = 2: TypeProto{tensor_type = 1: {elem_type = 1, shape = 2: {dim = 1:
// {dim_value = 1}}}}}
std::string value_info(const Tensor& tensor) {
  std::string shape;
  for (const std::int64_t size : tensor.shape) {
    std::string dimension;
    put_integer(dimension, 1, static_cast<std::uint64_t>(size));
    put_bytes(shape, 1, dimension);
  }
  std::string tensor_type;
  put_integer(tensor_type, 1, static_cast<std::uint64_t>(tensor.type));
  put_bytes(tensor_type, 2, shape);
  std::string type;
  put_bytes(type, 1, tensor_type);
  std::string info;
  put_bytes(info, 1, tensor.name);
  put_bytes(info, 2, type);
  return info;
}

}  // namespace

Slice expose(const Graph& graph, Slice slice, std::span<const TensorId> tensors) {
  constexpr int kModelGraph = 7;
  constexpr int kGraphOutput = 12;
  std::string outputs;
  for (const TensorId id : tensors) {
    if (std::find(slice.outputs.begin(), slice.outputs.end(), id) != slice.outputs.end()) continue;
    put_bytes(outputs, kGraphOutput, value_info(graph.tensors[static_cast<std::size_t>(id)]));
    slice.outputs.push_back(id);
  }
  put_bytes(slice.model, kModelGraph, outputs);
  return slice;
}

}  // namespace kerf
