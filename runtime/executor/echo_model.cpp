#include "runtime/executor/echo_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr std::size_t kNoiseBytes = 1 << 20;

std::shared_ptr<const std::string> make_noise() {
  auto noise = std::make_shared<std::string>(kNoiseBytes, '\0');
  for (std::size_t at = 0; at < kNoiseBytes; at += 16) {
    const auto words = philox4x32({static_cast<std::uint32_t>(at), 0, 0, 0}, {0x6b657266, 0});
    std::memcpy(noise->data() + at, words.data(), 16);
  }
  return noise;
}

std::size_t reply_bytes(const InferRequest& request, Bytes largest) {
  const auto found = request.parameters.find(std::string(kReplyBytes));
  if (found == request.parameters.end()) return request.inputs.front().bytes.size();
  const auto* const bytes = std::get_if<std::int64_t>(&found->second);
  if (bytes == nullptr || *bytes < 0 || static_cast<double>(*bytes) > largest.value()) {
    throw Error(ErrorCode::kBadInput, std::string(kReplyBytes),
                bytes == nullptr ? "is no int64" : fmt::format("is {}", *bytes),
                fmt::format("an int64 from 0 to {:.0f}", largest.value()));
  }
  return static_cast<std::size_t>(*bytes);
}

}  // namespace

Payload noise_payload(std::size_t bytes) {
  static const std::shared_ptr<const std::string> noise = make_noise();
  Payload payload;
  while (payload.size() < bytes) {
    const std::size_t piece = std::min(kNoiseBytes, bytes - payload.size());
    payload.append(std::as_bytes(std::span(*noise)).first(piece), noise);
  }
  return payload;
}

ServedModel echo_model(Bytes largest_reply) {
  const TensorSignature any{std::string(kEchoTensor), "UINT8", {-1}};
  ServedModel model;
  model.name = kEchoModel;
  model.version = "1";
  model.platform = "kerf";
  model.inputs = {any};
  model.outputs = {any};
  model.infer = [largest_reply](const InferRequest& request, const StopRequested&) {
    const Payload& came = request.inputs.front().bytes;
    const std::size_t bytes = reply_bytes(request, largest_reply);
    Payload payload = came.prefix(bytes);
    if (payload.size() < bytes) payload.append(noise_payload(bytes - payload.size()));
    InferReply reply;
    reply.outputs.push_back(
        {std::string(kEchoTensor), "UINT8", {static_cast<std::int64_t>(bytes)}, std::move(payload)});
    return reply;
  };
  return model;
}

InferRequest echo_request(Payload payload, Bytes reply) {
  InferRequest request;
  request.model = kEchoModel;
  request.parameters.emplace(kReplyBytes, static_cast<std::int64_t>(reply.value()));
  const auto size = static_cast<std::int64_t>(payload.size());
  request.inputs.push_back({std::string(kEchoTensor), "UINT8", {size}, std::move(payload)});
  return request;
}

}  // namespace kerf
