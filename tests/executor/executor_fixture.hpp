#pragma once
// A server on a free port of this machine, and what the tests ask of errors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_client.hpp"
#include "runtime/executor/inference_server.hpp"

namespace kerf::test {

inline constexpr Seconds kSoon{20};  // far longer than any of these calls takes on a busy machine

inline ServerOptions any_port() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  return options;
}

inline std::string text_of(Payload payload) {
  const std::span<const std::byte> bytes = payload.contiguous();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// `bytes` bytes that differ from call to call of the test, and from noise_payload's.
inline std::string pattern(std::size_t bytes, unsigned seed = 1) {
  std::string text(bytes, '\0');
  unsigned state = seed;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

template <class Action>
InferenceError failure_of(Action action) {
  try {
    action();
  } catch (const InferenceError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing failed";
  return {InferenceFailure::kBroken, "", ""};
}

}  // namespace kerf::test
