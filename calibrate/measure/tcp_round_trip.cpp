#include "calibrate/measure/tcp_round_trip.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>

#include "base/error.hpp"
#include "runtime/executor/address.hpp"

namespace kerf {
namespace {

class Socket {
 public:
  explicit Socket(const addrinfo& to)
      : descriptor_(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// 0, or errno.
int connect_within(const Socket& socket, const addrinfo& to, Seconds within) {
  if (socket.get() < 0) return errno;
  if (::connect(socket.get(), to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{socket.get(), POLLOUT, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(within.value() * 1e3));
  if (ready <= 0) return ready == 0 ? ETIMEDOUT : errno;
  int failure = 0;
  socklen_t size = sizeof failure;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

std::string line_of(const char* file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

}  // namespace

Seconds tcp_round_trip(const std::string& address, Seconds within) {
  const Address peer = parse_address(address, "address");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int unknown = ::getaddrinfo(peer.host.c_str(), fmt::format("{}", peer.port).c_str(), &hints, &found);
  if (unknown != 0) {
    throw Error(ErrorCode::kBadInput, address, fmt::format("no such host ({})", ::gai_strerror(unknown)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  int failure = 0;
  for (const addrinfo* to = all.get(); to != nullptr; to = to->ai_next) {
    const Socket socket(*to);
    failure = connect_within(socket, *to, within);
    if (failure != 0) continue;
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
      return Seconds(info.tcpi_rtt * 1e-6);
    failure = errno;
  }
  throw Error(ErrorCode::kBadInput, address,
              fmt::format("no connection ({})", std::generic_category().message(failure)), "Kerf's echo peer",
              "start it there with `kerf serve --echo`");
}

std::string tcp_settings() {
  const std::string control = line_of("/proc/sys/net/ipv4/tcp_congestion_control");
  const std::string after_idle = line_of("/proc/sys/net/ipv4/tcp_slow_start_after_idle");
  if (control.empty() || after_idle.empty()) return control;
  return fmt::format("{}, slow start after idle {}", control, after_idle == "0" ? "off" : "on");
}

}  // namespace kerf
