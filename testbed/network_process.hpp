#pragma once
// The process that carries the packets of the emulated hosts, in real time. It is the first process of a
// process namespace of its own: every process that the testbed starts later lives in that namespace, and when
// this one ends the kernel ends all of them, with whatever they have started themselves. It ends when the
// testbed does, even by kill -9.
//
// It runs with real-time priority where that is allowed, so that packets leave within some 20 us of their
// moment; lateness does not add up, since a packet's further way is counted from its moment.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "testbed/descriptor.hpp"
#include "testbed/namespaces.hpp"
#include "testbed/packet_network.hpp"

namespace kerf {

struct LinkTrace {
  std::size_t link = 0;
  std::shared_ptr<const DeliveryTrace> trace;
};

class NetworkProcess {
 public:
  // All processes that the caller forks from now on belong to it. Once in a process's life.
  NetworkProcess(const std::vector<NamespaceHost>& hosts, const std::vector<WireLink>& links,
                 const PacketNetwork::Routes& routes, const std::vector<LinkTrace>& traces);
  ~NetworkProcess();
  NetworkProcess(const NetworkProcess&) = delete;
  NetworkProcess& operator=(const NetworkProcess&) = delete;

  // Returns when the links are as said; packets under way keep their moments. The traces begin anew, and
  // their links' rates are theirs.
  void set(const std::vector<WireLink>& links);

 private:
  pid_t process_ = -1;
  Descriptor control_;
};

}  // namespace kerf
