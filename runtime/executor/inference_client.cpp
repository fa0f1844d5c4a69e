#include "runtime/executor/inference_client.hpp"

#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "open_inference.grpc.pb.h"
#include "runtime/executor/address.hpp"
#include "runtime/executor/channel_settings.hpp"
#include "runtime/executor/credentials.hpp"
#include "runtime/executor/grpc_status.hpp"
#include "runtime/executor/wire_format.hpp"

namespace kerf {
namespace {

std::string path_of(const std::string& method) {
  return std::string("/") + inference::GRPCInferenceService::service_full_name() + "/" + method;
}

constexpr double kLongest = 1e6;  // seconds that a call may take

// By the clock that nobody sets.
gpr_timespec after(Seconds time) {
  const auto nanoseconds = static_cast<std::int64_t>(std::min(time.value(), kLongest) * 1e9);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(nanoseconds, GPR_TIMESPAN));
}

std::shared_ptr<grpc::Channel> make_channel(const Address& address, const ClientOptions& options) {
  silence_grpc();
  grpc::ChannelArguments arguments;
  for_each_channel_setting(options.largest_message,
                           [&](const char* name, int value) { arguments.SetInt(name, value); });
  arguments.SetMaxReceiveMessageSize(message_limit(options.largest_message));
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);             // no hidden input from the environment
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);     // a connection of our own
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);                // the caller decides what to do next
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10000);  // in truth the time that an attempt is given
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Bytes that nobody acknowledges for so long break the connection, and end what calls that were given up
  // still hold. gRPC takes it from keepalive's settings, with pings once in 24 days: other servers need not
  // bear ours.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, std::numeric_limits<int>::max() - 1);
  return grpc::CreateCustomChannel(address.text(),
                                   channel_credentials(address, options.tls, options.insecure), arguments);
}

template <class ProtoTensors>
std::vector<TensorSignature> signatures_of(const ProtoTensors& tensors) {
  std::vector<TensorSignature> signatures;
  for (const auto& each : tensors) {
    signatures.push_back({each.name(), each.datatype(), {each.shape().begin(), each.shape().end()}});
  }
  return signatures;
}

// One call under way. gRPC reports its end only when it has written what it began to write, and on a link
// that was cut that is long after the deadline: then the caller gives the call up, and it goes when gRPC is
// done.
class Call {
 public:
  using Steady = std::chrono::steady_clock;

  Call(grpc::ByteBuffer request, Seconds within) : request_(std::move(request)) {
    context_.set_deadline(after(within));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void start(grpc::GenericStub& stub, const std::string& path) {
    stub.UnaryCall(&context_, path, {}, &request_, &answer_,
                   [this](grpc::Status status) { end(std::move(status)); });
  }
  // Whether it has ended by then.
  [[nodiscard]] bool wait_until(Steady::time_point time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, time, [this] { return ended_; });
  }
  void cancel() { context_.TryCancel(); }
  // Once it has ended:
  [[nodiscard]] const grpc::Status& status() const { return status_; }
  [[nodiscard]] const grpc::ByteBuffer& answer() const { return answer_; }

  // For std::unique_ptr: whoever comes last, the caller or gRPC, deletes it.
  struct GiveUp {
    void operator()(Call* call) const {
      std::unique_lock lock(call->mutex_);
      call->given_up_ = true;
      if (!call->ended_) return;
      lock.unlock();
      delete call;
    }
  };

 private:
  // On a thread of gRPC. With the call goes what may be the last that holds these threads: they cannot end
  // themselves.
  void end(grpc::Status status) {
    const std::lock_guard lock(mutex_);
    if (given_up_) {
      std::thread([this] {
        { const std::lock_guard last(mutex_); }
        delete this;
      }).detach();
      return;
    }
    status_ = std::move(status);
    ended_ = true;
    changed_.notify_one();
  }

  grpc::ClientContext context_;
  grpc::ByteBuffer request_, answer_;
  grpc::Status status_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  bool given_up_ = false;
};

}  // namespace

struct InferenceClient::Connection {
  Connection(std::string named, const ClientOptions& options)
      : address(std::move(named)),
        channel(make_channel(parse_address(address, "address"), options)),
        stub(channel) {}

  // The answer's bytes. Whatever happens on the way, it returns or throws at the deadline, or when it is told
  // to stop.
  grpc::ByteBuffer exchange(const std::string& method, grpc::ByteBuffer request, Seconds within,
                            const StopRequested& stop = {}) {
    using Steady = Call::Steady;
    // Time for gRPC to say itself what became of a call that ends early: it knows more.
    constexpr auto kLastWord = std::chrono::milliseconds(100);
    constexpr auto kLook = std::chrono::milliseconds(50);
    const std::unique_ptr<Call, Call::GiveUp> call(new Call(std::move(request), within));
    const auto end = Steady::now() + std::chrono::duration_cast<Steady::duration>(
                                         std::chrono::duration<double>(std::min(within.value(), kLongest)));
    call->start(stub, path_of(method));
    while (!call->wait_until(stop ? std::min(end, Steady::now() + kLook) : end)) {
      const bool told = stop && stop();
      if (!told && Steady::now() < end) continue;
      call->cancel();
      if (call->wait_until(Steady::now() + kLastWord)) break;
      fail({told ? grpc::StatusCode::CANCELLED : grpc::StatusCode::DEADLINE_EXCEEDED, "stopped"}, within);
    }
    // Cancelled because its time was up, where gRPC's own clock had not seen it yet.
    const bool late = call->status().error_code() == grpc::StatusCode::CANCELLED && Steady::now() >= end;
    if (late) fail({grpc::StatusCode::DEADLINE_EXCEEDED, ""}, within);
    if (!call->status().ok()) fail(call->status(), within);
    return call->answer();
  }

  template <class Reply, class Request>
  Reply ask(const std::string& method, const Request& request, Seconds within) {
    const grpc::Slice bytes(request.SerializeAsString());
    const grpc::ByteBuffer answer = exchange(method, grpc::ByteBuffer(&bytes, 1), within);
    std::vector<grpc::Slice> slices;
    std::string text;
    if (answer.Valid() && answer.Dump(&slices).ok()) {
      for (const grpc::Slice& slice : slices)
        text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    Reply reply;
    if (!reply.ParseFromString(text)) {
      throw InferenceError(InferenceFailure::kMalformed, address,
                           "the reply is no " + std::string(reply.GetTypeName()));
    }
    return reply;
  }

  [[noreturn]] void fail(const grpc::Status& status, Seconds within) const {
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      throw_status({status.error_code(), fmt::format("no answer within {:.3g} s", within.value())}, address);
    }
    throw_status(status, address);
  }

  std::string address;
  std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub;
};

std::string transport_version() {
  return "gRPC " + grpc::Version();
}

InferenceClient::InferenceClient(std::string address, const ClientOptions& options)
    : connection_(std::make_unique<Connection>(std::move(address), options)) {}

InferenceClient::~InferenceClient() = default;

const std::string& InferenceClient::address() const {
  return connection_->address;
}

bool InferenceClient::is_live(Seconds within) const {
  return connection_->ask<inference::ServerLiveResponse>("ServerLive", inference::ServerLiveRequest{}, within)
      .live();
}

bool InferenceClient::is_ready(Seconds within) const {
  return connection_
      ->ask<inference::ServerReadyResponse>("ServerReady", inference::ServerReadyRequest{}, within)
      .ready();
}

bool InferenceClient::is_ready(const std::string& model, Seconds within) const {
  inference::ModelReadyRequest request;
  request.set_name(model);
  return connection_->ask<inference::ModelReadyResponse>("ModelReady", request, within).ready();
}

ServerDescription InferenceClient::describe_server(Seconds within) const {
  const auto reply = connection_->ask<inference::ServerMetadataResponse>(
      "ServerMetadata", inference::ServerMetadataRequest{}, within);
  return {reply.name(), reply.version()};
}

ModelDescription InferenceClient::describe_model(const std::string& model, Seconds within) const {
  inference::ModelMetadataRequest request;
  request.set_name(model);
  const auto reply = connection_->ask<inference::ModelMetadataResponse>("ModelMetadata", request, within);
  return {reply.name(),
          {reply.versions().begin(), reply.versions().end()},
          signatures_of(reply.inputs()),
          signatures_of(reply.outputs())};
}

InferReply InferenceClient::infer(const InferRequest& request, Seconds within,
                                  const StopRequested& stop) const {
  const grpc::ByteBuffer answer = connection_->exchange("ModelInfer", encode(request), within, stop);
  try {
    return decode_reply(answer);
  } catch (const InferenceError&) {
    throw;
  } catch (const Error& error) {
    throw InferenceError(InferenceFailure::kMalformed, connection_->address, "the reply: " + error.found(),
                         error.expected());
  }
}

}  // namespace kerf
