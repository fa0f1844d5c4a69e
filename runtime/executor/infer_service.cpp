#include "runtime/executor/infer_service.hpp"

#include <grpcpp/security/auth_context.h>

#include <algorithm>
#include <utility>

namespace kerf {
namespace {

constexpr int kReplies = 4;
constexpr auto kNever = std::chrono::steady_clock::time_point::max();

// Who calls: the name in its certificate, or its connection where it shows none.
std::string client_of(const grpc::GenericCallbackServerContext& context) {
  std::string name;
  for (const grpc::string_ref& part : context.auth_context()->GetPeerIdentity())
    name.append(part.data(), part.size());
  return name.empty() ? context.peer() : name;
}

std::chrono::steady_clock::duration to_duration(Seconds time) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(time.value()));
}

// Answers without reading.
class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

InferService::InferService(std::string method, int most, int most_of_one, Seconds patience, Serve serve)
    : method_(std::move(method)),
      unanswered_(most, most_of_one),
      all_(kReplies * most, kReplies * most_of_one),
      patience_(patience),
      serve_(std::move(serve)),
      watcher_([this] { cut_off_the_slow(); }) {}

InferService::~InferService() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

grpc::ServerGenericBidiReactor* InferService::CreateReactor(grpc::GenericCallbackServerContext* context) {
  if (context->method() != method_) {
    return new Refusal({grpc::StatusCode::UNIMPLEMENTED, "no method " + context->method() + " here"});
  }
  std::string client = client_of(*context);
  if (!admit(client)) {
    return new Refusal(
        {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many requests wait here already; try again later"});
  }
  auto* const call = new Call(*this, *context, std::move(client));
  {
    const std::lock_guard lock(mutex_);
    calls_.insert(call);
  }
  call->read();
  return call;
}

bool InferService::admit(const std::string& client) {
  if (!all_.enter(client)) return false;
  const bool admitted = unanswered_.enter(client);
  if (!admitted) all_.leave(client);
  return admitted;
}

void InferService::answered(const Call& call) {
  unanswered_.leave(call.client_);
}

void InferService::forget(Call& call) {
  all_.leave(call.client_);
  const std::lock_guard lock(mutex_);
  calls_.erase(&call);
}

// A call that is cancelled ends on its own: what it reads or writes fails.
void InferService::cut_off_the_slow() {
  const auto tick =
      std::clamp(to_duration(patience_) / 8, to_duration(Seconds(0.005)), to_duration(Seconds(1)));
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, tick, [this] { return ending_; })) {
    const auto now = std::chrono::steady_clock::now();
    for (Call* const call : calls_) {
      if (call->due_.load() > now) continue;
      call->due_ = kNever;
      call->context_.TryCancel();
    }
  }
}

InferService::Call::Call(InferService& service, grpc::GenericCallbackServerContext& context,
                         std::string client)
    : service_(service),
      context_(context),
      client_(std::move(client)),
      due_(Clock::now() + to_duration(service.patience_)) {}

void InferService::Call::OnReadDone(bool ok) {
  due_ = kNever;
  arrived_ = Clock::now();
  if (ok) {
    service_.serve_(*this);
  } else {
    finish({grpc::StatusCode::CANCELLED, "the request did not arrive"});
  }
}

Seconds InferService::Call::held() const {
  return Seconds(std::chrono::duration<double>(Clock::now() - arrived_).count());
}

void InferService::Call::finish(grpc::ByteBuffer reply) {
  request_.Clear();
  reply_ = std::move(reply);
  due_ = Clock::now() + to_duration(service_.patience_);
  service_.answered(*this);
  StartWriteAndFinish(&reply_, grpc::WriteOptions(), grpc::Status::OK);
}

void InferService::Call::finish(const grpc::Status& status) {
  request_.Clear();
  due_ = Clock::now() + to_duration(service_.patience_);
  service_.answered(*this);
  Finish(status);
}

void InferService::Call::OnDone() {
  service_.forget(*this);
  delete this;
}

}  // namespace kerf
