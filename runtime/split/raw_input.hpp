#pragma once
// Raw inputs, acted: what a camera would send (a JPEG) in place of the input tensors. The bytes begin with
// the seed of the random input that they stand for, so that whoever receives them computes on the same
// numbers as the device; the rest is noise. docs/runtime.md says what for.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "models/graph.hpp"
#include "runtime/executor/infer_message.hpp"
#include "runtime/inference/value.hpp"

namespace kerf {

inline constexpr std::string_view kRawInput = "kerf_raw_input";  // UINT8 [bytes]
inline constexpr double kLeastRawBytes = 8;

// What a slice that takes a raw input is called: "ppocr-det.0-12.raw".
[[nodiscard]] std::string raw_name(std::string_view served_name);
[[nodiscard]] TensorSignature raw_signature();

[[nodiscard]] NamedTensor raw_input(std::uint64_t seed, Bytes bytes);
// Error(kBadInput) for fewer than 8 bytes.
[[nodiscard]] std::uint64_t raw_seed(const NamedTensor& tensor);

// The input tensors that a seed stands for; the last one is kept. Any thread.
class RawInputs {
 public:
  explicit RawInputs(const Graph& graph) : graph_(graph) {}
  [[nodiscard]] LiveTensors tensors(std::uint64_t seed);

 private:
  const Graph& graph_;
  std::mutex mutex_;
  std::uint64_t seed_ = 0;
  LiveTensors last_;
};

}  // namespace kerf
