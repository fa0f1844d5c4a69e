#include "sim/run.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "base/error.hpp"
#include "planner/plans/draws.hpp"

namespace kerf {
Run::Run(Network& network, const Problem& problem, const Plan& plan)
    : network_(network),
      problem_(problem),
      arrivals_(problem.workload, problem.devices()),
      per_device_(static_cast<std::size_t>(arrivals_.requests())),
      first_station_(problem.hosts.size()) {
  const auto devices = static_cast<std::size_t>(arrivals_.devices());
  for (std::size_t device = 0; device < devices; ++device) {
    itineraries_.push_back(itinerary_of(problem, plan, static_cast<int>(device)));
  }
  requests_.resize(devices * per_device_);
  records_.resize(devices * per_device_);
  risen_.resize(devices);
  place_stations(plan);
  for (Itinerary& itinerary : itineraries_) {
    for (Visit& visit : itinerary.visits) {
      if (visit.hop) connect(*visit.hop);
    }
    if (itinerary.way_back) connect(*itinerary.way_back);
  }
}

void Run::connect(Hop& hop) {
  network_.add_route(*problem_.platform, hop.from, hop.to);
  const auto [known, is_new] = connection_of_.try_emplace({hop.from, hop.to}, connections_.size());
  if (is_new) connections_.emplace_back();
  hop.connection = known->second;
}

void Run::place_stations(const Plan& plan) {
  std::vector<bool> placed(problem_.hosts.size());
  for (const Stage& stage : plan.stages) {
    const auto index = static_cast<std::size_t>(stage.host);
    if (placed[index]) continue;
    placed[index] = true;
    first_station_[index] = stations_.size();
    const ProblemHost& host = problem_.hosts[index];
    for (const HostId instance : host.instances) {
      stations_.emplace_back(host.workers);
      Tenants tenants{
          .who = instance, .host = stage.host, .mean_gap = {}, .mean_service = {}, .slowdown = {}};
      for (int running = 1; running <= host.workers && !host.contended.empty(); ++running) {
        tenants.slowdown.push_back(host.contention(0, problem_.blocks - 1, running));
      }
      if (host.utilization > 0) {
        tenants.mean_service = host.compute(0, problem_.blocks - 1);
        tenants.mean_gap = tenants.mean_service / (host.utilization * host.workers);
      }
      tenants_.push_back(std::move(tenants));
    }
  }
  shared_.resize(stations_.size());
}

std::vector<RequestRecord> Run::simulate() {
  start_arrivals();
  for (std::size_t station = 0; station < tenants_.size(); ++station) {
    if (tenants_[station].mean_gap > Seconds(0)) schedule_tenant(station, 0);
  }
  proceed();
  network_.run(*this);
  if (answered_ != requests_.size()) {
    throw Error(ErrorCode::kBug, "simulation",
                std::to_string(requests_.size() - answered_) + " of " + std::to_string(requests_.size()) +
                    " requests were never answered",
                "an answer to each");
  }
  return std::move(records_);
}

void Run::start_arrivals() {
  for (std::size_t device = 0; device < risen_.size(); ++device) {
    if (arrivals_.open()) {
      events_.add(arrivals_.gap(static_cast<int>(device), 0).value(), EventKind::kArrival, device);
      continue;
    }
    for (int i = 0; i < std::min(arrivals_.in_flight(), arrivals_.requests()); ++i) {
      events_.add(0, EventKind::kArrival, device);
    }
  }
}

// Until the next thing that SimGrid must do.
void Run::proceed() {
  while (network_.idle() && !events_.empty()) handle(events_.take());
  if (!events_.empty()) network_.set_alarm(events_.next_date());
}

void Run::on_alarm(double date) {
  while (!events_.empty() && events_.next_date() <= date) handle(events_.take());
  proceed();
}

void Run::handle(const Event& event) {
  switch (event.kind) {
    case EventKind::kArrival:
      return arise(event.subject, event.date);
    case EventKind::kDeparture:
      return send(event.subject);
    case EventKind::kArrivalAtHost:
      return land(event.subject);
    case EventKind::kServiceEnd:
      release(station_of(visit(event.subject)), event.date);
      ++requests_[event.subject].leg;
      return go_on(event.subject);
    case EventKind::kTenantArrival:
      return admit_tenant(event.subject, event.date);
    case EventKind::kTenantEnd:
      return release(event.subject, event.date);
    case EventKind::kSharedEnd:
      // Ends that were expected before something else began or ended are no longer true.
      if (event.date == shared_[event.subject].next_end()) end_shared(event.subject, event.date);
      return;
  }
}

void Run::arise(std::size_t device, double date) {
  const std::size_t number = risen_[device]++;
  const std::size_t request = device * per_device_ + number;
  requests_[request].date = date;
  records_[request].arrived = Seconds(date);
  if (arrivals_.open() && number + 1 < per_device_) {
    const Seconds gap = arrivals_.gap(static_cast<int>(device), static_cast<int>(number + 1));
    events_.add(date + gap.value(), EventKind::kArrival, device);
  }
  go_on(request);
}

const Hop& Run::hop(std::size_t request) const {
  const Itinerary& way = itinerary(request);
  return requests_[request].leg < way.visits.size() ? *visit(request).hop : *way.way_back;
}

// To the next host, or back, or to the worker where it is there already.
void Run::go_on(std::size_t request) {
  const Itinerary& way = itinerary(request);
  if (requests_[request].leg == way.visits.size())
    return way.way_back ? depart(request, *way.way_back) : answer(request);
  const Visit& next = visit(request);
  return next.hop ? depart(request, *next.hop) : land(request);
}

void Run::depart(std::size_t request, const Hop& hop) {
  Request& state = requests_[request];
  state.latency += hop.pause;
  state.date += hop.pause.value();
  const bool flows = hop.wire > Seconds(0);
  if (hop.pause > Seconds(0)) {
    events_.add(state.date, flows ? EventKind::kDeparture : EventKind::kArrivalAtHost, request);
  } else if (flows) {
    send(request);
  } else {
    land(request);
  }
}

void Run::send(std::size_t request) {
  Connection& connection = connections_[hop(request).connection];
  if (connection.busy) return connection.waiting.push_back(request);
  connection.busy = true;
  start_flow(request);
}

void Run::start_flow(std::size_t request) {
  const Hop& way = hop(request);
  Request& state = requests_[request];
  if (!network_.idle()) state.date = network_.now();
  network_.start_flow(static_cast<std::uint32_t>(request), way.from, way.to, way.bytes, way.wire, state.date);
}

void Run::on_flow_end(std::uint32_t flow, Seconds elapsed) {
  Request& state = requests_[flow];
  state.latency += elapsed;
  state.date += elapsed.value();
  if (arrivals_.counts(number_of(flow))) energy_ += sending_energy(problem_, hop(flow), elapsed);
  send_next(connections_[hop(flow).connection], state.date);
  land(flow);
  proceed();
}

void Run::send_next(Connection& connection, double date) {
  connection.busy = !connection.waiting.empty();
  if (!connection.busy) return;
  const std::size_t request = connection.waiting.front();
  connection.waiting.pop_front();
  Request& state = requests_[request];
  state.latency += Seconds(std::max(0.0, date - state.date));
  state.date = std::max(state.date, date);
  start_flow(request);
}

// At the host, or back at the device.
void Run::land(std::size_t request) {
  if (requests_[request].leg == itinerary(request).visits.size()) return answer(request);
  const Visit& here = visit(request);
  const int number = number_of(request);
  const Seconds service = service_time(problem_, here, static_cast<int>(device_of(request)), number);
  if (arrivals_.counts(number)) energy_ += computing_energy(problem_, here, service);
  const std::size_t station = station_of(here);
  const double date = requests_[request].date;
  const auto job = stations_[station].admit({.request = static_cast<std::int64_t>(request),
                                             .ready = date,
                                             .service = service,
                                             .slowdown = is_shared(station) ? &here.slowdown : nullptr});
  if (job) begin(station, *job, date);
}

void Run::begin(std::size_t station, const Job& job, double date) {
  const double start = std::max(date, job.ready);
  if (is_shared(station)) {
    shared_[station].begin(job, start);
    return expect_end(station);
  }
  if (job.request < 0) return events_.add(start + job.service.value(), EventKind::kTenantEnd, station);
  const auto request = static_cast<std::size_t>(job.request);
  Request& state = requests_[request];
  state.latency += Seconds(start - job.ready);
  state.latency += job.service;
  state.date = start + job.service.value();
  events_.add(state.date, EventKind::kServiceEnd, request);
}

void Run::release(std::size_t station, double date) {
  if (const auto next = stations_[station].release()) begin(station, *next, date);
}

void Run::expect_end(std::size_t station) {
  const double date = shared_[station].next_end();
  if (date < std::numeric_limits<double>::infinity()) events_.add(date, EventKind::kSharedEnd, station);
}

void Run::end_shared(std::size_t station, double date) {
  const auto [job, start, alone] = shared_[station].end(date);
  release(station, date);
  expect_end(station);
  if (job.request < 0) return;
  const auto request = static_cast<std::size_t>(job.request);
  Request& state = requests_[request];
  const Seconds elapsed = alone ? job.service : std::max(job.service, Seconds(date - start));
  state.latency += Seconds(start - job.ready);
  state.latency += elapsed;
  state.date = alone ? start + job.service.value() : date;
  if (!alone && arrivals_.counts(number_of(request))) {
    energy_ += computing_energy(problem_, visit(request), elapsed - job.service);
  }
  ++state.leg;
  go_on(request);
}

void Run::answer(std::size_t request) {
  const Request& state = requests_[request];
  RequestRecord& record = records_[request];
  const std::size_t device = device_of(request);
  record.device = static_cast<int>(device);
  record.request = number_of(request);
  record.answered = Seconds(state.date);
  record.latency = state.latency;
  record.counts = arrivals_.counts(record.request);
  if (record.counts) counted_ += 1;
  if (++answered_ == requests_.size()) return events_.clear();  // other tenants would go on for ever
  if (!arrivals_.open() && risen_[device] < per_device_) arise(device, state.date);
}

void Run::schedule_tenant(std::size_t station, double date) {
  const Tenants& tenants = tenants_[station];
  const Seconds gap = exponential(
      draw_key(problem_.workload.seed, Chance::kTenantArrival, tenants.who, tenants.jobs, tenants.host),
      tenants.mean_gap);
  events_.add(date + gap.value(), EventKind::kTenantArrival, station);
}

void Run::admit_tenant(std::size_t station, double date) {
  Tenants& tenants = tenants_[station];
  const Seconds service = exponential(
      draw_key(problem_.workload.seed, Chance::kTenantService, tenants.who, tenants.jobs, tenants.host),
      tenants.mean_service);
  ++tenants.jobs;
  const std::vector<double>* slowdown = is_shared(station) ? &tenants.slowdown : nullptr;
  if (const auto job = stations_[station].admit(
          {.request = -1, .ready = date, .service = service, .slowdown = slowdown})) {
    begin(station, *job, date);
  }
  schedule_tenant(station, date);
}

}  // namespace kerf
