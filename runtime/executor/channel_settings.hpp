#pragma once
// What both ends of a connection set. gRPC's own flow control has two windows. A stream's can be announced at
// once for the largest message. The connection's begins with 64 kB and cannot be set: only gRPC's probing of
// bandwidth times delay opens it, over the first messages, and with the probing off a message of 1 MB over 20
// ms each way at 100 Mbit/s takes 145 ms for ever, and 126 ms with it on, as over plain TCP. Larger frames
// than 16 kB save work. Private to this folder.

#include <grpc/impl/codegen/grpc_types.h>

#include <algorithm>

#include "base/quantity.hpp"

namespace kerf {

// Set(name, value) for each; `largest_message` is what this end receives at most.
template <class Set>
void for_each_channel_setting(Bytes largest_message, Set set) {
  constexpr double kMostWindow = 1 << 30;
  const double window = std::clamp(largest_message.value() * 1.1, 65536.0, kMostWindow);
  set(GRPC_ARG_HTTP2_BDP_PROBE, 1);
  set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, static_cast<int>(window));
  set(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, 1 << 20);
}

// Messages' heads and lengths are not the tensors' bytes that a limit is meant for.
inline int message_limit(Bytes largest_message) {
  constexpr double kHeads = 65536;
  constexpr double kMost = 2147483647;  // gRPC's and protobuf's own
  return static_cast<int>(std::min(largest_message.value() + kHeads, kMost));
}

}  // namespace kerf
