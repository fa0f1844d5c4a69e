#include "testbed/namespaces.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <system_error>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr const char* kDevice = "kerf0";
constexpr std::uint32_t kFirstAddress = 0x0A610001;  // 10.97.0.1
constexpr std::uint32_t kNetmask = 0xFFFF0000;
constexpr std::size_t kMostHosts = 60'000;
constexpr int kDeviceQueue = 10'000;  // packets

[[noreturn]] void fail(const std::string& what) {
  const int reason = errno;
  throw Error(
      ErrorCode::kUnsupported, "testbed",
      fmt::format("{} failed ({})", what, std::generic_category().message(reason)),
      "a kernel with network namespaces and TUN devices, and a container that allows them",
      "run it on the machine itself, or in a container with CAP_NET_ADMIN, CAP_SYS_ADMIN and /dev/net/tun");
}

void check(int result, const std::string& what) {
  if (result < 0) fail(what);
}

ifreq request_for(const char* device) {
  ifreq request{};
  std::strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  return request;
}

sockaddr internet(std::uint32_t address) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(address);
  sockaddr general{};
  std::memcpy(&general, &made, sizeof general);
  return general;
}

void bring_up(int control, const char* device) {
  ifreq request = request_for(device);
  check(::ioctl(control, SIOCGIFFLAGS, &request), "asking for a device's state");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  check(::ioctl(control, SIOCSIFFLAGS, &request), "bringing a device up");
}

void set_address(int control, std::uint32_t address) {
  ifreq request = request_for(kDevice);
  request.ifr_addr = internet(address);
  check(::ioctl(control, SIOCSIFADDR, &request), "giving a device its address");
  request = request_for(kDevice);
  request.ifr_netmask = internet(kNetmask);
  check(::ioctl(control, SIOCSIFNETMASK, &request), "giving a device its netmask");
  request = request_for(kDevice);
  request.ifr_qlen = kDeviceQueue;
  check(::ioctl(control, SIOCSIFTXQLEN, &request), "setting a device's queue");
}

Descriptor open_tun() {
  Descriptor tun(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  check(tun.get(), "opening /dev/net/tun");
  ifreq request = request_for(kDevice);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  check(::ioctl(tun.get(), TUNSETIFF, &request), "making a TUN device");
  return tun;
}

// Of the namespace that the caller is in. What a kernel lacks of these is left as it is.
bool set_kernel_parameter(const char* name, const char* value) {
  std::ofstream file(fmt::format("/proc/sys/net/ipv4/{}", name));
  return static_cast<bool>(file << value << std::flush);
}

// Linux's own choice, or the nearest to it that the kernel lets a namespace have. BBR would spread a lone
// message over a round trip: what it knows of the path's bandwidth are messages before it, which were too
// short to fill it.
void choose_congestion_control() {
  for (const char* const name : {"cubic", "reno"}) {
    if (set_kernel_parameter("tcp_congestion_control", name)) return;
  }
}

}  // namespace

std::vector<NamespaceHost> make_namespaces(const std::vector<std::string>& names) {
  if (::geteuid() != 0) {
    throw Error(ErrorCode::kUsage, "testbed", "this is not root",
                "root, which network namespaces and control groups need",
                "run it with sudo, or give the hosts' addresses with --host");
  }
  if (names.size() > kMostHosts) {
    throw Error(ErrorCode::kUnsupported, "testbed", fmt::format("{} hosts", names.size()),
                fmt::format("at most {}", kMostHosts));
  }
  const Descriptor home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  check(home.get(), "opening /proc/self/ns/net");
  std::vector<NamespaceHost> hosts;
  for (const std::string& name : names) {
    check(::unshare(CLONE_NEWNET), "making a network namespace");
    const std::uint32_t address = kFirstAddress + static_cast<std::uint32_t>(hosts.size());
    NamespaceHost host{.name = name,
                       .address = fmt::format("10.97.{}.{}", address >> 8 & 255, address & 255),
                       .network = Descriptor(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)),
                       .tun = open_tun()};
    const Descriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    check(control.get(), "opening a socket");
    bring_up(control.get(), "lo");
    set_address(control.get(), address);
    bring_up(control.get(), kDevice);
    // Connections stay warm in a pause, and forget what an earlier condition taught them.
    (void)set_kernel_parameter("tcp_slow_start_after_idle", "0");
    (void)set_kernel_parameter("tcp_no_metrics_save", "1");
    choose_congestion_control();
    hosts.push_back(std::move(host));
  }
  enter(home);
  return hosts;
}

std::size_t destination(const char* packet, std::size_t size, std::size_t hosts) {
  constexpr std::size_t kHeader = 20;
  constexpr std::size_t kDestination = 16;
  if (size < kHeader || static_cast<unsigned char>(packet[0]) >> 4 != 4) return hosts;
  std::uint32_t address = 0;
  std::memcpy(&address, packet + kDestination, sizeof address);
  const std::uint32_t number = ntohl(address) - kFirstAddress;
  return number < hosts ? number : hosts;
}

void enter(const Descriptor& network) {
  check(::setns(network.get(), CLONE_NEWNET), "entering a network namespace");
}

}  // namespace kerf
