#include "scenarios/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "scenarios/binder.hpp"
#include "scenarios/checks.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

constexpr std::array<std::pair<std::string_view, Arrivals>, 4> kArrivals{{{"single", Arrivals::kSingle},
                                                                          {"closed", Arrivals::kClosed},
                                                                          {"periodic", Arrivals::kPeriodic},
                                                                          {"poisson", Arrivals::kPoisson}}};
constexpr std::array<std::pair<std::string_view, Statistic>, 5> kStatistics{
    {{"latency", Statistic::kMean},
     {"latency.mean", Statistic::kMean},
     {"latency.p50", Statistic::kP50},
     {"latency.p95", Statistic::kP95},
     {"latency.p99", Statistic::kP99}}};

constexpr Field<Scenario> kScenario[] = {
    {"name", Kind::kFixed, [](Scenario& s, const Value& v) { s.name = v.text(); }},
};
constexpr Field<ModelSection> kModel[] = {
    {"file", Kind::kFixed, [](ModelSection& m, const Value& v) { m.file = v.path(); }},
    {"zoo", Kind::kFixed, [](ModelSection& m, const Value& v) { m.zoo = v.text(); }},
    {"shape", Kind::kFixed, [](ModelSection& m, const Value& v) { m.shape = v.shapes(); }},
    {"batch", Kind::kWhole, [](ModelSection& m, const Value& v) { m.batch = v.whole(1); }},
    {"input_wire.bytes", Kind::kBytes, [](ModelSection& m, const Value& v) { m.wire_bytes = v.bytes(); }},
    {"input_wire.decode", Kind::kSeconds, [](ModelSection& m, const Value& v) { m.decode = v.seconds(); }},
};
constexpr Field<Scenario> kPlatform[] = {
    {"file", Kind::kName,
     [](Scenario& s, const Value& v) {
       s.platform = v.path();
       s.platform_where = v.where();
     }},
};
constexpr Field<HostClass> kHost[] = {
    {"match", Kind::kName, [](HostClass& h, const Value& v) { h.match = v.text(); }},
    {"count", Kind::kWhole, [](HostClass& h, const Value& v) { h.count = v.whole(1); }},
    {"tier", Kind::kName, [](HostClass& h, const Value& v) { h.tier = v.text(); }},
    {"profile", Kind::kName, [](HostClass& h, const Value& v) { h.profile = v.path(); }},
    {"slowdown", Kind::kNumber, [](HostClass& h, const Value& v) { h.slowdown = v.number(kAboveZero); }},
    {"threads", Kind::kWhole, [](HostClass& h, const Value& v) { h.threads = v.whole(1); }},
    {"workers", Kind::kWhole, [](HostClass& h, const Value& v) { h.workers = v.whole(1); }},
    {"utilization", Kind::kNumber, [](HostClass& h, const Value& v) { h.utilization = v.number(kShare); }},
    {"memory", Kind::kBytes, [](HostClass& h, const Value& v) { h.memory = v.bytes(); }},
    {"power.idle", Kind::kWatts, [](HostClass& h, const Value& v) { h.power.idle = v.watts(); }},
    {"power.busy", Kind::kWatts, [](HostClass& h, const Value& v) { h.power.busy = v.watts(); }},
    {"power.send", Kind::kWatts, [](HostClass& h, const Value& v) { h.power.send = v.watts(); }},
    {"optional", Kind::kFixed, [](HostClass& h, const Value& v) { h.optional = v.boolean(); }},
};
constexpr Field<NetworkGroup> kNetwork[] = {
    {"links", Kind::kFixed, [](NetworkGroup& n, const Value& v) { n.links = v.texts(); }},
    {"measured", Kind::kName,
     [](NetworkGroup& n, const Value& v) {
       n.measured = v.path();
       n.measured_where = v.where();
     }},
    {"bandwidth", Kind::kBytesPerSecond,
     [](NetworkGroup& n, const Value& v) { n.up = n.down = v.bandwidth(); }},
    {"bandwidth.up", Kind::kBytesPerSecond, [](NetworkGroup& n, const Value& v) { n.up = v.bandwidth(); }},
    {"bandwidth.down", Kind::kBytesPerSecond,
     [](NetworkGroup& n, const Value& v) { n.down = v.bandwidth(); }},
    {"rtt", Kind::kSeconds, [](NetworkGroup& n, const Value& v) { n.delay = v.seconds() / 2; }},
    {"delay", Kind::kSeconds, [](NetworkGroup& n, const Value& v) { n.delay = v.seconds(); }},
    {"efficiency", Kind::kNumber,
     [](NetworkGroup& n, const Value& v) { n.efficiency = v.number(kFraction); }},
    {"overhead", Kind::kSeconds, [](NetworkGroup& n, const Value& v) { n.overhead = v.seconds(); }},
    {"optional", Kind::kFixed, [](NetworkGroup& n, const Value& v) { n.optional = v.boolean(); }},
};
constexpr Field<Workload> kWorkload[] = {
    {"source", Kind::kFixed, [](Workload& w, const Value& v) { w.source = v.text(); }},
    {"arrivals", Kind::kName, [](Workload& w, const Value& v) { w.arrivals = v.one_of(kArrivals); }},
    {"rate", Kind::kPerSecond, [](Workload& w, const Value& v) { w.rate = v.rate(); }},
    {"in_flight", Kind::kWhole, [](Workload& w, const Value& v) { w.in_flight = v.whole(1); }},
    {"requests", Kind::kWhole, [](Workload& w, const Value& v) { w.requests = v.whole(1); }},
    {"warmup", Kind::kWhole, [](Workload& w, const Value& v) { w.warmup = v.whole(0); }},
    {"seed", Kind::kWhole, [](Workload& w, const Value& v) { w.seed = v.seed(); }},
    {"return_result", Kind::kFixed, [](Workload& w, const Value& v) { w.return_result = v.boolean(); }},
    {"jitter", Kind::kFixed, [](Workload& w, const Value& v) { w.jitter = v.boolean(); }},
};
constexpr Field<Objective> kObjective[] = {
    {"minimize", Kind::kFixed, [](Objective& o, const Value& v) { o.latency = v.one_of(kStatistics); }},
};
constexpr Field<HostConstraints> kConstraints[] = {
    {"must_run", Kind::kFixed, [](HostConstraints& c, const Value& v) { c.must_run = v.blocks(); }},
    {"must_not_run", Kind::kFixed, [](HostConstraints& c, const Value& v) { c.must_not_run = v.blocks(); }},
    {"used", Kind::kFixed, [](HostConstraints& c, const Value& v) { c.used = v.boolean(); }},
    {"upload", Kind::kBytes, [](HostConstraints& c, const Value& v) { c.upload = v.bytes(); }},
};

void check_sections(const Document& document) {
  static const std::vector<std::string> known{"scenario", "model",     "platform",    "hosts", "network",
                                              "workload", "objective", "constraints", "sweep", "policy"};
  for (const Node& section : document.root().children) {
    if (std::find(known.begin(), known.end(), section.key) == known.end()) {
      refuse_unknown(document, section, "", known);
    }
  }
}

// Calls visit(section, instance, name, kind) for every key of this scenario; `instance` is "" for plain
// sections.
template <class Visit>
void for_each_key(const Scenario& scenario, Visit visit) {
  const auto all = [&visit](std::string_view section, std::string_view instance, auto fields) {
    for (const auto& field : fields) visit(section, instance, field.name, field.kind);
  };
  all("scenario", "", std::span(kScenario));
  all("model", "", std::span(kModel));
  all("platform", "", std::span(kPlatform));
  for (const HostClass& host : scenario.hosts) all("hosts", host.name, std::span(kHost));
  for (const NetworkGroup& network : scenario.networks) all("network", network.name, std::span(kNetwork));
  all("workload", "", std::span(kWorkload));
  all("objective", "", std::span(kObjective));
  for (const HostClass& host : scenario.hosts) all("constraints", host.name, std::span(kConstraints));
}

// Whether `key` is the parts joined by dots.
bool is_joined(std::string_view key, std::string_view section, std::string_view instance,
               std::string_view name) {
  for (const std::string_view part : {section, instance, name}) {
    if (part.empty()) continue;
    if (!key.starts_with(part)) return false;
    key.remove_prefix(part.size());
    if (key.empty()) return part.data() == name.data();
    if (key.front() != '.') return false;
    key.remove_prefix(1);
  }
  return false;
}

}  // namespace

Scenario bind_content(const Document& document) {
  check_sections(document);
  Scenario scenario;
  scenario.file = document.file();
  scenario.name = document.file().stem().string();
  bind_one<Scenario>(scenario, document, "scenario", kScenario);
  bind_one<ModelSection>(scenario.model, document, "model", kModel);
  bind_one<Scenario>(scenario, document, "platform", kPlatform);
  scenario.hosts =
      bind_named<HostClass>(document, "hosts", kHost, [](const std::string& name, std::string where) {
        HostClass host;
        host.name = host.match = host.tier = name;
        host.where = std::move(where);
        return host;
      });
  scenario.networks =
      bind_named<NetworkGroup>(document, "network", kNetwork, [](const std::string& name, std::string where) {
        NetworkGroup network;
        network.name = name;
        network.where = std::move(where);
        network.links = {name};
        return network;
      });
  bind_one<Workload>(scenario.workload, document, "workload", kWorkload);
  bind_one<Objective>(scenario.objective, document, "objective", kObjective);
  scenario.constraints = bind_named<HostConstraints>(document, "constraints", kConstraints,
                                                     [](const std::string& name, std::string where) {
                                                       HostConstraints constraints;
                                                       constraints.host = name;
                                                       constraints.where = std::move(where);
                                                       return constraints;
                                                     });
  check_content(document, scenario);
  return scenario;
}

std::optional<Kind> kind_of(std::string_view key, const Scenario& scenario) {
  std::optional<Kind> found;
  for_each_key(scenario,
               [&](std::string_view section, std::string_view instance, std::string_view name, Kind kind) {
                 if (!found && is_joined(key, section, instance, name)) found = kind;
               });
  return found;
}

std::vector<std::string> sweepable_keys(const Scenario& scenario) {
  std::vector<std::string> keys;
  for_each_key(scenario,
               [&](std::string_view section, std::string_view instance, std::string_view name, Kind kind) {
                 if (kind == Kind::kFixed) return;
                 keys.push_back(instance.empty() ? fmt::format("{}.{}", section, name)
                                                 : fmt::format("{}.{}.{}", section, instance, name));
               });
  return keys;
}

}  // namespace kerf::scenarios
