#pragma once
// The ModelInfer method of a server, message by message as the transport has it. A call is counted before a
// byte of its request is read: what is beyond the limits costs no memory. Then the request has to arrive, is
// handed to `serve`, and its reply has to be taken; whoever is too slow at either is cut off. Private to this
// folder.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/quantity.hpp"
#include "runtime/executor/admission.hpp"

namespace kerf {

class InferService final : public grpc::CallbackGenericService {
 public:
  class Call;
  // Called when a request is there, on a thread of the transport, which it must not keep. It sees to it that
  // finish() is called, once, on whichever thread.
  using Serve = std::function<void(Call&)>;

  // At most `most` calls wait or are computed at a time, `most_of_one` of one client. Those whose reply is on
  // its way count apart, four times as many: a client that has read its reply may ask again at once, although
  // the transport has not told us yet that it has; one that does not read fills memory no further.
  InferService(std::string method, int most, int most_of_one, Seconds patience, Serve serve);
  InferService(const InferService&) = delete;
  InferService& operator=(const InferService&) = delete;
  ~InferService() override;  // when the server that it was given to has ended

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;
  [[nodiscard]] bool admit(const std::string& client);
  void answered(const Call& call);
  void forget(Call& call);
  void cut_off_the_slow();

  const std::string method_;
  Admission unanswered_;
  Admission all_;  // until their replies have left
  const Seconds patience_;
  const Serve serve_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::set<Call*> calls_;  // that were admitted
  std::thread watcher_;
};

class InferService::Call final : public grpc::ServerGenericBidiReactor {
 public:
  Call(InferService& service, grpc::GenericCallbackServerContext& context, std::string client);

  [[nodiscard]] const grpc::ByteBuffer& request() const { return request_; }
  [[nodiscard]] bool is_cancelled() const { return cancelled_; }
  // Since the request's last byte arrived.
  [[nodiscard]] Seconds held() const;

  // Nothing of the call may be touched afterwards.
  void finish(grpc::ByteBuffer reply);
  void finish(const grpc::Status& status);

 private:
  friend class InferService;
  using Clock = std::chrono::steady_clock;

  void read() { StartRead(&request_); }
  void OnReadDone(bool ok) override;
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override;

  InferService& service_;
  grpc::GenericCallbackServerContext& context_;
  const std::string client_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<Clock::time_point> due_;  // when the client has to be done with its present part
  Clock::time_point arrived_;
  grpc::ByteBuffer request_, reply_;
};

}  // namespace kerf
