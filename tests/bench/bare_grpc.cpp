#include "tests/bench/bare_grpc.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_builder.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

#include "bytes_echo.grpc.pb.h"
#include "runtime/executor/echo_model.hpp"
#include "runtime/executor/message_memory.hpp"

namespace kerf_bench {
namespace {

constexpr std::string_view kPeer = "--bare-grpc";

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

class StubService final : public BytesEcho::Service {
  grpc::Status Echo(grpc::ServerContext*, const Bytes* request, Bytes* reply) override {
    // No copy that protobuf does not make: gRPC throws the request away after this.
    reply->Swap(const_cast<Bytes*>(request));
    return grpc::Status::OK;
  }
};

// Both messages of the client stay, and keep their memory from call to call.
class StubEcho {
 public:
  explicit StubEcho(const grpc::Slice& bytes) {
    request_.set_data(bytes.begin(), bytes.size());
    std::tie(server_, channel_) =
        serve([&](grpc::ServerBuilder& builder) { builder.RegisterService(&service_); });
    stub_ = BytesEcho::NewStub(channel_);
  }
  [[nodiscard]] bool operator()() {
    grpc::ClientContext context;
    return stub_->Echo(&context, request_, &reply_).ok() && reply_.data().size() == request_.data().size();
  }

 private:
  StubService service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<BytesEcho::Stub> stub_;
  Bytes request_, reply_;
};

// A call for each byte on stdin, its milliseconds on stdout.
template <class Echo>
int take_turns(Echo echo) {
  char turn = 0;
  while (::read(STDIN_FILENO, &turn, 1) == 1) {
    const auto start = std::chrono::steady_clock::now();
    if (!echo()) return 1;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    const double milliseconds = took.count();
    if (::write(STDOUT_FILENO, &milliseconds, sizeof milliseconds) != sizeof milliseconds) return 1;
  }
  return 0;
}

}  // namespace

std::optional<int> BareGrpc::main_of_peer(int argc, char** argv) {
  if (argc != 4 || argv[1] != kPeer) return std::nullopt;
  std::string kind = argv[2];
  if (kind.back() == '+') {
    kerf::keep_message_memory();
    kind.pop_back();
  }
  // One piece of memory.
  kerf::Payload payload = kerf::noise_payload(std::stoul(argv[3]));
  const grpc::Slice bytes(
      const_cast<std::byte*>(payload.contiguous().data()), payload.size(), [](void*) {}, nullptr);
  return kind == "stub" ? take_turns(StubEcho(bytes)) : take_turns(BufferEcho(bytes));
}

BareGrpc::BareGrpc(const std::string& kind, std::size_t bytes) {
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0) std::abort();
  std::array<std::string, 4> words{"wire_bench", std::string(kPeer), kind, std::to_string(bytes)};
  std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(to[0], STDIN_FILENO);
    ::dup2(from[1], STDOUT_FILENO);
    for (const int end : {to[0], to[1], from[0], from[1]}) ::close(end);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  to_ = to[1];
  from_ = from[0];
}

BareGrpc::~BareGrpc() {
  ::close(to_);
  ::close(from_);
  ::waitpid(child_, nullptr, 0);
}

double BareGrpc::operator()() {
  double milliseconds = 0;
  if (::write(to_, "g", 1) != 1 || ::read(from_, &milliseconds, sizeof milliseconds) != sizeof milliseconds) {
    std::abort();
  }
  return milliseconds;
}

}  // namespace kerf_bench
