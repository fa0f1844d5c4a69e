#pragma once
// SimGrid, as the simulation needs it: a clock, flows that share links max-min fairly, and alarms. Everything
// happens in callbacks of run(); there are no actors, hence no stacks, no context switches and no threads,
// and a fork at rest is safe. Dates are SimGrid's: seconds since the process began to simulate, over all
// runs. One per process.

#include <cstdint>
#include <memory>

#include "base/quantity.hpp"
#include "platforms/platform.hpp"

namespace kerf {

class Network {
 public:
  class Client {
   public:
    virtual void on_alarm() = 0;
    virtual void on_flow_end(std::uint32_t flow) = 0;

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

  [[nodiscard]] double now() const;
  // Sends whole bytes, at least one. `flow` is any small number that no other flow under way has; `alone` is
  // how long it takes undisturbed.
  void start_flow(std::uint32_t flow, HostId from, HostId to, std::uint64_t bytes, Seconds alone);
  // At `date`, or at once where that is past.
  void set_alarm(double date);
  // Until there is neither a flow nor an alarm left.
  void run(Client& client);

  // How far apart two dates may be and still count as one at date `now`: what SimGrid is told, at least 1 ns,
  // and far coarser than the clock's own rounding.
  [[nodiscard]] static double resolution(double now);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace kerf
