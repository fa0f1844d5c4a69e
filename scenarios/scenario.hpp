#pragma once
// A scenario: the TOML file that says which model runs on which hosts, under what load, what to minimise and
// what to sweep (docs/scenario.md). ScenarioFile keeps the parsed text, takes overrides (`--set`, or one
// condition of the sweep) and binds it to a Scenario: plain data, checked, in base units, paths made relative
// to the file's folder.
//
//   ScenarioFile file("scenarios/quickstart.toml");
//   file.set("workload.rate", "2/s");
//   const Scenario scenario = file.bind();
//   simulate(file.bind(condition_at(scenario, 0)));  // the first of condition_count(scenario)
//
// Errors carry file:line:column (or the override's text): an unknown key names the nearest known one, a wrong
// type or unit says what was expected.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"
#include "planner/plans/plan.hpp"
#include "planner/plans/workload.hpp"

namespace kerf {

struct ModelSection {
  std::filesystem::path file;  // empty where only profiles are given
  std::string zoo;
  std::map<std::string, std::vector<std::int64_t>> shape;
  std::optional<Bytes>
      wire_bytes;  // input_wire.bytes: what a raw input costs to send; default: cut 0's bytes
  Seconds decode;  // input_wire.decode: to open it on the host that received it (not slowed down)
  int batch = 1;   // inputs that one request carries; all of the above are of one input
};

struct Power {
  Watts idle, busy, send;
};

struct HostClass {
  std::string name;          // letters, digits, _ and -, as in plans' text
  std::string where;         // file:line:column of its table, for later errors
  bool optional = false;     // true: a platform may be without it; then no plan uses it there
  std::string match;         // pattern over the platform's hosts; default: the class's name
  std::optional<int> count;  // how many of the matched hosts there are; default: all
  std::string tier;          // default: the class's name
  std::filesystem::path profile;
  double slowdown = 1;
  std::optional<int> threads;  // of one run: which rows of the profile count; default: the fewest measured
  int workers = 1;             // requests computed at once; more wait, first come first served
  double utilization = 0;      // [0, 1): share of the workers' time that other tenants take (random, Poisson)
  std::optional<Bytes> memory;
  Power power;
  double price = 0;  // of a second of computing, in any currency
};

// At most this much computing a request: a time, a share of what all hosts compute, or both.
struct ComputeCap {
  std::optional<Seconds> seconds;
  std::optional<double> share;  // 0.2: 20 %; transfers do not count
};

// Constraints on one host class or one tier, from [constraints]. Blocks by index ("12"), by name
// ("backbone.0": a block, or every block whose name starts with "backbone.0.") or range ("3-9"); resolved
// when the profile is known. Those of a tier hold for its classes together: a block that the tier must run
// runs on one of them.
struct PlaceConstraints {
  std::string name;
  bool is_tier = false;
  std::string where;
  std::vector<std::string> must_run;
  std::vector<std::string> must_not_run;
  std::optional<bool> used;     // used = true: some block runs there; false: none does
  std::optional<Bytes> upload;  // at most this many bytes a request leave it towards later stages
  ComputeCap compute;
};

// At most this many bytes a request cross the links of one network group, the way back included.
struct NetworkConstraints {
  std::string name;
  std::string where;
  std::optional<Bytes> bytes;
};

// Constraints on a plan as a whole, per request.
struct PlanConstraints {
  std::optional<Seconds> deadline;  // on the latency
  std::optional<Joules> energy;
  std::optional<double> price;
  // A cut, by index or by a tensor that crosses it: neither the input nor what is made before that cut leaves
  // the source. "": everything may.
  std::string private_until;
  std::string private_where;
};

// Which hosts may follow each other in a plan, from [plans].
struct PlanRules {
  bool any_order = false;     // false: each slice's tier ranks above the one before
  bool revisit = false;       // a host may run more than one slice; only in any order
  bool one_per_tier = false;  // at most one class of each tier is used; forward plans do so anyway
  std::optional<int> slices;  // at most so many
};

struct NetworkGroup {
  std::string name;
  std::string where;
  bool optional = false;           // true: a platform may be without its links
  std::vector<std::string> links;  // patterns over link base names; default: the group's name
  // What `kerf calibrate-link` wrote; empty where nothing was measured. It stands behind the keys below: each
  // of them that is given counts in its place.
  std::filesystem::path measured;
  std::string measured_where;
  std::optional<BytesPerSecond> up, down;
  std::optional<Seconds> delay;  // one way, each direction; rtt = "40ms" is a delay of 20 ms
  // (0, 1]: goodput over bandwidth, headers and all. Default: the measured one where the nominal bandwidth
  // was known when measuring, else 1.
  std::optional<double> efficiency;
  std::optional<Seconds> overhead;  // per message; default: the measured one, else 0
  double price = 0;  // of a byte that crosses one of its links, in the currency of hosts' price
};

enum class Statistic { kMean, kP50, kP95, kP99 };

// What a plan costs a request. The period is the time between requests that its busiest host or link needs:
// one over the throughput.
enum class Criterion { kLatency, kEnergy, kPrice, kPeriod };

struct WeightedCriterion {
  Criterion criterion = Criterion::kLatency;
  double weight = 1;  // per second, joule, unit of price or second of period
  auto operator<=>(const WeightedCriterion&) const = default;
};

struct Objective {
  Statistic latency = Statistic::kMean;  // minimize = "latency" or "latency.p95"
  // Weighted sums, the first to be least, then the second among equals, and so on. Empty: the latency.
  std::vector<std::vector<WeightedCriterion>> minimize;
  bool maximize_throughput = false;  // as written; minimize then holds the period
};

struct Axis {
  std::string key;              // "network.uplink.bandwidth"
  std::vector<Setting> points;  // ascending where numeric
  bool numeric = true;
  bool logarithmic = false;  // cells of the policy table meet at geometric means
  std::string unit;          // base unit of `number`: "B/s", "s", "" ...
};

struct PolicyAxisName {
  std::string name;      // "goodput"
  std::string observes;  // a key of [sweep]
};

struct SweepSection {
  std::vector<Axis> axes;  // in the file's order
  int candidates = 5;      // at least so many plans are considered a condition, beside all-on-one-host plans
  std::vector<std::string> plans;  // where given: exactly these are, and none is ruled out; as plans' text
  std::string plans_where;
  std::vector<PolicyAxisName> policy;
  // The table of an unloaded sweep gets more points until no random condition is answered at a higher price,
  // relative to its best plan, or until it would have more cells. No value: the table has the axes' points.
  std::optional<double> regret;
  std::size_t policy_cells = 65'536;
};

struct Scenario {
  std::string name;
  std::filesystem::path file;
  std::string text_hash;  // of the bound content (file and overrides, not the condition): guards a resume
  ModelSection model;
  std::filesystem::path platform;
  std::string platform_where;    // file:line:column of its name
  std::vector<HostClass> hosts;  // in the file's order
  std::vector<NetworkGroup> networks;
  Workload workload;
  Objective objective;
  PlanRules rules;
  std::vector<PlaceConstraints> constraints;
  std::vector<NetworkConstraints> network_constraints;
  PlanConstraints plan_constraints;
  SweepSection sweep;
};

class ScenarioFile {
 public:
  explicit ScenarioFile(const std::filesystem::path& file);
  ScenarioFile(const std::string& text, const std::filesystem::path& named);  // text that stands for a file
  ScenarioFile(ScenarioFile&&) noexcept;
  ScenarioFile& operator=(ScenarioFile&&) noexcept;
  ~ScenarioFile();

  // `value` as TOML would hold it; text that is no TOML, such as 20Mbps, is taken as a string. What stands
  // behind "sweep." is one key: sweep.network.uplink.rtt. Error(kUsage) for a malformed key; unknown keys and
  // wrong values are found by bind(). A refused set() changes nothing.
  void set(std::string_view key, std::string_view value);
  void set(std::string_view assignment);  // "KEY=VALUE"

  // Checks everything, each point of the sweep included.
  [[nodiscard]] Scenario bind() const;
  // The same with the condition's settings in place, as set() would do it; about 0.1 ms. Any number of
  // threads may bind one file.
  [[nodiscard]] Scenario bind(const Condition& condition) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

// The product of the scenario's axes, the last axis fastest; one empty condition where there are no axes.
[[nodiscard]] std::size_t condition_count(const Scenario& scenario);
[[nodiscard]] Condition condition_at(const Scenario& scenario, std::size_t index);

}  // namespace kerf
