#pragma once
// What went wrong between two hosts. The message is for people; `failure` is for programs that decide what to
// do next (try again, go elsewhere, compute here).

#include <string>
#include <utility>

#include "base/error.hpp"

namespace kerf {

enum class InferenceFailure {
  kUnreachable,  // no connection, or it broke; also what answers but does not speak gRPC
  kDeadline,     // no answer in time
  kOverloaded,   // too many requests wait there, a message is larger than allowed, or memory is short
  kNotServed,    // no such model or method there
  kRefused,      // the server finds the request wrong
  kMalformed,    // the reply is no reply
  kCancelled,    // we stopped it
  kBeyond,       // the server is well, but a host that it needed further on is not
  kBroken,       // a fault inside the server
};

class InferenceError : public Error {
 public:
  InferenceError(InferenceFailure failure, std::string where, std::string found, std::string expected = {},
                 std::string hint = {})
      : Error(code_of(failure), std::move(where), std::move(found), std::move(expected), std::move(hint)),
        failure_(failure) {}
  [[nodiscard]] InferenceFailure failure() const { return failure_; }

 private:
  static ErrorCode code_of(InferenceFailure failure) {
    switch (failure) {
      case InferenceFailure::kDeadline:
      case InferenceFailure::kOverloaded:
        return ErrorCode::kLimit;
      case InferenceFailure::kNotServed:
        return ErrorCode::kUnsupported;
      case InferenceFailure::kCancelled:
        return ErrorCode::kInterrupted;
      default:
        return ErrorCode::kBadInput;
    }
  }
  InferenceFailure failure_;
};

}  // namespace kerf
