#include "tests/split/link_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kerf::test {
namespace {

constexpr int kTick = 5;  // ms between looks at whether the link is cut

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool readable(int socket) {
  pollfd waiting{socket, POLLIN, 0};
  return ::poll(&waiting, 1, kTick) > 0;
}

}  // namespace

struct LinkProxy::State {
  std::atomic<bool> is_cut = false;
  std::atomic<bool> ending = false;
  int listener = -1;
  int port = 0;
  int target = 0;
  std::thread acceptor;
  std::vector<std::thread> pumps;

  // Two sockets of one connection, both ways, on one thread.
  void pump(int near, int far) const {
    std::array<char, 65536> buffer{};
    while (!ending) {
      if (is_cut) {
        std::this_thread::sleep_for(std::chrono::milliseconds(kTick));
        continue;
      }
      std::array<pollfd, 2> waiting{{{near, POLLIN, 0}, {far, POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), kTick) <= 0) continue;
      if (is_cut) continue;
      bool open = true;
      for (std::size_t i = 0; i < 2 && open; ++i) {
        if (waiting[i].revents == 0) continue;
        const ssize_t got = ::read(waiting[i].fd, buffer.data(), buffer.size());
        open = got > 0 &&
               ::send(waiting[1 - i].fd, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
      }
      if (!open) break;
    }
    ::close(near);
    ::close(far);
  }

  void accept_all() {
    while (!ending) {
      if (!readable(listener)) continue;
      const int near = ::accept(listener, nullptr, nullptr);
      if (near < 0) continue;
      const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(target);
      if (::connect(far, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(near);
        ::close(far);
        continue;
      }
      pumps.emplace_back([this, near, far] { pump(near, far); });
    }
  }
};

LinkProxy::LinkProxy(const std::string& to) : state_(std::make_shared<State>()) {
  state_->target = std::stoi(to.substr(to.rfind(':') + 1));
  state_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(state_->listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(state_->listener, 64) != 0 ||
      ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port for the proxy");
  }
  state_->port = ntohs(address.sin_port);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

LinkProxy::~LinkProxy() {
  state_->ending = true;
  state_->acceptor.join();
  for (std::thread& pump : state_->pumps) pump.join();
  ::close(state_->listener);
}

std::string LinkProxy::address() const {
  return "127.0.0.1:" + std::to_string(state_->port);
}
void LinkProxy::cut() {
  state_->is_cut = true;
}
void LinkProxy::mend() {
  state_->is_cut = false;
}

}  // namespace kerf::test
