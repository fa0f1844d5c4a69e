#include "scenarios/policy_section.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "scenarios/binder.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

constexpr Field<PolicyAxisName> kAxisName[] = {
    {"observes", Kind::kFixed, [](PolicyAxisName& p, const Value& v) { p.observes = v.text(); }},
};

// "1%" or 0.01.
double share(const Value& value) {
  constexpr std::string_view kExpected = "a share above 0 such as \"1%\" or 0.01";
  double found = 0;
  if (value.node().kind == Node::Kind::kText) {
    std::string text = value.text();
    if (text.back() != '%') value.refuse(kExpected);
    text.pop_back();
    const std::optional<double> percent = parse_number(text);
    if (!percent) value.refuse(kExpected);
    found = *percent / 100;
  } else {
    found = value.number(kAboveZero);
  }
  if (!(found > 0)) value.refuse(kExpected);
  return found;
}

constexpr Field<SweepSection> kGoal[] = {
    {"regret", Kind::kFixed, [](SweepSection& s, const Value& v) { s.regret = share(v); }},
    {"cells", Kind::kFixed,
     [](SweepSection& s, const Value& v) { s.policy_cells = static_cast<std::size_t>(v.whole(1)); }},
};

}  // namespace

void bind_policy(const Document& document, SweepSection& section) {
  const Node* const policy = document.root().find("policy");
  if (policy == nullptr) return;
  Node goal = as_table(document, *policy, "policy", "a table");
  for (const Node& child : goal.children) {
    if (!child.is_table()) continue;
    const std::string path = fmt::format("policy.{}", child.key);
    check_name(document, child, "policy");
    PolicyAxisName name{child.key, {}};
    bind_table<PolicyAxisName>(name, document, child, kAxisName, path);
    section.policy.push_back(std::move(name));
  }
  // Tables are axes, whatever their names; anything else is the goal's.
  std::erase_if(goal.children, [](const Node& child) { return child.is_table(); });
  bind_table<SweepSection>(section, document, goal, kGoal, "policy");
  if (goal.find("cells") != nullptr && !section.regret) section.regret = 0;  // as fine as the size allows
}

}  // namespace kerf::scenarios
