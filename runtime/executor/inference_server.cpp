#include "runtime/executor/inference_server.hpp"

#include <fmt/format.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <chrono>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "open_inference.grpc.pb.h"
#include "runtime/executor/address.hpp"
#include "runtime/executor/channel_settings.hpp"
#include "runtime/executor/grpc_status.hpp"
#include "runtime/executor/wire_format.hpp"
#include "runtime/executor/worker_pool.hpp"

namespace kerf {
namespace {

using Clock = std::chrono::steady_clock;
using Callback = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;
using Inference = inference::GRPCInferenceService;

Address checked(const ServerOptions& options) {
  Address address = parse_address(options.listen, "--listen");
  if (!address.is_loopback() && !options.insecure) {
    throw Error(ErrorCode::kUsage, "--listen", fmt::format("{} is open to other machines", options.listen),
                "a loopback address such as 127.0.0.1:8470",
                "there is no TLS yet: --insecure listens all the same, unencrypted and for everybody");
  }
  return address;
}

template <class ProtoTensors>
void describe(const std::vector<TensorSignature>& signatures, ProtoTensors& to) {
  for (const TensorSignature& each : signatures) {
    auto* const tensor = to.Add();
    tensor->set_name(each.name);
    tensor->set_datatype(each.datatype);
    for (const std::int64_t dimension : each.shape) tensor->add_shape(dimension);
  }
}

// One ModelInfer call. gRPC deletes it, through OnDone, when the call has ended for good.
class Call final : public Reactor {
 public:
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }
  [[nodiscard]] bool is_cancelled() const { return cancelled_; }
  [[nodiscard]] std::int64_t held_nanoseconds() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - arrived_).count();
  }

 private:
  const Clock::time_point arrived_ = Clock::now();
  std::atomic<bool> cancelled_ = false;
};

// Every method by callback; ModelInfer with its message as it came.
using Methods = Inference::WithCallbackMethod_ServerLive<
    Inference::WithCallbackMethod_ServerReady<Inference::WithCallbackMethod_ModelReady<
        Inference::WithCallbackMethod_ServerMetadata<Inference::WithCallbackMethod_ModelMetadata<
            Inference::WithRawCallbackMethod_ModelInfer<Inference::Service>>>>>>;

}  // namespace

class InferenceServer::Service final : public Methods {
 public:
  Service(std::vector<ServedModel> models, const ServerOptions& options)
      : workers_(options.workers, options.queue) {
    for (ServedModel& model : models) {
      std::string name = model.name;
      models_.emplace(std::move(name), std::move(model));
    }
    listen(checked(options), options);
  }

  [[nodiscard]] const std::string& address() const { return address_; }

  void stop(Seconds grace) {
    stopping_ = true;
    const std::chrono::duration<double> left(grace.value());
    server_->Shutdown(std::chrono::system_clock::now() +
                      std::chrono::duration_cast<std::chrono::system_clock::duration>(left));
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
    builder.SetMaxReceiveMessageSize(message_limit(options.largest_message));
    builder.SetMaxSendMessageSize(-1);
    int port = 0;
    builder.AddListeningPort(address.text(), grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      throw Error(ErrorCode::kUsage, "--listen", fmt::format("cannot listen on {}", options.listen),
                  "an address of this machine and a free port", "port 0 picks a free one");
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

  Reactor* ModelInfer(Callback*, const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) override {
    Call* const call = new Call;
    if (!workers_.add([this, call, request, reply] { serve(*call, *request, *reply); })) {
      call->Finish(
          {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many requests wait here already; try again later"});
    }
    return call;
  }

  // On a worker's thread. Nothing of the call may be touched once it is finished.
  void serve(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& reply) const {
    grpc::Status status;
    try {
      if (call.is_cancelled()) {
        status = grpc::Status::CANCELLED;
      } else {
        status = answer(call, decode_request(request), reply);
      }
    } catch (...) {
      status = status_of_current_exception();
    }
    call.Finish(status);
  }

  grpc::Status answer(const Call& call, const InferRequest& request, grpc::ByteBuffer& to) const {
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
    reply.parameters.insert_or_assign(std::string(kHeldParameter), Parameter(call.held_nanoseconds()));
    to = encode(reply);
    return status;
  }

  std::map<std::string, ServedModel> models_;
  std::string address_;
  std::atomic<bool> stopping_ = false;
  WorkerPool workers_;  // outlives the server, whose calls it finishes
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
