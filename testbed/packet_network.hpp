#pragma once
// A network of links, packet by packet, in a time that the caller keeps: what every emulated host's packets
// go through. The routes are those of the problem, so planner, simulator and testbed mean the same network.
//
// A packet that enters a link waits until those before it are sent (first come first served, whoever sent
// them: shared links are really shared), is sent at the link's rate, and reaches the next link `delay` later.
// A link that is not shared (FATPIPE) gives each pair of hosts a queue of its own. A SHARED link of a
// platform is one link for both directions, as on a radio channel. Each packet costs its bytes and kFrame.
//
// Times are nanoseconds of any clock that does not go back. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "testbed/delivery_trace.hpp"

namespace kerf {

inline constexpr int kFrame = 14;  // bytes of an Ethernet header, which packets of a TUN device lack
inline constexpr double kQueueBytes = 10e6;  // a link's queue; a packet beyond it is dropped
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct WireLink {
  BytesPerSecond rate;  // infinite: no limit
  Seconds delay;
  bool shared = true;
};

class PacketNetwork {
 public:
  // routes[from * hosts + to]: indices of links; packets without a route are dropped.
  using Routes = std::vector<std::vector<std::size_t>>;
  PacketNetwork(std::vector<WireLink> links, Routes routes, std::size_t hosts);

  // From now on; packets that already wait in the link keep their moments.
  void set(std::size_t link, BytesPerSecond rate, Seconds delay);
  // The rate follows the trace, which begins at `from`.
  void follow(std::size_t link, std::shared_ptr<const DeliveryTrace> trace, std::int64_t from);

  // `packet` leaves host `from` for host `to` at `now`.
  void send(std::int64_t now, std::size_t from, std::size_t to, std::string packet);
  // When advance() next has something to do.
  [[nodiscard]] std::int64_t next() const { return events_.empty() ? kNever : events_.top().at; }
  // Everything up to `now`, in order of time; packets that arrive are handed over.
  using Deliver = std::function<void(std::size_t host, const std::string& packet)>;
  void advance(std::int64_t now, const Deliver& deliver);

 private:
  // What a queue has promised: its link is busy until then.
  struct Queue {
    std::int64_t free_at = 0;
    std::int64_t opportunity = 0;  // the first of the trace that is not used up
    int left_of_opportunity = kOpportunityBytes;
  };
  struct State {
    WireLink link;
    std::shared_ptr<const DeliveryTrace> trace;
    std::int64_t trace_begins = 0;
    std::map<std::pair<std::size_t, std::size_t>, Queue> queues;  // of (0, 0) where shared
  };
  // A packet is about to enter link `hop` of its route, or to arrive after the last.
  struct Event {
    std::int64_t at = 0;
    std::uint64_t number = 0;  // ties in the order in which they were made
    std::size_t from = 0, to = 0, hop = 0;
    std::shared_ptr<std::string> packet;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };
  // The moment at which `bytes` that come at `now` have been sent, or kNever where the queue is full.
  static std::int64_t sent_at(State& state, Queue& queue, std::int64_t now, int bytes);

  std::vector<State> links_;
  Routes routes_;
  std::size_t hosts_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t made_ = 0;
};

}  // namespace kerf
