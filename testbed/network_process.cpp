#include "testbed/network_process.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <system_error>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr int kPriority = 10;
constexpr int kPacketsAtOnce = 64;  // read from one host before the others have their turn

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

timespec until(std::int64_t moment) {
  const std::int64_t wait = std::max<std::int64_t>(moment - now(), 0);
  return {.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
}

// What the testbed tells of one link.
struct LinkOrder {
  double rate = 0;
  double delay = 0;
};

class Carrier {
 public:
  Carrier(const std::vector<NamespaceHost>& hosts, const std::vector<WireLink>& links,
          const PacketNetwork::Routes& routes, const std::vector<LinkTrace>& traces, int control)
      : hosts_(hosts), network_(links, routes, hosts.size()), traces_(traces), orders_(links.size()) {
    for (const NamespaceHost& host : hosts) waited_for_.push_back({host.tun.get(), POLLIN, 0});
    waited_for_.push_back({control, POLLIN, 0});
  }

  // Until the testbed is gone.
  void carry() {
    for (;;) {
      const std::int64_t next = network_.next();
      const timespec wait = until(next);
      if (::ppoll(waited_for_.data(), waited_for_.size(), next == kNever ? nullptr : &wait, nullptr) < 0)
        continue;
      for (std::size_t host = 0; host < hosts_.size(); ++host) {
        if (waited_for_[host].revents != 0) take_packets(host);
      }
      if (waited_for_.back().revents != 0 && !take_order()) return;
      network_.advance(now(), [&](std::size_t host, const std::string& packet) {
        // A host that does not take its packet loses it, as on a wire.
        static_cast<void>(::write(hosts_[host].tun.get(), packet.data(), packet.size()));
      });
    }
  }

 private:
  void take_packets(std::size_t host) {
    for (int i = 0; i < kPacketsAtOnce; ++i) {
      const ssize_t size = ::read(hosts_[host].tun.get(), buffer_.data(), buffer_.size());
      if (size <= 0) return;
      const auto bytes = static_cast<std::size_t>(size);
      network_.send(now(), host, destination(buffer_.data(), bytes, hosts_.size()), {buffer_.data(), bytes});
    }
  }

  bool take_order() {
    const int control = waited_for_.back().fd;
    const std::size_t size = orders_.size() * sizeof(LinkOrder);
    if (::recv(control, orders_.data(), size, 0) != static_cast<ssize_t>(size)) return false;
    for (std::size_t link = 0; link < orders_.size(); ++link)
      network_.set(link, BytesPerSecond(orders_[link].rate), Seconds(orders_[link].delay));
    for (const LinkTrace& each : traces_) network_.follow(each.link, each.trace, now());
    const char done = 1;
    return ::send(control, &done, sizeof done, MSG_NOSIGNAL) == sizeof done;
  }

  const std::vector<NamespaceHost>& hosts_;
  PacketNetwork network_;
  const std::vector<LinkTrace>& traces_;
  std::vector<LinkOrder> orders_;
  std::vector<pollfd> waited_for_;  // the hosts, then the testbed
  std::array<char, 65536> buffer_{};
};

void check(int result, const char* what) {
  if (result >= 0) return;
  const int reason = errno;
  throw Error(ErrorCode::kUnsupported, "testbed",
              std::string(what) + " failed (" + std::generic_category().message(reason) + ")",
              "a kernel with process namespaces, and a container that allows them");
}

}  // namespace

NetworkProcess::NetworkProcess(const std::vector<NamespaceHost>& hosts, const std::vector<WireLink>& links,
                               const PacketNetwork::Routes& routes, const std::vector<LinkTrace>& traces) {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), "making a pair of sockets");
  control_ = Descriptor(ends[0]);
  Descriptor other(ends[1]);
  check(::unshare(CLONE_NEWPID), "making a process namespace");
  std::fflush(nullptr);  // or the child would print it again
  process_ = ::fork();
  check(process_, "starting a process");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    control_.close();               // the testbed's end: once that is closed, so is the conversation
    ::setpgid(0, 0);                // Ctrl-C is for the testbed
    std::signal(SIGCHLD, SIG_IGN);  // whoever loses its parent is reaped
    const sched_param priority{.sched_priority = kPriority};
    ::sched_setscheduler(0, SCHED_FIFO, &priority);
    Carrier(hosts, links, routes, traces, other.get()).carry();
    ::_exit(0);
  }
}

NetworkProcess::~NetworkProcess() {
  ::kill(process_, SIGKILL);
  // It cannot go before all in its namespace have been reaped, and some may be children of ours.
  for (;;) {
    const pid_t ended = ::waitpid(-1, nullptr, 0);
    if (ended == process_ || (ended < 0 && errno != EINTR)) return;
  }
}

void NetworkProcess::set(const std::vector<WireLink>& links) {
  std::vector<LinkOrder> orders;
  for (const WireLink& link : links) orders.push_back({link.rate.value(), link.delay.value()});
  const std::size_t size = orders.size() * sizeof(LinkOrder);
  char done = 0;
  if (::send(control_.get(), orders.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(size) ||
      ::recv(control_.get(), &done, sizeof done, 0) != sizeof done) {
    throw Error(ErrorCode::kBug, "testbed", "the process that carries the packets is gone");
  }
}

}  // namespace kerf
