// The executor's client and server beside bare gRPC, on loopback: a message goes there and as many bytes come
// back. All take turns, so that a slow moment falls on all. Aim: at most bare + 0.3 ms + 2 %.
//
//   stub_ms       bare, the usual way: a unary call of generated stubs, whose message is one field of `bytes`
//   buffer_ms     bare, the least that gRPC can do: the message is a buffer as the transport has it, passed
//                 along and never brought into one place
//   ours_ms       a request to our echo, the tensor left in the pieces in which it came
//   gathered_ms   the same with the tensor brought into one aligned place at both ends, as a model needs it
//   *_over_*_ms   what it takes beyond what is allowed over that baseline: at most 0
//
// Medians.

#include <benchmark/benchmark.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "bytes_echo.grpc.pb.h"
#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/inference_client.hpp"
#include "runtime/executor/inference_server.hpp"

namespace {

using namespace kerf;

constexpr Seconds kLong{60};

// Serves on a port of its own, and has a channel to itself.
template <class Register>
std::pair<std::unique_ptr<grpc::Server>, std::shared_ptr<grpc::Channel>> serve(Register register_service) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  register_service(builder);
  builder.SetMaxReceiveMessageSize(-1);
  auto server = builder.BuildAndStart();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return {std::move(server), grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                                       grpc::InsecureChannelCredentials(), arguments)};
}

// Gives every message back as it came.
class BufferService final : public grpc::CallbackGenericService {
  class Call final : public grpc::ServerGenericBidiReactor {
   public:
    Call() { StartRead(&message_); }
    void OnReadDone(bool ok) override {
      if (ok) StartWriteAndFinish(&message_, {}, grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer message_;
  };
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Call;
  }
};

class BufferEcho {
 public:
  explicit BufferEcho(grpc::Slice bytes) : bytes_(std::move(bytes)) {
    std::tie(server_, channel_) =
        serve([&](grpc::ServerBuilder& builder) { builder.RegisterCallbackGenericService(&service_); });
  }
  [[nodiscard]] bool operator()() {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(&context, "/bare/Echo", grpc::ByteBuffer(&bytes_, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status.ok() && reply.Length() == bytes_.size();
  }

 private:
  const grpc::Slice bytes_;
  BufferService service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

class StubService final : public kerf_bench::BytesEcho::Service {
  grpc::Status Echo(grpc::ServerContext*, const kerf_bench::Bytes* request,
                    kerf_bench::Bytes* reply) override {
    // No copy that protobuf does not make: gRPC throws the request away after this.
    reply->Swap(const_cast<kerf_bench::Bytes*>(request));
    return grpc::Status::OK;
  }
};

// Both messages of the client stay and keep their memory from call to call.
class StubEcho {
 public:
  explicit StubEcho(const grpc::Slice& bytes) {
    request_.set_data(bytes.begin(), bytes.size());
    std::tie(server_, channel_) =
        serve([&](grpc::ServerBuilder& builder) { builder.RegisterService(&service_); });
    stub_ = kerf_bench::BytesEcho::NewStub(channel_);
  }
  [[nodiscard]] bool operator()() {
    grpc::ClientContext context;
    return stub_->Echo(&context, request_, &reply_).ok() && reply_.data().size() == request_.data().size();
  }

 private:
  StubService service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<kerf_bench::BytesEcho::Stub> stub_;
  kerf_bench::Bytes request_, reply_;
};

// The echo, with what came brought into one place first.
ServedModel gathering_echo() {
  ServedModel model = echo_model(Bytes(256e6));
  model.name = "gathering";
  model.infer = [echo = model.infer](const InferRequest& request, const StopRequested& stop) {
    InferRequest gathered = request;
    benchmark::DoNotOptimize(gathered.inputs.front().bytes.contiguous().data());
    return echo(gathered, stop);
  };
  return model;
}

class OurEcho {
 public:
  OurEcho(const Payload& payload, bool gather) : gather_(gather) {
    request_ = echo_request(payload, Bytes(static_cast<double>(payload.size())));
    if (gather) request_.model = "gathering";
  }
  [[nodiscard]] bool operator()() {
    InferReply reply = client_.infer(request_, kLong);
    Payload& bytes = reply.outputs.front().bytes;
    if (gather_) benchmark::DoNotOptimize(bytes.contiguous().data());
    return bytes.size() == request_.inputs.front().bytes.size();
  }

 private:
  static ServerOptions any_port() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    return options;
  }
  const bool gather_;
  const InferenceServer server_{{echo_model(Bytes(256e6)), gathering_echo()}, any_port()};
  const InferenceClient client_{server_.address()};
  InferRequest request_;
};

// Milliseconds of each call but those of the warm-up.
template <class Echo>
class Timed {
 public:
  explicit Timed(Echo& echo) : echo_(echo) {}
  double operator()(bool counts) {
    const auto start = std::chrono::steady_clock::now();
    if (!echo_()) std::abort();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (counts) times_.push_back(took.count());
    return took.count();
  }
  [[nodiscard]] double median() {
    const auto middle = times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 2);
    std::nth_element(times_.begin(), middle, times_.end());
    return *middle;
  }

 private:
  Echo& echo_;
  std::vector<double> times_;
};

void echo(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  // One piece of memory, the same for all.
  Payload payload = noise_payload(bytes);
  const grpc::Slice slice(
      const_cast<std::byte*>(payload.contiguous().data()), bytes, [](void*) {}, nullptr);
  StubEcho stub_echo(slice);
  BufferEcho buffer_echo(slice);
  OurEcho our_echo(payload, false);
  OurEcho gathering_echo(payload, true);
  Timed stub(stub_echo);
  Timed buffer(buffer_echo);
  Timed ours(our_echo);
  Timed gathered(gathering_echo);
  int warm_up = 20;
  for (auto unused : state) {
    (void)unused;
    const bool counts = warm_up-- <= 0;
    stub(counts);
    buffer(counts);
    ours(counts);
    state.SetIterationTime(gathered(counts) / 1e3);
  }
  const auto over = [](double time, double bare) { return time - (bare * 1.02 + 0.3); };
  state.counters["stub_ms"] = stub.median();
  state.counters["buffer_ms"] = buffer.median();
  state.counters["ours_ms"] = ours.median();
  state.counters["gathered_ms"] = gathered.median();
  state.counters["gathered_over_stub_ms"] = over(gathered.median(), stub.median());
  state.counters["ours_over_buffer_ms"] = over(ours.median(), buffer.median());
  state.counters["gathered_over_buffer_ms"] = over(gathered.median(), buffer.median());
}

BENCHMARK(echo)
    ->ArgName("bytes")
    ->Arg(1'000)
    ->Arg(150'000)
    ->Arg(1'200'000)
    ->Arg(3'200'000)
    ->Arg(12'800'000)
    ->UseManualTime()
    ->Iterations(220)
    ->Unit(benchmark::kMillisecond);

}  // namespace
