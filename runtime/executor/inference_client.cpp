#include "runtime/executor/inference_client.hpp"

#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "open_inference.grpc.pb.h"
#include "runtime/executor/address.hpp"
#include "runtime/executor/channel_settings.hpp"
#include "runtime/executor/credentials.hpp"
#include "runtime/executor/grpc_status.hpp"
#include "runtime/executor/wire_format.hpp"

namespace kerf {
namespace {

using inference::GRPCInferenceService;

// By the clock that nobody sets.
gpr_timespec after(Seconds time) {
  constexpr double kLongest = 1e6;
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

}  // namespace

struct InferenceClient::Connection {
  Connection(std::string named, const ClientOptions& options)
      : address(std::move(named)),
        channel(make_channel(parse_address(address, "address"), options)),
        stub(GRPCInferenceService::NewStub(channel)),
        infer(channel) {}

  template <class Request, class Reply>
  Reply ask(grpc::Status (GRPCInferenceService::StubInterface::*method)(grpc::ClientContext*, const Request&,
                                                                        Reply*),
            const Request& request, Seconds within) {
    grpc::ClientContext context;
    context.set_deadline(after(within));
    Reply reply;
    const grpc::Status status = ((*stub).*method)(&context, request, &reply);
    if (!status.ok()) fail(status, within);
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
  std::unique_ptr<GRPCInferenceService::StubInterface> stub;
  grpc::GenericStub infer;
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
  return connection_
      ->ask(&GRPCInferenceService::StubInterface::ServerLive, inference::ServerLiveRequest{}, within)
      .live();
}

bool InferenceClient::is_ready(Seconds within) const {
  return connection_
      ->ask(&GRPCInferenceService::StubInterface::ServerReady, inference::ServerReadyRequest{}, within)
      .ready();
}

bool InferenceClient::is_ready(const std::string& model, Seconds within) const {
  inference::ModelReadyRequest request;
  request.set_name(model);
  return connection_->ask(&GRPCInferenceService::StubInterface::ModelReady, request, within).ready();
}

ServerDescription InferenceClient::describe_server(Seconds within) const {
  const auto reply = connection_->ask(&GRPCInferenceService::StubInterface::ServerMetadata,
                                      inference::ServerMetadataRequest{}, within);
  return {reply.name(), reply.version(), {reply.extensions().begin(), reply.extensions().end()}};
}

ModelDescription InferenceClient::describe_model(const std::string& model, Seconds within) const {
  inference::ModelMetadataRequest request;
  request.set_name(model);
  const auto reply = connection_->ask(&GRPCInferenceService::StubInterface::ModelMetadata, request, within);
  return {reply.name(),
          {reply.versions().begin(), reply.versions().end()},
          reply.platform(),
          signatures_of(reply.inputs()),
          signatures_of(reply.outputs())};
}

InferReply InferenceClient::infer(const InferRequest& request, Seconds within,
                                  const StopRequested& stop) const {
  static const std::string kMethod =
      std::string("/") + GRPCInferenceService::service_full_name() + "/ModelInfer";
  grpc::ClientContext context;
  context.set_deadline(after(within));
  grpc::ByteBuffer answer;
  grpc::Status status;
  // The calling thread itself does the waiting and the reading: no other has to be woken.
  grpc::CompletionQueue queue;
  const auto call = connection_->infer.PrepareUnaryCall(&context, kMethod, encode(request), &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  if (!stop) {
    queue.Next(&tag, &ok);
  } else {
    while (queue.AsyncNext(&tag, &ok, after(Seconds(0.05))) == grpc::CompletionQueue::TIMEOUT) {
      if (stop()) context.TryCancel();
    }
  }
  if (!status.ok()) connection_->fail(status, within);
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
