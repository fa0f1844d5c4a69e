#include "platforms/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf::platforms {
namespace {

enum class Use { kRequired, kOptional, kTraceFile };

struct AttributeRule {
  std::string name;
  Use use = Use::kOptional;
};

struct ElementRule {
  std::string name;
  std::vector<AttributeRule> attributes;
  std::vector<std::string> children;
  std::string instead;  // not empty: unsupported, and what to do
};

constexpr std::string_view kConstant =
    "give the hosts and links constant values and sweep over bandwidths instead";

const std::vector<ElementRule>& rules() {
  using enum Use;
  static const std::vector<ElementRule> table{
      {"platform", {{"version", kRequired}}, {"config", "zone", "cluster"}, ""},
      {"config", {{"id"}}, {"prop"}, ""},
      {"prop", {{"id", kRequired}, {"value", kRequired}}, {}, ""},
      {"zone",
       {{"id", kRequired}, {"routing", kRequired}},
       {"prop", "zone", "cluster", "zoneRoute", "bypassZoneRoute", "host", "router", "link", "route",
        "bypassRoute", "host_link", "cabinet", "backbone"},
       ""},
      {"host",
       {{"id", kRequired},
        {"speed", kRequired},
        {"core"},
        {"pstate"},
        {"coordinates"},
        {"speed_file", kTraceFile},
        {"availability_file", kTraceFile},
        {"state_file", kTraceFile}},
       {"prop", "disk"},
       ""},
      {"disk", {{"id"}, {"read_bw", kRequired}, {"write_bw", kRequired}}, {"prop"}, ""},
      {"router", {{"id", kRequired}, {"coordinates"}}, {}, ""},
      {"link",
       {{"id", kRequired},
        {"bandwidth", kRequired},
        {"latency"},
        {"sharing_policy"},
        {"bandwidth_file", kTraceFile},
        {"latency_file", kTraceFile},
        {"state_file", kTraceFile}},
       {"prop"},
       ""},
      {"backbone", {{"id", kRequired}, {"bandwidth", kRequired}, {"latency", kRequired}}, {}, ""},
      {"host_link", {{"id", kRequired}, {"up", kRequired}, {"down", kRequired}}, {}, ""},
      {"cabinet",
       {{"id", kRequired},
        {"prefix", kRequired},
        {"suffix", kRequired},
        {"radical", kRequired},
        {"speed", kRequired},
        {"bw", kRequired},
        {"lat", kRequired}},
       {},
       ""},
      {"cluster",
       {{"id", kRequired},
        {"prefix", kRequired},
        {"suffix", kRequired},
        {"radical", kRequired},
        {"speed", kRequired},
        {"core"},
        {"bw", kRequired},
        {"lat", kRequired},
        {"sharing_policy"},
        {"topology"},
        {"topo_parameters"},
        {"bb_bw"},
        {"bb_lat"},
        {"bb_sharing_policy"},
        {"router_id"},
        {"limiter_link"},
        {"loopback_bw"},
        {"loopback_lat"}},
       {"prop"},
       ""},
      {"route", {{"src", kRequired}, {"dst", kRequired}, {"symmetrical"}}, {"link_ctn"}, ""},
      {"zoneRoute",
       {{"src", kRequired},
        {"dst", kRequired},
        {"gw_src", kRequired},
        {"gw_dst", kRequired},
        {"symmetrical"}},
       {"link_ctn"},
       ""},
      {"bypassRoute", {{"src", kRequired}, {"dst", kRequired}}, {"link_ctn"}, ""},
      {"bypassZoneRoute",
       {{"src", kRequired}, {"dst", kRequired}, {"gw_src", kRequired}, {"gw_dst", kRequired}},
       {"link_ctn"},
       ""},
      {"link_ctn", {{"id", kRequired}, {"direction"}}, {}, ""},

      {"include", {}, {}, "SimGrid removed it in 3.18: put everything into one file"},
      {"peer", {}, {}, "it needs Vivaldi coordinates: write <host>, <link> and <route>"},
      {"trace", {}, {}, std::string(kConstant)},
      {"trace_connect", {}, {}, std::string(kConstant)},
      {"storage", {}, {}, "SimGrid removed it in 3.27: Kerf needs no storage"},
      {"storage_type", {}, {}, "SimGrid removed it in 3.27: Kerf needs no storage"},
      {"mount", {}, {}, "SimGrid removed it in 3.27: Kerf needs no storage"},
      {"random", {}, {}, "it does nothing in SimGrid: remove it"},
      {"model_prop", {}, {}, "it does nothing in SimGrid: remove it"},
      {"actor", {}, {}, "a platform file holds no actors: a scenario says what runs where"},
      {"process", {}, {}, "a platform file holds no actors: a scenario says what runs where"},
  };
  return table;
}

const ElementRule* find_rule(std::string_view name) {
  for (const ElementRule& rule : rules()) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known,
                         std::string_view quote) {
  const std::string best = nearest(name, known);
  if (best.empty()) return "";
  return quote == "<" ? fmt::format("did you mean <{}>?", best) : fmt::format("did you mean {}?", best);
}

class Checker {
 public:
  explicit Checker(const std::string& file) : file_(file) {}

  void element(const Element& element, const ElementRule& rule) const {
    for (const Attribute& attribute : element.attributes) this->attribute(element, attribute, rule);
    for (const AttributeRule& required : rule.attributes) {
      if (required.use == Use::kRequired && element.find(required.name) == nullptr) {
        bad(element.place, fmt::format("<{}> has no {}", element.name, required.name));
      }
    }
    if (element.has_text) bad(element.place, fmt::format("text inside <{}>", element.name), "elements only");
    for (const Element& child : element.children) this->child(element, child, rule);
  }

 private:
  void attribute(const Element& element, const Attribute& attribute, const ElementRule& rule) const {
    std::vector<std::string> known;
    for (const AttributeRule& own : rule.attributes) {
      if (own.name == attribute.name) {
        if (own.use != Use::kTraceFile || attribute.value.empty()) return;
        throw Error(ErrorCode::kUnsupported, where(file_, attribute.place),
                    fmt::format("<{}> has a {}, a trace of changes over time", element.name, attribute.name),
                    "", std::string(kConstant));
      }
      known.push_back(own.name);
    }
    bad(attribute.place, fmt::format("<{}> has an unknown attribute {}", element.name, attribute.name),
        known.empty() ? "no attributes" : fmt::format("one of {}", fmt::join(known, ", ")),
        did_you_mean(attribute.name, known, ""));
  }

  void child(const Element& parent, const Element& child, const ElementRule& rule) const {
    const std::string_view name = present_name(child.name);
    const ElementRule* const own = find_rule(name);
    if (own != nullptr && !own->instead.empty()) {
      throw Error(ErrorCode::kUnsupported, where(file_, child.place),
                  fmt::format("<{}> is not supported", child.name), "", own->instead);
    }
    if (own == nullptr ||
        std::find(rule.children.begin(), rule.children.end(), name) == rule.children.end()) {
      bad(child.place,
          own == nullptr ? fmt::format("unknown element <{}> in <{}>", child.name, parent.name)
                         : fmt::format("<{}> cannot stand in <{}>", child.name, parent.name),
          rule.children.empty() ? fmt::format("nothing inside <{}>", parent.name)
                                : fmt::format("one of {}", fmt::join(rule.children, ", ")),
          own == nullptr ? did_you_mean(child.name, rule.children, "<") : "");
    }
    element(child, *own);
  }

  [[noreturn]] void bad(Place place, std::string found, std::string expected = {},
                        std::string hint = {}) const {
    throw Error(ErrorCode::kBadInput, where(file_, place), std::move(found), std::move(expected),
                std::move(hint));
  }

  const std::string& file_;
};

}  // namespace

std::string_view present_name(std::string_view element) {
  if (element == "AS") return "zone";
  if (element == "ASroute") return "zoneRoute";
  if (element == "bypassASroute") return "bypassZoneRoute";
  return element;
}

void check(const Element& platform, const std::string& file) {
  if (platform.name != "platform") {
    throw Error(ErrorCode::kBadInput, where(file, platform.place),
                fmt::format("the outermost element is <{}>", platform.name), "<platform version=\"4.1\">",
                "name a SimGrid platform file");
  }
  Checker(file).element(platform, *find_rule("platform"));
}

}  // namespace kerf::platforms
