#include "runtime/split/raw_input.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "base/error.hpp"
#include "runtime/executor/echo_model.hpp"

namespace kerf {

std::string raw_name(std::string_view served_name) {
  return fmt::format("{}.raw", served_name);
}

TensorSignature raw_signature() {
  return {std::string(kRawInput), "UINT8", {-1}};
}

NamedTensor raw_input(std::uint64_t seed, Bytes bytes) {
  std::string head(sizeof seed, '\0');
  std::memcpy(head.data(), &seed, sizeof seed);
  Payload payload(std::move(head));
  payload.append(noise_payload(static_cast<std::size_t>(bytes.value()) - payload.size()));
  return {std::string(kRawInput), "UINT8", {static_cast<std::int64_t>(payload.size())}, std::move(payload)};
}

std::uint64_t raw_seed(const NamedTensor& tensor) {
  std::array<std::byte, sizeof(std::uint64_t)> head{};
  if (tensor.bytes.size() < head.size()) {
    throw Error(ErrorCode::kBadInput, tensor.name, fmt::format("{} bytes", tensor.bytes.size()),
                "at least 8, which hold a seed");
  }
  tensor.bytes.prefix(head.size()).copy_to(head.data());
  std::uint64_t seed = 0;
  std::memcpy(&seed, head.data(), sizeof seed);
  return seed;
}

LiveTensors RawInputs::tensors(std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  if (last_.empty() || seed != seed_) {
    last_ = owned(random_inputs(graph_, seed));
    seed_ = seed;
  }
  return last_;
}

}  // namespace kerf
