#pragma once
// What travels between hosts, as plain data: a request to run a model on tensors, and the reply. The words
// are those of the Open Inference Protocol; on the wire each is one ModelInferRequest or ModelInferResponse
// with raw contents.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/executor/payload.hpp"

namespace kerf {

using Parameter = std::variant<bool, std::int64_t, std::string, double, std::uint64_t>;
using Parameters = std::map<std::string, Parameter>;

struct NamedTensor {
  std::string name;
  std::string datatype;  // "UINT8", "FP32", ...: the protocol's names
  std::vector<std::int64_t> shape;
  Payload bytes;  // little-endian, row-major; as many as datatype and shape say
};

struct InferRequest {
  std::string model;
  std::string version = {};  // "": whichever is served
  std::string id = {};       // comes back with the reply
  Parameters parameters = {};
  std::vector<NamedTensor> inputs = {};
};

struct InferReply {
  std::string model;
  std::string version;
  std::string id;
  Parameters parameters;
  std::vector<NamedTensor> outputs;
};

// What a model takes or gives; -1 in a shape stands for any size.
struct TensorSignature {
  std::string name;
  std::string datatype;
  std::vector<std::int64_t> shape;
};

// In every reply of our servers: how long the server held the request, from its last byte's arrival until the
// reply was handed to the transport. int64, nanoseconds.
inline constexpr std::string_view kHeldParameter = "kerf_held_ns";

// Bytes of one element; 0 for BYTES, whose elements differ; nothing for what is no datatype of the protocol.
[[nodiscard]] std::optional<std::size_t> element_bytes(std::string_view datatype);

// "[1, 3, 224, 224]".
[[nodiscard]] std::string to_text(const std::vector<std::int64_t>& shape);

// Why the tensor is none, such as "input x: FP32 [1, 3] is 12 bytes, and 10 are there"; "" when it is one.
// `what` is "input" or "output".
[[nodiscard]] std::string fault_of(const NamedTensor& tensor, std::string_view what);

// Why the tensors do not fit the signatures: another number, name, datatype or shape; "" when they do. The
// order is free.
[[nodiscard]] std::string mismatch(const std::vector<NamedTensor>& tensors,
                                   const std::vector<TensorSignature>& signatures, std::string_view what);

}  // namespace kerf
