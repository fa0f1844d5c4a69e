#pragma once
// The peer for measuring links, served as a model: a UINT8 tensor "bytes" goes in, a UINT8 tensor "bytes"
// comes back. The parameter "reply_bytes" (int64) says how long; without it as long as what came. The reply
// begins with the bytes of the request and goes on with noise, so that nothing on the way can compress it.
// Nothing is copied: its own cost does not depend on the size.

#include <string_view>

#include "base/quantity.hpp"
#include "runtime/executor/inference_server.hpp"

namespace kerf {

inline constexpr std::string_view kEchoModel = "kerf-echo";
inline constexpr std::string_view kEchoTensor = "bytes";
inline constexpr std::string_view kReplyBytes = "reply_bytes";

// Replies beyond `largest_reply` are refused.
[[nodiscard]] ServedModel echo_model(Bytes largest_reply);

// A request to it. `noise_payload(bytes)` is a good payload.
[[nodiscard]] InferRequest echo_request(Payload payload, Bytes reply);

// Bytes that do not compress, the same at every call; memory of 1 MB is shared by all.
[[nodiscard]] Payload noise_payload(std::size_t bytes);

}  // namespace kerf
