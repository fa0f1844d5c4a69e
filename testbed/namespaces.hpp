#pragma once
// Network namespaces as hosts. They have no names in the file system: a namespace lives as long as a process
// or a descriptor of it does, so when the testbed is gone, however it went, the kernel has removed them with
// all that is in them. Each has a loopback and one TUN device, whose other end is a descriptor that the
// emulated network reads packets from and writes packets to.
//
// Call from a single-threaded process that is root.

#include <cstddef>
#include <string>
#include <vector>

#include "testbed/descriptor.hpp"

namespace kerf {

struct NamespaceHost {
  std::string name;     // the platform's
  std::string address;  // 10.97.x.y
  Descriptor network;   // of the namespace
  Descriptor tun;       // packets from and to it
};

// Error(kUsage) where not root; Error(kUnsupported) where this kernel or container has no namespaces or no
// /dev/net/tun.
[[nodiscard]] std::vector<NamespaceHost> make_namespaces(const std::vector<std::string>& names);

// The host that an IPv4 packet is for, or `hosts` where it is for none.
[[nodiscard]] std::size_t destination(const char* packet, std::size_t size, std::size_t hosts);

// The calling process belongs to that namespace from now on.
void enter(const Descriptor& network);

}  // namespace kerf
