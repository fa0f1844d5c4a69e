// Bad and slow clients: each costs what the limits allow, and the others are served.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "runtime/executor/wire_format.hpp"
#include "tests/executor/executor_fixture.hpp"

namespace kerf::test {
namespace {

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

int connect_to(const std::string& address) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  return socket;
}

// A message as gRPC frames it: not compressed, so long.
std::string framed(const std::string& message) {
  std::string text(1, '\0');
  for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(message.size() >> shift);
  return text + message;
}

// A message of a megabyte, and a little of it.
std::string beginning() {
  return framed(std::string(1 << 20, 'x')).substr(0, 1000);
}

// An HTTP/2 client that begins a ModelInfer call, sends `data` and stops. It lets the server send it the 64
// kB that HTTP/2 begins with, and never more.
class Sluggard {
 public:
  explicit Sluggard(const std::string& address, const std::string& data = beginning())
      : socket_(connect_to(address)) {
    std::string said = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    said += frame(4, 0, 0, "");  // settings
    std::string headers;
    for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {":method", "POST"},
             {":scheme", "http"},
             {":path", "/inference.GRPCInferenceService/ModelInfer"},
             {":authority", "test"},
             {"content-type", "application/grpc"},
             {"te", "trailers"}}) {
      headers += '\x00';  // literal, not indexed
      headers += static_cast<char>(name.size()) + name;
      headers += static_cast<char>(value.size()) + value;
    }
    said += frame(1, 4, 1, headers);
    said += frame(0, 0, 1, data);
    EXPECT_EQ(::send(socket_, said.data(), said.size(), MSG_NOSIGNAL), static_cast<ssize_t>(said.size()));
  }
  Sluggard(const Sluggard&) = delete;
  Sluggard& operator=(const Sluggard&) = delete;
  ~Sluggard() { ::close(socket_); }

  // Reads on until the server has ended the call (a frame of stream 1) or the connection.
  [[nodiscard]] bool is_cut_off() const {
    std::string heard;
    char buffer[4096];
    for (;;) {
      for (std::size_t at = 0; at + 9 <= heard.size();) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(heard[at + i]); };
        const std::size_t length = byte(0) << 16 | byte(1) << 8 | byte(2);
        const bool ends = byte(3) == 3 || (byte(3) == 1 && (byte(4) & 1) != 0);  // RST_STREAM or trailers
        if (byte(8) == 1 && ends) return true;
        at += 9 + length;
      }
      const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) return true;
      heard.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  static std::string frame(char type, char flags, char stream, const std::string& payload) {
    std::string text;
    text += static_cast<char>(payload.size() >> 16);
    text += static_cast<char>(payload.size() >> 8);
    text += static_cast<char>(payload.size());
    text += type;
    text += flags;
    text += std::string("\0\0\0", 3) + stream;
    return text + payload;
  }
  int socket_;
};

TEST(Flood, AClientThatStopsInTheMiddleIsCutOff) {
  ServerOptions options = any_port();
  options.patience = Seconds(0.2);
  const InferenceServer server({echo_model(Bytes(1e6))}, options);
  const Sluggard sluggard(server.address());
  EXPECT_TRUE(sluggard.is_cut_off());
}

TEST(Flood, AClientThatDoesNotTakeItsReplyIsCutOff) {
  ServerOptions options = any_port();
  options.patience = Seconds(0.2);
  options.workers = 1;
  options.queue = 0;
  const InferenceServer server({echo_model(Bytes(4e6))}, options);
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(encode(echo_request(noise_payload(10), Bytes(4e6))).Dump(&slices).ok());
  std::string request;
  for (const grpc::Slice& slice : slices)
    request.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  const Sluggard sluggard(server.address(), framed(request));
  EXPECT_TRUE(sluggard.is_cut_off());
  // Its place is free again.
  const InferenceClient client(server.address());
  for (int tries = 0;; ++tries) {
    try {
      static_cast<void>(client.infer(echo_request(noise_payload(10), Bytes(10)), kSoon));
      break;
    } catch (const InferenceError& error) {
      ASSERT_EQ(error.failure(), InferenceFailure::kOverloaded);
      ASSERT_LT(tries, 2000);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

TEST(Flood, SlowClientsTakeTheirPlacesOnlyForAWhile) {
  ServerOptions options = any_port();
  options.workers = 1;
  options.queue = 3;
  options.patience = Seconds(0.3);
  const InferenceServer server({echo_model(Bytes(1e6))}, options);
  std::vector<std::unique_ptr<Sluggard>> sluggards;
  for (int i = 0; i < 20; ++i) sluggards.push_back(std::make_unique<Sluggard>(server.address()));
  const InferenceClient client(server.address());
  for (int tries = 0;; ++tries) {
    try {
      static_cast<void>(client.infer(echo_request(noise_payload(10), Bytes(10)), kSoon));
      break;
    } catch (const InferenceError& error) {
      ASSERT_EQ(error.failure(), InferenceFailure::kOverloaded);
      ASSERT_LT(tries, 2000);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

TEST(Flood, WhatIsRefusedIsNotKept) {
  ServerOptions options = any_port();
  options.workers = 1;
  options.queue = 1;
  options.largest_message = Bytes(4e6);
  std::atomic<bool> open = false;
  ServedModel model = echo_model(Bytes(4e6));
  const InferFunction echo = model.infer;
  model.infer = [&](const InferRequest& request, const StopRequested& stop) {
    while (!open && !stop()) std::this_thread::yield();
    return echo(request, stop);
  };
  const InferenceServer server({model}, options);
  const double before = resident_bytes();
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int request = 0; request < 100; ++request) {
        const InferenceClient client(server.address());
        try {
          static_cast<void>(client.infer(echo_request(noise_payload(4000000), Bytes(0)), kSoon));
        } catch (const InferenceError& error) {
          EXPECT_EQ(error.failure(), InferenceFailure::kOverloaded) << error.what();
          if (++refused == 300) open = true;
        }
        if (refused >= 300) return;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_GE(refused, 300);  // 1.2 GB offered
  EXPECT_LT(resident_bytes() - before, 300e6);
}

}  // namespace
}  // namespace kerf::test
