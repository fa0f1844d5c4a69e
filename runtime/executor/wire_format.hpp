#pragma once
// Requests and replies as protobuf messages, without copying tensors: a message is its small fields, encoded
// by protobuf, followed by the raw contents, which point to the payloads' own memory (protobuf takes fields
// in any order). What arrives is walked field by field; raw contents stay in the pieces that the transport
// received. Nothing that arrives is trusted: Error(kBadInput) for what is no such message, has typed
// contents, has another number of raw contents than of tensors, or a tensor whose bytes do not fit its type
// and shape. Private to this folder.

#include <grpcpp/support/byte_buffer.h>

#include "runtime/executor/infer_message.hpp"

namespace kerf {

[[nodiscard]] grpc::ByteBuffer encode(const InferRequest& request);
[[nodiscard]] grpc::ByteBuffer encode(const InferReply& reply);

[[nodiscard]] InferRequest decode_request(const grpc::ByteBuffer& message);
[[nodiscard]] InferReply decode_reply(const grpc::ByteBuffer& message);

}  // namespace kerf
