#include "runtime/inference/onnx_runtime.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace kerf::onnx_runtime {
namespace {

static_assert(static_cast<int>(ElementType::kFloat32) == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
static_assert(static_cast<int>(ElementType::kInt64) == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
static_assert(static_cast<int>(ElementType::kBool) == ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL);
static_assert(static_cast<int>(ElementType::kFloat16) == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16);
static_assert(static_cast<int>(ElementType::kBfloat16) == ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16);

Ort::Env make_environment() {
  Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "kerf");
  env.DisableTelemetryEvents();
  // An arena is made only where the memory is said to be one's. It grows by what is asked and not by powers
  // of two: what is asked first is the largest, the whole model's.
  constexpr std::size_t kUnlimited = 0;
  constexpr int kAsRequested = 1;
  const Ort::ArenaCfg arena(kUnlimited, kAsRequested, -1, -1);
  env.CreateAndRegisterAllocator(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault), arena);
  return env;
}

// The text between `before` and `after`, or "".
std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return std::string(rest.substr(0, rest.find(after)));
}

// ONNX Runtime says it in one of these ways: a schema it has not, a kernel it has not, a domain it has not.
std::string unknown_operator(std::string_view message) {
  constexpr std::array<std::array<std::string_view, 2>, 3> kWays{
      {{"No Op registered for ", " "},
       {"Could not find an implementation for ", " "},
       {"Fatal error: ", " is not a registered"}}};
  for (const auto& [before, after] : kWays) {
    std::string name = between(message, before, after);
    if (!name.empty()) return name;
  }
  return {};
}

}  // namespace

Ort::Env& environment() {
  static Ort::Env env = make_environment();
  return env;
}

const Ort::MemoryInfo& cpu_memory() {
  static const Ort::MemoryInfo info = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  return info;
}

ONNXTensorElementDataType element_type(ElementType type) {
  return static_cast<ONNXTensorElementDataType>(static_cast<int>(type));
}

Ort::Value borrowed_tensor(const void* data, std::size_t bytes, ElementType type,
                           const std::vector<std::int64_t>& shape) {
  return Ort::Value::CreateTensor(cpu_memory(), const_cast<void*>(data), bytes, shape.data(), shape.size(),
                                  element_type(type));
}

Error translated(const std::string& where, const std::string& message, OrtErrorCode code) {
  const std::string unknown = unknown_operator(message);
  if (!unknown.empty()) {
    return {ErrorCode::kUnsupported, where,
            fmt::format("operator {} is unknown to ONNX Runtime ({})", unknown, message),
            "operators that the CPU provider implements", "replace it, or use another ONNX Runtime"};
  }
  if (code == ORT_NOT_IMPLEMENTED) {
    return {ErrorCode::kUnsupported, where,
            fmt::format("ONNX Runtime does not implement this ({})", message)};
  }
  if (message.find("bad_alloc") != std::string::npos ||
      message.find("Failed to allocate memory") != std::string::npos) {
    return {ErrorCode::kLimit, where, "memory ran out", "", "use a smaller input shape or a larger machine"};
  }
  return {ErrorCode::kBadInput, where, fmt::format("ONNX Runtime refuses it ({})", message)};
}

}  // namespace kerf::onnx_runtime
