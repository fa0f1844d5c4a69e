#include "runtime/executor/inference_server.hpp"

#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "open_inference.grpc.pb.h"
#include "runtime/executor/address.hpp"
#include "runtime/executor/channel_settings.hpp"
#include "runtime/executor/credentials.hpp"
#include "runtime/executor/grpc_status.hpp"
#include "runtime/executor/infer_service.hpp"
#include "runtime/executor/wire_format.hpp"
#include "runtime/executor/worker_pool.hpp"

namespace kerf {
namespace {

using Callback = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;
using Inference = inference::GRPCInferenceService;

template <class ProtoTensors>
void describe(const std::vector<TensorSignature>& signatures, ProtoTensors& to) {
  for (const TensorSignature& each : signatures) {
    auto* const tensor = to.Add();
    tensor->set_name(each.name);
    tensor->set_datatype(each.datatype);
    for (const std::int64_t dimension : each.shape) tensor->add_shape(dimension);
  }
}

// Every method by callback; ModelInfer is left to InferService.
using Methods = Inference::WithCallbackMethod_ServerLive<
    Inference::WithCallbackMethod_ServerReady<Inference::WithCallbackMethod_ModelReady<
        Inference::WithCallbackMethod_ServerMetadata<Inference::WithCallbackMethod_ModelMetadata<
            Inference::WithGenericMethod_ModelInfer<Inference::Service>>>>>>;

}  // namespace

class InferenceServer::Service final : public Methods {
 public:
  Service(std::vector<ServedModel> models, const ServerOptions& options)
      : workers_(options.workers),
        infer_(std::string("/") + Inference::service_full_name() + "/ModelInfer",
               options.workers + options.queue, options.per_client, options.patience,
               [this](InferService::Call& call) { take(call); }) {
    for (ServedModel& model : models) {
      std::string name = model.name;
      models_.emplace(std::move(name), std::move(model));
    }
    listen(parse_address(options.listen, "--listen"), options);
  }

  [[nodiscard]] const std::string& address() const { return address_; }

  void stop(Seconds grace) {
    stopping_ = true;
    const auto left = static_cast<std::int64_t>(grace.value() * 1e9);
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(left, GPR_TIMESPAN)));
  }

 private:
  void listen(Address address, const ServerOptions& options) {
    silence_grpc();
    grpc::ServerBuilder builder;
    for_each_channel_setting(options.largest_message,
                             [&](const char* name, int value) { builder.AddChannelArgument(name, value); });
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT,
                               0);  // a second server must not take half of the calls
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.workers + options.queue);
    // Clients that have gone without a word are found out.
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 60000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.SetMaxReceiveMessageSize(message_limit(options.largest_message));
    builder.SetMaxSendMessageSize(-1);
    int port = 0;
    builder.AddListeningPort(address.text(), server_credentials(address, options.tls, options.insecure),
                             &port);
    // Beyond this gRPC reads no further and drops the connections that hold most: several full queues of
    // large messages.
    constexpr double kLeastMemory = 256e6;
    constexpr double kMessages = 8;
    grpc::ResourceQuota memory("kerf");
    memory.Resize(
        static_cast<std::size_t>(std::max(kLeastMemory, kMessages * options.largest_message.value())));
    builder.SetResourceQuota(memory);
    builder.RegisterService(this);
    builder.RegisterCallbackGenericService(&infer_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      throw Error(ErrorCode::kUsage, "--listen", fmt::format("cannot listen on {}", options.listen),
                  options.tls
                      ? "an address of this machine, a free port, and a certificate with its key, as PEM"
                      : "an address of this machine and a free port",
                  "port 0 picks a free one");
    }
    address.port = port;
    address_ = address.text();
  }

  // The model as asked for, or the status that says what is wrong with the name.
  const ServedModel* find(const std::string& name, const std::string& version, grpc::Status& status) const {
    const auto found = models_.find(name);
    if (found != models_.end() && (version.empty() || version == found->second.version))
      return &found->second;
    if (found != models_.end()) {
      status = {grpc::StatusCode::NOT_FOUND, fmt::format("version {} of model {} is not served, {} is",
                                                         version, name, found->second.version)};
      return nullptr;
    }
    std::string served;
    for (const auto& [known, model] : models_) served += (served.empty() ? "" : ", ") + known;
    status = {grpc::StatusCode::NOT_FOUND, fmt::format("no model \"{}\" is served here; there is {}", name,
                                                       served.empty() ? "none" : served)};
    return nullptr;
  }

  static Reactor* finish(Callback* context, const grpc::Status& status = {}) {
    Reactor* const reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }

  Reactor* ServerLive(Callback* context, const inference::ServerLiveRequest*,
                      inference::ServerLiveResponse* reply) override {
    reply->set_live(true);
    return finish(context);
  }
  Reactor* ServerReady(Callback* context, const inference::ServerReadyRequest*,
                       inference::ServerReadyResponse* reply) override {
    reply->set_ready(!stopping_);
    return finish(context);
  }
  Reactor* ModelReady(Callback* context, const inference::ModelReadyRequest* request,
                      inference::ModelReadyResponse* reply) override {
    grpc::Status unused;
    reply->set_ready(!stopping_ && find(request->name(), request->version(), unused) != nullptr);
    return finish(context);
  }
  Reactor* ServerMetadata(Callback* context, const inference::ServerMetadataRequest*,
                          inference::ServerMetadataResponse* reply) override {
    reply->set_name("kerf");
    reply->set_version(KERF_VERSION);
    reply->add_extensions(std::string(kHeldParameter));
    return finish(context);
  }
  Reactor* ModelMetadata(Callback* context, const inference::ModelMetadataRequest* request,
                         inference::ModelMetadataResponse* reply) override {
    grpc::Status status;
    if (const ServedModel* const model = find(request->name(), request->version(), status)) {
      reply->set_name(model->name);
      reply->add_versions(model->version);
      reply->set_platform(model->platform);
      describe(model->inputs, *reply->mutable_inputs());
      describe(model->outputs, *reply->mutable_outputs());
    }
    return finish(context, status);
  }

  void take(InferService::Call& call) {
    workers_.add([this, &call] { serve(call); });
  }

  // On a worker's thread.
  void serve(InferService::Call& call) const {
    grpc::ByteBuffer reply;
    grpc::Status status;
    try {
      status =
          call.is_cancelled() ? grpc::Status::CANCELLED : answer(call, decode_request(call.request()), reply);
    } catch (...) {
      status = status_of_current_exception();
    }
    if (status.ok()) {
      call.finish(std::move(reply));
    } else {
      call.finish(status);
    }
  }

  grpc::Status answer(const InferService::Call& call, const InferRequest& request,
                      grpc::ByteBuffer& to) const {
    grpc::Status status;
    const ServedModel* const model = find(request.model, request.version, status);
    if (model == nullptr) return status;
    const std::string fault = mismatch(request.inputs, model->inputs, "input");
    if (!fault.empty())
      return {grpc::StatusCode::INVALID_ARGUMENT, fmt::format("model {}: {}", model->name, fault)};
    InferReply reply = model->infer(request, [&] { return call.is_cancelled() || stopping_; });
    reply.model = model->name;
    reply.version = model->version;
    reply.id = request.id;
    reply.parameters.insert_or_assign(std::string(kHeldParameter),
                                      Parameter(static_cast<std::int64_t>(call.held().value() * 1e9)));
    to = encode(reply);
    return status;
  }

  std::map<std::string, ServedModel> models_;
  std::string address_;
  std::atomic<bool> stopping_ = false;
  WorkerPool workers_;  // outlives the server, whose calls it finishes
  InferService infer_;
  std::unique_ptr<grpc::Server> server_;
};

InferenceServer::InferenceServer(std::vector<ServedModel> models, const ServerOptions& options)
    : service_(std::make_unique<Service>(std::move(models), options)) {}

InferenceServer::~InferenceServer() {
  stop(Seconds(0));
}

const std::string& InferenceServer::address() const {
  return service_->address();
}

void InferenceServer::stop(Seconds grace) {
  service_->stop(grace);
}

}  // namespace kerf
