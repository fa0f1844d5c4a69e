#include "scenarios/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "scenarios/binder.hpp"
#include "scenarios/checks.hpp"
#include "scenarios/objective_reader.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

constexpr std::array<std::pair<std::string_view, Arrivals>, 4> kArrivals{{{"single", Arrivals::kSingle},
                                                                          {"closed", Arrivals::kClosed},
                                                                          {"periodic", Arrivals::kPeriodic},
                                                                          {"poisson", Arrivals::kPoisson}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> kOrders{{{"forward", false}, {"any", true}}};
constexpr std::array<std::pair<std::string_view, bool>, 1> kMaximized{{{"throughput", true}}};

// compute = "40ms", "30%", or both: ["40ms", "30%"].
void add_cap(ComputeCap& cap, const Value& value) {
  for (const ComputeCap& part : value.compute_caps()) {
    if (part.seconds) cap.seconds = part.seconds;
    if (part.share) cap.share = part.share;
  }
}

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
    {"price", Kind::kFixed, [](HostClass& h, const Value& v) { h.price = v.price_per_second(); }},
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
    {"price", Kind::kFixed, [](NetworkGroup& n, const Value& v) { n.price = v.price_per_byte(); }},
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
constexpr Field<PlanRules> kPlans[] = {
    {"order", Kind::kFixed, [](PlanRules& r, const Value& v) { r.any_order = v.one_of(kOrders); }},
    {"revisit", Kind::kFixed, [](PlanRules& r, const Value& v) { r.revisit = v.boolean(); }},
    {"one_per_tier", Kind::kFixed, [](PlanRules& r, const Value& v) { r.one_per_tier = v.boolean(); }},
    {"slices", Kind::kWhole, [](PlanRules& r, const Value& v) { r.slices = v.whole(1); }},
};
constexpr Field<Objective> kObjective[] = {
    {"minimize", Kind::kFixed, [](Objective& o, const Value& v) { read_minimize(o, v); }},
    {"maximize", Kind::kFixed,
     [](Objective& o, const Value& v) { o.maximize_throughput = v.one_of(kMaximized); }},
};
constexpr Field<PlaceConstraints> kConstraints[] = {
    {"must_run", Kind::kFixed, [](PlaceConstraints& c, const Value& v) { c.must_run = v.blocks(); }},
    {"must_not_run", Kind::kFixed, [](PlaceConstraints& c, const Value& v) { c.must_not_run = v.blocks(); }},
    {"used", Kind::kFixed, [](PlaceConstraints& c, const Value& v) { c.used = v.boolean(); }},
    {"upload", Kind::kBytes, [](PlaceConstraints& c, const Value& v) { c.upload = v.bytes(); }},
    {"compute", Kind::kFixed, [](PlaceConstraints& c, const Value& v) { add_cap(c.compute, v); }},
};
constexpr Field<NetworkConstraints> kNetworkConstraints[] = {
    {"bytes", Kind::kBytes, [](NetworkConstraints& c, const Value& v) { c.bytes = v.bytes(); }},
};
constexpr Field<PlanConstraints> kPlanConstraints[] = {
    {"deadline", Kind::kSeconds, [](PlanConstraints& c, const Value& v) { c.deadline = v.seconds(); }},
    {"energy", Kind::kFixed, [](PlanConstraints& c, const Value& v) { c.energy = v.joules(); }},
    {"price", Kind::kNumber, [](PlanConstraints& c, const Value& v) { c.price = v.number(kFromZero); }},
    {"private_until", Kind::kFixed,
     [](PlanConstraints& c, const Value& v) {
       c.private_until = v.cut();
       c.private_where = v.where();
     }},
};

void check_sections(const Document& document) {
  static const std::vector<std::string> known{"scenario",    "model",    "platform", "hosts",
                                              "network",     "workload", "plans",    "objective",
                                              "constraints", "sweep",    "policy"};
  for (const Node& section : document.root().children) {
    if (std::find(known.begin(), known.end(), section.key) == known.end()) {
      refuse_unknown(document, section, "", known);
    }
  }
}

template <class Constraints>
Constraints constraints_on(const Document& document, const Node& node, const std::string& path,
                           Fields<Constraints> fields) {
  check_name(document, node, "constraints");
  Constraints constraints;
  constraints.name = node.key;
  constraints.where = document.where(node.key_place);
  bind_table(constraints, document, as_table(document, node, path, "a table"), fields, path);
  return constraints;
}

// [constraints] holds what counts for the whole plan as plain keys; a table is that of a host class or, where
// no class has its name, of a tier. tier.NAME and network.NAME say which is meant.
void bind_constraints(const Document& document, Scenario& scenario) {
  const Node* const node = document.root().find("constraints");
  if (node == nullptr) return;
  Node plain = as_table(document, *node, "constraints", "a table");
  const auto is_class = [&](const std::string& name) {
    return std::any_of(scenario.hosts.begin(), scenario.hosts.end(),
                       [&](const HostClass& host) { return host.name == name; });
  };
  const auto places = [&](const Node& table, const std::string& path, bool tier) {
    scenario.constraints.push_back(constraints_on<PlaceConstraints>(
        document, table, fmt::format("{}.{}", path, table.key), kConstraints));
    scenario.constraints.back().is_tier = tier;
  };
  for (const Node& child : node->children) {
    const std::string path = fmt::format("constraints.{}", child.key);
    if (child.key == "tier" && !is_class(child.key)) {
      for (const Node& tier : as_table(document, child, path, "a table of tiers").children) {
        places(tier, path, true);
      }
    } else if (child.key == "network" && !is_class(child.key)) {
      for (const Node& group : as_table(document, child, path, "a table of network groups").children) {
        scenario.network_constraints.push_back(constraints_on<NetworkConstraints>(
            document, group, fmt::format("{}.{}", path, group.key), kNetworkConstraints));
      }
    } else if (child.is_table()) {
      places(child, "constraints", !is_class(child.key));
    }
  }
  std::erase_if(plain.children, [](const Node& child) { return child.is_table(); });
  bind_table<PlanConstraints>(scenario.plan_constraints, document, plain, kPlanConstraints, "constraints");
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
  all("plans", "", std::span(kPlans));
  all("objective", "", std::span(kObjective));
  all("constraints", "", std::span(kPlanConstraints));
  for (const HostClass& host : scenario.hosts) {
    all("constraints", host.name, std::span(kConstraints));
    if (host.tier != host.name) all("constraints", host.tier, std::span(kConstraints));
    all("constraints.tier", host.tier, std::span(kConstraints));
  }
  for (const NetworkGroup& network : scenario.networks) {
    all("constraints.network", network.name, std::span(kNetworkConstraints));
  }
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
  bind_one<PlanRules>(scenario.rules, document, "plans", kPlans);
  bind_constraints(document, scenario);
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
