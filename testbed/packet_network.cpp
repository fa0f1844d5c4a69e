#include "testbed/packet_network.hpp"

#include <algorithm>
#include <cmath>

namespace kerf {
namespace {

std::int64_t nanoseconds(Seconds time) {
  return std::llround(time.value() * 1e9);
}

}  // namespace

PacketNetwork::PacketNetwork(std::vector<WireLink> links, Routes routes, std::size_t hosts)
    : routes_(std::move(routes)), hosts_(hosts) {
  for (const WireLink& link : links)
    links_.push_back({.link = link, .trace = {}, .trace_begins = 0, .queues = {}});
}

void PacketNetwork::set(std::size_t link, BytesPerSecond rate, Seconds delay) {
  links_[link].link.rate = rate;
  links_[link].link.delay = delay;
}

void PacketNetwork::follow(std::size_t link, std::shared_ptr<const DeliveryTrace> trace, std::int64_t from) {
  links_[link].trace = std::move(trace);
  links_[link].trace_begins = from;
  links_[link].queues.clear();
}

void PacketNetwork::send(std::int64_t now, std::size_t from, std::size_t to, std::string packet) {
  if (from >= hosts_ || to >= hosts_ || routes_[from * hosts_ + to].empty()) return;
  events_.push({.at = now,
                .number = made_++,
                .from = from,
                .to = to,
                .hop = 0,
                .packet = std::make_shared<std::string>(std::move(packet))});
}

std::int64_t PacketNetwork::sent_at(State& state, Queue& queue, std::int64_t now, int bytes) {
  if (state.trace != nullptr) {
    // A packet is gone with the opportunity that takes its last byte.
    const std::int64_t first = state.trace->first_at(std::max<std::int64_t>(now - state.trace_begins, 0));
    if (first > queue.opportunity) {
      queue.opportunity = first;
      queue.left_of_opportunity = kOpportunityBytes;
    }
    if (static_cast<double>(queue.opportunity - first) * kOpportunityBytes > kQueueBytes) return kNever;
    while (bytes > queue.left_of_opportunity) {
      bytes -= queue.left_of_opportunity;
      ++queue.opportunity;
      queue.left_of_opportunity = kOpportunityBytes;
    }
    queue.left_of_opportunity -= bytes;
    return std::max(now, state.trace_begins + state.trace->nanoseconds(queue.opportunity));
  }
  const double rate = state.link.rate.value();
  const std::int64_t begin = std::max(now, queue.free_at);
  if (std::isfinite(rate) && static_cast<double>(begin - now) * 1e-9 * rate > kQueueBytes) return kNever;
  queue.free_at = begin + std::llround(bytes / rate * 1e9);
  return queue.free_at;
}

void PacketNetwork::advance(std::int64_t now, const Deliver& deliver) {
  while (!events_.empty() && events_.top().at <= now) {
    Event event = events_.top();
    events_.pop();
    const std::vector<std::size_t>& route = routes_[event.from * hosts_ + event.to];
    if (event.hop == route.size()) {
      deliver(event.to, *event.packet);
      continue;
    }
    State& state = links_[route[event.hop]];
    Queue& queue = state.queues[state.link.shared ? std::pair<std::size_t, std::size_t>{}
                                                  : std::pair{event.from, event.to}];
    const std::int64_t sent =
        sent_at(state, queue, event.at, static_cast<int>(event.packet->size()) + kFrame);
    if (sent == kNever) continue;
    event.at = sent + nanoseconds(state.link.delay);
    event.number = made_++;
    ++event.hop;
    events_.push(std::move(event));
  }
}

}  // namespace kerf
