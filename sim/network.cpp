#include "sim/network.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <csignal>
#include <exception>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

namespace s4u = simgrid::s4u;

// SimGrid takes over Ctrl-C and crashes when it starts; they are not its business here.
class SignalsKept {
 public:
  SignalsKept() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], nullptr, &before_[i]);
  }
  ~SignalsKept() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }
  SignalsKept(const SignalsKept&) = delete;
  SignalsKept& operator=(const SignalsKept&) = delete;

 private:
  static constexpr int kSignals[] = {SIGINT, SIGSEGV, SIGBUS};
  struct sigaction before_[std::size(kSignals)] = {};
};

// A process has one engine for good: ending it ends what SimGrid cannot start again.
s4u::Engine& start_engine() {
  if (s4u::Engine::has_instance()) {
    throw Error(ErrorCode::kBug, "simulator", "a second SimGrid engine in one process",
                "one Simulator per process", "fork before making the other");
  }
  const SignalsKept kept;
  std::string name = "kerf";
  std::string quiet = "--log=root.thresh:critical";
  char* arguments[] = {name.data(), quiet.data(), nullptr};
  int count = 2;
  auto* engine = new s4u::Engine(&count, arguments);
  // Plain max-min sharing: no latency factor, no interference by acknowledgements, no bound by a TCP window,
  // no unfairness by round-trip time. What real connections lose is in the links' calibrated efficiency.
  s4u::Engine::set_config("network/model", std::string("CM02"));
  s4u::Engine::set_config("network/crosstraffic", false);
  s4u::Engine::set_config("network/latency-factor", 1.0);
  s4u::Engine::set_config("network/bandwidth-factor", 1.0);
  s4u::Engine::set_config("network/weight-S", 0.0);
  s4u::Engine::set_config("network/TCP-gamma", 0.0);
  // Relative to a link's bandwidth: what is left of it counts as nothing below this. Weights here are all 1,
  // so that the solver's sums are exact to some 1e-16 per flow.
  s4u::Engine::set_config("maxmin/precision", 1e-9);
  return *engine;
}

}  // namespace

struct Network::Engine {
  struct Flow {
    s4u::CommPtr comm;
    double start = 0;
    Seconds alone;
    double rounded_up = 1;  // bytes sent to bytes asked for
  };

  s4u::Engine& simgrid = start_engine();
  s4u::NetZone* zone = nullptr;
  std::vector<s4u::Host*> hosts;
  std::vector<s4u::Link*> links;
  std::vector<bool> routed;  // [from * hosts + to]
  std::vector<Flow> flows;   // by the caller's number
  s4u::CommPtr ended;        // SimGrid still uses a flow when it tells of its end; the next end releases it
  std::size_t under_way = 0;
  simgrid::kernel::timer::Timer* alarm = nullptr;
  double alarm_date = 0;
  double offset = 0;   // dates are SimGrid's clock and this
  double horizon = 0;  // SimGrid's clock up to which its precision is set
  Client* client = nullptr;

  void build(const Platform& platform);
  void expect(double clock);
  void turn_alarm_off();
  void ring();
  void flow_ended(const s4u::Activity& activity);
};

void Network::Engine::build(const Platform& platform) {
  zone = s4u::create_full_zone("kerf");
  for (const PlatformHost& host : platform.hosts())
    hosts.push_back(zone->create_host(host.name, std::max(host.speed, 1.0)));
  for (const Link& link : platform.links()) {
    s4u::Link* made = zone->create_link(link.name, link.bandwidth.value());
    if (!link.shared) made->set_sharing_policy(s4u::Link::SharingPolicy::FATPIPE);
    made->set_latency(0.0)->seal();
    links.push_back(made);
  }
  routed.resize(hosts.size() * hosts.size());
  zone->seal();
  simgrid.seal_platform();
  s4u::Activity::on_completion_cb([this](const s4u::Activity& activity) { flow_ended(activity); });
}

// SimGrid ends a flow when its date is within surf/precision of the clock, and loses it where rounding has
// carried the clock beyond. The precision must therefore stay well above the clock's last bit, however far
// the clock goes: 1 ns for the first day and a half, and 32 last bits from then on.
void Network::Engine::expect(double clock) {
  if (clock <= horizon) return;
  if (horizon == 0) horizon = 0x1p17;
  while (horizon < clock) horizon *= 2;
  s4u::Engine::set_config("surf/precision", std::max(1e-9, horizon * 0x1p-47));
}

void Network::Engine::turn_alarm_off() {
  if (alarm != nullptr) alarm->remove();
  alarm = nullptr;
}

void Network::Engine::ring() {
  alarm = nullptr;  // SimGrid deletes it
  // The clock may stand a last bit before the date, for good.
  client->on_alarm(std::max(alarm_date, offset + s4u::Engine::get_clock()));
}

void Network::Engine::flow_ended(const s4u::Activity& activity) {
  const auto number = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(activity.get_data<void>()));
  Flow& flow = flows[number];
  ended = std::move(flow.comm);
  if (--under_way == 0) turn_alarm_off();
  const double clock = s4u::Engine::get_clock();
  constexpr double kClockRounding = 0x1p-49;  // eight units in the last place
  const bool undisturbed =
      clock - flow.start <= flow.alone.value() * flow.rounded_up + clock * kClockRounding;
  client->on_flow_end(number, undisturbed ? flow.alone : Seconds(clock - flow.start));
}

Network::Network(const Platform& platform) try : engine_(std::make_unique<Engine>()) {
  engine_->build(platform);
  engine_->expect(1.0);
} catch (const Error&) {
  throw;
} catch (const std::exception& error) {
  throw Error(ErrorCode::kBug, platform.source(),
              std::string("SimGrid refuses the platform: ") + error.what());
}

Network::~Network() = default;

void Network::set_bandwidth(LinkId link, BytesPerSecond bandwidth) {
  assert(engine_->under_way == 0);
  s4u::Link* known = engine_->links[static_cast<std::size_t>(link)];
  if (known->get_bandwidth() != bandwidth.value()) known->set_bandwidth(bandwidth.value());
}

void Network::add_route(const Platform& platform, HostId from, HostId to) {
  const auto a = static_cast<std::size_t>(from);
  const auto b = static_cast<std::size_t>(to);
  if (from == to || engine_->routed[a * engine_->hosts.size() + b]) return;
  std::vector<s4u::LinkInRoute> route;
  for (const LinkId link : platform.route(from, to))
    route.emplace_back(engine_->links[static_cast<std::size_t>(link)]);
  engine_->zone->add_route(engine_->hosts[a]->get_netpoint(), engine_->hosts[b]->get_netpoint(), nullptr,
                           nullptr, route, false);
  engine_->routed[a * engine_->hosts.size() + b] = true;
}

bool Network::idle() const {
  return engine_->under_way == 0;
}

double Network::now() const {
  return engine_->offset + s4u::Engine::get_clock();
}

void Network::start_flow(std::uint32_t number, HostId from, HostId to, Bytes bytes, Seconds alone,
                         double date) {
  assert(bytes > Bytes(0));
  if (number >= engine_->flows.size()) engine_->flows.resize(number + std::size_t{1});
  const double clock = s4u::Engine::get_clock();
  if (engine_->under_way++ == 0) engine_->offset = date - clock;
  engine_->expect(clock + alone.value() * static_cast<double>(engine_->under_way + 1));
  const double whole = std::ceil(bytes.value());
  Engine::Flow& flow = engine_->flows[number];
  flow = {
      .comm = s4u::Comm::sendto_init(), .start = clock, .alone = alone, .rounded_up = whole / bytes.value()};
  flow.comm->set_data(reinterpret_cast<void*>(static_cast<std::uintptr_t>(number)));
  flow.comm->set_payload_size(static_cast<std::uint64_t>(whole));
  flow.comm->set_source(engine_->hosts[static_cast<std::size_t>(from)]);
  flow.comm->set_destination(engine_->hosts[static_cast<std::size_t>(to)]);  // which starts it
}

void Network::set_alarm(double date) {
  assert(!idle());
  if (engine_->alarm != nullptr && engine_->alarm_date == date) return;
  engine_->turn_alarm_off();
  const double clock = std::max(date - engine_->offset, s4u::Engine::get_clock());
  engine_->expect(clock);
  engine_->alarm_date = date;
  engine_->alarm = simgrid::kernel::timer::Timer::set(clock, [engine = engine_.get()] { engine->ring(); });
}

void Network::run(Client& client) {
  if (idle()) return;
  engine_->client = &client;
  engine_->simgrid.run();
  engine_->client = nullptr;
  engine_->ended.reset();
}

}  // namespace kerf
