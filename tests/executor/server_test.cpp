// What a server promises beside its models: limits, refusals, an end in order. What a client says when things
// go wrong.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/error.hpp"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

using testing::HasSubstr;

ServedModel without_tensors(InferFunction infer) {
  ServedModel model;
  model.name = "test";
  model.version = "1";
  model.infer = std::move(infer);
  return model;
}

// Opens once, for all who wait.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

Error refusal_to_listen(const ServerOptions& options) {
  try {
    const InferenceServer server({}, options);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "listens on " << options.listen;
  return {ErrorCode::kBug, "", ""};
}

TEST(Server, ListensToOthersOnlyWhenToldTo) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    ServerOptions options;
    options.listen = address;
    const Error error = refusal_to_listen(options);
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--insecure"));
  }
  ServerOptions options;
  options.listen = "0.0.0.0:0";
  options.insecure = true;
  EXPECT_THAT(InferenceServer({}, options).address(), testing::StartsWith("0.0.0.0:"));
}

TEST(Server, APortInUseIsSaid) {
  const InferenceServer first({}, any_port());
  ServerOptions options;
  options.listen = first.address();
  EXPECT_THAT(refusal_to_listen(options).what(), HasSubstr("cannot listen on " + first.address()));
}

TEST(Server, AModelsErrorReachesTheClient) {
  const InferenceServer server(
      {without_tensors([](const InferRequest& request, const StopRequested&) -> InferReply {
        if (request.id == "memory") throw std::bad_alloc();
        if (request.id == "fault") throw std::runtime_error("not thought of");
        throw Error(ErrorCode::kBadInput, "block 3", "something is wrong");
      })},
      any_port());
  const InferenceClient client(server.address());
  const auto failure = [&](const char* id) {
    return failure_of([&] { static_cast<void>(client.infer({.model = "test", .id = id}, kSoon)); });
  };
  EXPECT_EQ(failure("").failure(), InferenceFailure::kRefused);
  EXPECT_THAT(failure("").what(), HasSubstr("block 3: something is wrong"));
  EXPECT_EQ(failure("memory").failure(), InferenceFailure::kOverloaded);
  EXPECT_EQ(failure("fault").failure(), InferenceFailure::kBroken);
  EXPECT_THAT(failure("fault").what(), HasSubstr("not thought of"));
}

TEST(Server, AMessageBeyondTheLimitIsRefused) {
  ServerOptions options = any_port();
  options.largest_message = Bytes(1e6);
  const InferenceServer server({echo_model(Bytes(64e6))}, options);
  const InferenceClient client(server.address());
  static_cast<void>(client.infer(echo_request(noise_payload(1000000), Bytes(0)), kSoon));
  const InferenceError error = failure_of(
      [&] { static_cast<void>(client.infer(echo_request(noise_payload(2000000), Bytes(0)), kSoon)); });
  EXPECT_EQ(error.failure(), InferenceFailure::kOverloaded);
  static_cast<void>(client.infer(echo_request(noise_payload(1), Bytes(0)), kSoon));
}

TEST(Server, AReplyBeyondTheClientsLimitIsRefused) {
  const InferenceServer server({echo_model(Bytes(64e6))}, any_port());
  ClientOptions options;
  options.largest_message = Bytes(1e6);
  const InferenceClient client(server.address(), options);
  EXPECT_EQ(failure_of([&] {
              static_cast<void>(client.infer(echo_request(Payload(), Bytes(2e6)), kSoon));
            }).failure(),
            InferenceFailure::kOverloaded);
}

TEST(Server, BeyondItsQueueRequestsAreRefusedAtOnce) {
  Gate gate;
  ServerOptions options = any_port();
  options.workers = 1;
  options.queue = 1;
  std::atomic<int> served = 0;
  const InferenceServer server({without_tensors([&](const InferRequest&, const StopRequested&) {
                                 gate.wait();
                                 ++served;
                                 return InferReply{};
                               })},
                               options);
  // Each has a connection of its own: on one, streams beyond the limit would wait at the client.
  std::atomic<int> refused = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      const InferenceClient client(server.address());
      try {
        static_cast<void>(client.infer({.model = "test"}, kSoon));
        ++answered;
      } catch (const InferenceError& error) {
        EXPECT_EQ(error.failure(), InferenceFailure::kOverloaded);
        if (++refused == 3) gate.open();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(served, 2);
}

TEST(Server, StoppingTellsTheWorkUnderWayAndReturns) {
  Gate running;
  std::atomic<bool> told = false;
  InferenceServer server({without_tensors([&](const InferRequest&, const StopRequested& stop) {
                           running.open();
                           while (!stop()) std::this_thread::yield();
                           told = true;
                           return InferReply{};
                         })},
                         any_port());
  std::thread caller([&] {
    const InferenceClient client(server.address());
    try {
      static_cast<void>(client.infer({.model = "test"}, kSoon));
    } catch (const InferenceError&) {
    }
  });
  running.wait();
  server.stop(Seconds(0));
  EXPECT_TRUE(told);
  caller.join();
}

TEST(Client, StopsWhenAskedTo) {
  Gate gate;
  const InferenceServer server({without_tensors([&](const InferRequest&, const StopRequested& cancelled) {
                                 while (!cancelled()) std::this_thread::yield();
                                 gate.open();
                                 return InferReply{};
                               })},
                               any_port());
  const InferenceClient client(server.address());
  const InferenceError error =
      failure_of([&] { static_cast<void>(client.infer({.model = "test"}, kSoon, [] { return true; })); });
  EXPECT_EQ(error.failure(), InferenceFailure::kCancelled);
  EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  gate.wait();  // the server is told
}

TEST(Client, ADeadlineIsADeadline) {
  const InferenceServer server({without_tensors([](const InferRequest&, const StopRequested& cancelled) {
                                 while (!cancelled()) std::this_thread::yield();
                                 return InferReply{};
                               })},
                               any_port());
  const InferenceClient client(server.address());
  const InferenceError error =
      failure_of([&] { static_cast<void>(client.infer({.model = "test"}, Seconds(0.2))); });
  EXPECT_EQ(error.failure(), InferenceFailure::kDeadline);
  EXPECT_THAT(error.what(), HasSubstr("no answer within 0.2 s"));
}

TEST(Client, NobodyThereIsSaidAtOnce) {
  std::string address;
  {
    const InferenceServer server({}, any_port());
    address = server.address();
  }
  const InferenceClient client(address);
  const InferenceError error = failure_of([&] { static_cast<void>(client.is_live(kSoon)); });
  EXPECT_EQ(error.failure(), InferenceFailure::kUnreachable);
  EXPECT_EQ(error.where(), address);
}

TEST(Client, FindsAServerThatCameBack) {
  auto server = std::make_unique<InferenceServer>(std::vector{echo_model(Bytes(1e6))}, any_port());
  ServerOptions options;
  options.listen = server->address();
  const InferenceClient client(server->address());
  static_cast<void>(client.infer(echo_request(noise_payload(10), Bytes(10)), kSoon));
  server.reset();
  EXPECT_EQ(failure_of([&] {
              static_cast<void>(client.infer(echo_request(noise_payload(10), Bytes(10)), kSoon));
            }).failure(),
            InferenceFailure::kUnreachable);
  server = std::make_unique<InferenceServer>(std::vector{echo_model(Bytes(1e6))}, options);
  for (int tries = 0;; ++tries) {  // a client that was refused waits a little before it tries again
    try {
      static_cast<void>(client.infer(echo_request(noise_payload(10), Bytes(10)), kSoon));
      break;
    } catch (const InferenceError&) {
      ASSERT_LT(tries, 200);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

// Takes a connection, says what it was given and closes.
class OtherServer {
 public:
  explicit OtherServer(std::string text) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, said = std::move(text)] {
      for (;;) {
        const int peer = ::accept(listener_, nullptr, nullptr);
        if (peer < 0) return;
        static_cast<void>(::send(peer, said.data(), said.size(), MSG_NOSIGNAL));
        ::close(peer);
      }
    });
  }
  OtherServer(const OtherServer&) = delete;
  OtherServer& operator=(const OtherServer&) = delete;
  ~OtherServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_;
  int port_ = 0;
  std::thread thread_;
};

TEST(Client, AServerThatSpeaksSomethingElseIsUnreachable) {
  const OtherServer web("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  const InferenceClient client(web.address());
  EXPECT_EQ(failure_of([&] { static_cast<void>(client.is_live(kSoon)); }).failure(),
            InferenceFailure::kUnreachable);
}

}  // namespace
}  // namespace kerf::test
