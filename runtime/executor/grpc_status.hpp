#pragma once
// Between gRPC's statuses and our errors, both ways, and gRPC's own log. Private to this folder.

#include <grpcpp/support/status.h>

#include <string>

#include "runtime/executor/inference_error.hpp"

namespace kerf {

// gRPC and protobuf write to stderr on their own; what matters there comes back as a status too. The first
// call silences them for the whole process.
void silence_grpc();

[[noreturn]] void throw_status(const grpc::Status& status, const std::string& address);

// What a client is told of an exception in a model's function; to be called in a catch block.
[[nodiscard]] grpc::Status status_of_current_exception();

}  // namespace kerf
