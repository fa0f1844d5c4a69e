#include "runtime/executor/grpc_status.hpp"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <exception>
#include <mutex>
#include <new>

namespace kerf {
namespace {

InferenceFailure failure_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
      return InferenceFailure::kUnreachable;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return InferenceFailure::kDeadline;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return InferenceFailure::kOverloaded;
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::UNIMPLEMENTED:
      return InferenceFailure::kNotServed;
    case grpc::StatusCode::CANCELLED:
      return InferenceFailure::kCancelled;
    case grpc::StatusCode::ABORTED:  // gRPC itself never says so
      return InferenceFailure::kBeyond;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return InferenceFailure::kRefused;
    default:
      return InferenceFailure::kBroken;
  }
}

std::string hint_of(InferenceFailure failure) {
  switch (failure) {
    case InferenceFailure::kUnreachable:
      return "is `kerf serve` running there, and does the network let this port through?";
    case InferenceFailure::kDeadline:
      return "the link or the server is too slow for this, or a firewall swallows what is sent";
    default:
      return "";
  }
}

grpc::StatusCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
    case ErrorCode::kBadInput:
    case ErrorCode::kInfeasible:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorCode::kLimit:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ErrorCode::kUnsupported:
      return grpc::StatusCode::UNIMPLEMENTED;
    case ErrorCode::kInterrupted:
      return grpc::StatusCode::CANCELLED;
    case ErrorCode::kBug:
      break;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

void silence_grpc() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function([](gpr_log_func_args*) {});
    google::protobuf::SetLogHandler(nullptr);
  });
}

void throw_status(const grpc::Status& status, const std::string& address) {
  const InferenceFailure failure = failure_of(status.error_code());
  const std::string text = status.error_message().empty()
                               ? fmt::format("status {}", static_cast<int>(status.error_code()))
                               : status.error_message();
  throw InferenceError(failure, address, text, "", hint_of(failure));
}

grpc::Status status_of_current_exception() {
  try {
    throw;
  } catch (const InferenceError& error) {
    const bool beyond = error.failure() == InferenceFailure::kBeyond;
    return {beyond ? grpc::StatusCode::ABORTED : code_of(error.code()), error.what()};
  } catch (const Error& error) {
    return {code_of(error.code()), error.what()};
  } catch (const std::bad_alloc&) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "the server is out of memory"};
  } catch (const std::exception& fault) {
    return {grpc::StatusCode::INTERNAL, fault.what()};
  } catch (...) {
    return {grpc::StatusCode::INTERNAL, "an unknown fault"};
  }
}

}  // namespace kerf
