#include "calibrate/measure/echo_peer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "calibrate/measure/steady_clock.hpp"
#include "calibrate/measure/tcp_round_trip.hpp"
#include "runtime/executor/echo_model.hpp"

namespace kerf {
namespace {

constexpr Seconds kAnswer{10};   // to connect, and for small messages
constexpr Seconds kMessage{60};  // for any message

[[noreturn]] void refuse_peer(const std::string& address, const std::string& found) {
  throw Error(ErrorCode::kBadInput, address, found, "Kerf's echo peer",
              "start it there with `kerf serve --echo`");
}

std::string describe(const InferenceClient& client) {
  try {
    static_cast<void>(client.describe_model(std::string(kEchoModel), kAnswer));
    const ServerDescription server = client.describe_server(kAnswer);
    return fmt::format("{}, {} {}", client.address(), server.name, server.version);
  } catch (const InferenceError& error) {
    if (error.failure() != InferenceFailure::kNotServed) throw;
    refuse_peer(client.address(), fmt::format("a server, but no echo peer ({})", error.found()));
  }
}

}  // namespace

EchoPeer::EchoPeer(const std::string& address, Seconds pause, StopRequested stop)
    : client_(address, {.insecure = true}),
      pause_(pause),
      stop_(std::move(stop)),
      description_(describe(client_)) {}

Seconds EchoPeer::exchange(Bytes up, Bytes down) {
  const InferRequest request = echo_request(noise_payload(static_cast<std::size_t>(up.value())), down);
  rest(pause_);
  const auto start = std::chrono::steady_clock::now();
  const InferReply reply = client_.infer(request, kMessage, stop_);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (reply.outputs.size() != 1 ||
      reply.outputs.front().bytes.size() != static_cast<std::size_t>(down.value())) {
    refuse_peer(client_.address(), "a reply of another length than asked for");
  }
  const auto held = reply.parameters.find(std::string(kHeldParameter));
  const auto* const nanoseconds =
      held == reply.parameters.end() ? nullptr : std::get_if<std::int64_t>(&held->second);
  if (nanoseconds == nullptr || *nanoseconds < 0 || static_cast<double>(*nanoseconds) * 1e-9 > took.count()) {
    refuse_peer(client_.address(),
                fmt::format("a reply that does not say how long it was held ({})", kHeldParameter));
  }
  return Seconds(took.count() - static_cast<double>(*nanoseconds) * 1e-9);
}

Seconds EchoPeer::round_trip() {
  return tcp_round_trip(client_.address(), kAnswer);
}

}  // namespace kerf
