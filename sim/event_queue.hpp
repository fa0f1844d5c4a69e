#pragma once
// Events by date; events of one date in the order in which they were added, so that nothing depends on a
// heap's whims.

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

namespace kerf {

enum class EventKind : std::uint32_t {
  kArrival,        // subject: a device; its next request arises
  kDeparture,      // a request; the pause before its flow is over
  kArrivalAtHost,  // a request; a hop without a flow is over
  kServiceEnd,     // a request gives its worker back
  kTenantArrival,  // a station; the next job of its other tenants
  kTenantEnd,      // a station; such a job gives its worker back
  kSharedEnd,      // a station whose jobs slow each other down; the next of them ends
};

struct Event {
  double date = 0;
  std::uint64_t order = 0;
  EventKind kind = EventKind::kArrival;
  std::uint32_t subject = 0;
};

class EventQueue {
 public:
  void add(double date, EventKind kind, std::size_t subject) {
    events_.push({date, added_++, kind, static_cast<std::uint32_t>(subject)});
  }
  [[nodiscard]] bool empty() const { return events_.empty(); }
  [[nodiscard]] double next_date() const { return events_.top().date; }
  Event take() {
    const Event event = events_.top();
    events_.pop();
    return event;
  }
  void clear() { events_ = {}; }

 private:
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return std::tie(a.date, a.order) > std::tie(b.date, b.order);
    }
  };
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::uint64_t added_ = 0;
};

}  // namespace kerf
