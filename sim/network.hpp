#pragma once
// SimGrid, as the simulation needs it: flows that share links max-min fairly, and an alarm clock while they
// do. Everything happens in callbacks of run(); there are no actors, hence no stacks, no context switches and
// no threads, and a fork between runs is safe. One per process.
//
// SimGrid's clock moves only while flows are under way. A flow that starts on an idle network says what date
// it is then, so that time between flows costs nothing and the clock's rounding does not grow with it.

#include <cstdint>
#include <memory>

#include "base/quantity.hpp"
#include "platforms/platform.hpp"

namespace kerf {

class Network {
 public:
  class Client {
   public:
    virtual void on_alarm(double date) = 0;
    // `elapsed` is exactly the flow's undisturbed time where the clock shows no other.
    virtual void on_flow_end(std::uint32_t flow, Seconds elapsed) = 0;

   protected:
    ~Client() = default;
  };

  // Error(kBug) when SimGrid's engine exists already.
  explicit Network(const Platform& platform);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Between runs only.
  void set_bandwidth(LinkId link, BytesPerSecond bandwidth);
  // Makes the platform's route usable for flows, where it is not yet. Between runs only.
  void add_route(const Platform& platform, HostId from, HostId to);

  // Whether no flow is under way.
  [[nodiscard]] bool idle() const;
  // The date; while flows are under way.
  [[nodiscard]] double now() const;
  // Sends bytes, rounded up to whole ones. `flow` is any small number that no other flow under way has;
  // `alone` is how long it takes undisturbed; `date` sets the date of an idle network.
  void start_flow(std::uint32_t flow, HostId from, HostId to, Bytes bytes, Seconds alone, double date);
  // The one alarm, instead of the one before: at `date`, or at once where that is past. Only while flows are
  // under way; the end of the last one turns it off.
  void set_alarm(double date);
  // Until no flow is left.
  void run(Client& client);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace kerf
