#pragma once
// Inside runtime/inference only: ONNX Runtime's header, its environment, and its exceptions turned into ours.

#include <onnxruntime_cxx_api.h>

#include <concepts>
#include <functional>
#include <new>
#include <string>

#include "base/error.hpp"
#include "models/graph.hpp"

namespace kerf::onnx_runtime {

// ONNX Runtime allows one environment a process, so it is made on first use and kept. All sessions draw their
// activations from its one arena: with an arena each, hundreds of idle sessions would hold hundreds of sets
// of them.
[[nodiscard]] Ort::Env& environment();
[[nodiscard]] const Ort::MemoryInfo& cpu_memory();

[[nodiscard]] ONNXTensorElementDataType element_type(ElementType type);
// A tensor over memory that someone else owns; ONNX Runtime only reads it, though its interface takes no
// const.
[[nodiscard]] Ort::Value borrowed_tensor(const void* data, std::size_t bytes, ElementType type,
                                         const std::vector<std::int64_t>& shape);

// An operator unknown is kUnsupported and named, memory run out is kLimit, everything else kBadInput.
[[nodiscard]] Error translated(const std::string& where, const std::string& message, OrtErrorCode code);

template <std::invocable Call>
auto translating(const std::string& where, const Call& call) -> std::invoke_result_t<Call> {
  try {
    return std::invoke(call);
  } catch (const Ort::Exception& failure) {
    throw translated(where, failure.what(), failure.GetOrtErrorCode());
  } catch (const std::bad_alloc&) {
    throw translated(where, "bad_alloc", ORT_FAIL);
  }
}

}  // namespace kerf::onnx_runtime
