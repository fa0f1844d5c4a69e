#pragma once
// One simulation: requests walk their itineraries, wait for workers, and cross the network. The event queue
// here knows pauses, arrivals and services; SimGrid knows flows and the clock, and wakes the run by alarms at
// the dates of its events.
//
// Two hosts have one connection in each direction, as executors do: messages cross it one after the other, in
// the order in which they were sent. Connections share links fairly.
//
// A request's latency is the sum of its parts, not a difference of dates: late in a long simulation the
// clock's last bit is coarser than a short transfer. Waits and disturbed flows are measured on the clock,
// everything else is added as drawn, in the order of the lower bound.

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "planner/plans/arrivals.hpp"
#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"
#include "sim/event_queue.hpp"
#include "sim/itinerary.hpp"
#include "sim/network.hpp"
#include "sim/simulator.hpp"
#include "sim/station.hpp"

namespace kerf {

class Run final : private Network::Client {
 public:
  Run(Network& network, const Problem& problem, const Plan& plan);

  // Once. Every request's record, by device and request.
  [[nodiscard]] std::vector<RequestRecord> simulate();
  // Of the requests that count, on average.
  [[nodiscard]] Joules energy() const { return energy_ / counted_; }

 private:
  struct Request {
    double date = 0;        // when what it does now began, or will end where that is known
    Seconds latency;        // so far
    std::uint32_t leg = 0;  // index into the itinerary's visits; their number on the way back
  };
  struct Connection {
    bool busy = false;
    std::deque<std::size_t> waiting;  // requests whose pause is over
  };
  struct Tenants {  // who else uses a station
    int who = 0;
    int host = 0;
    Seconds mean_gap, mean_service;
    int jobs = 0;
    std::vector<double> slowdown;  // of the jobs (Job)
  };

  void on_alarm(double date) override;
  void on_flow_end(std::uint32_t flow, Seconds elapsed) override;
  void proceed();

  void connect(Hop& hop);
  void place_stations(const Plan& plan);
  void start_arrivals();
  void handle(const Event& event);

  void arise(std::size_t device, double date);
  void go_on(std::size_t request);
  void depart(std::size_t request, const Hop& hop);
  void send(std::size_t request);
  void start_flow(std::size_t request);
  void send_next(Connection& connection, double date);
  void land(std::size_t request);
  void begin(std::size_t station, const Job& job, double date);
  void release(std::size_t station, double date);
  [[nodiscard]] bool is_shared(std::size_t station) const { return !tenants_[station].slowdown.empty(); }
  void expect_end(std::size_t station);
  void end_shared(std::size_t station, double date);
  void answer(std::size_t request);
  void admit_tenant(std::size_t station, double date);
  void schedule_tenant(std::size_t station, double date);

  [[nodiscard]] std::size_t device_of(std::size_t request) const { return request / per_device_; }
  [[nodiscard]] int number_of(std::size_t request) const { return static_cast<int>(request % per_device_); }
  [[nodiscard]] const Itinerary& itinerary(std::size_t request) const {
    return itineraries_[device_of(request)];
  }
  [[nodiscard]] const Visit& visit(std::size_t request) const {
    return itinerary(request).visits[requests_[request].leg];
  }
  [[nodiscard]] const Hop& hop(std::size_t request) const;
  [[nodiscard]] std::size_t station_of(const Visit& visit) const {
    return first_station_[static_cast<std::size_t>(visit.stage.host)] +
           static_cast<std::size_t>(visit.instance);
  }

  Network& network_;
  const Problem& problem_;
  ArrivalProcess arrivals_;
  std::size_t per_device_;  // requests
  std::vector<Itinerary> itineraries_;
  std::map<std::pair<HostId, HostId>, std::size_t> connection_of_;  // from one host to another
  std::vector<Connection> connections_;
  std::vector<Request> requests_;           // [device * per_device + number]
  std::vector<std::size_t> risen_;          // requests of each device so far
  std::vector<std::size_t> first_station_;  // of each class; only of those that the plan visits
  std::vector<Station> stations_;
  std::vector<Tenants> tenants_;         // one a station
  std::vector<SharedProcessor> shared_;  // one a station; in use where is_shared()
  std::vector<RequestRecord> records_;
  EventQueue events_;
  std::size_t answered_ = 0;
  Joules energy_;
  double counted_ = 0;
};

}  // namespace kerf
