#include "scenarios/sweep_axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "scenarios/axis_reader.hpp"
#include "scenarios/fields.hpp"
#include "scenarios/policy_section.hpp"
#include "scenarios/toml_reader.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

constexpr double kMostConditions = 1e9;

Kind kind_of_axis(const Document& document, const Node& axis, const Scenario& scenario) {
  const std::optional<Kind> kind = kind_of(axis.key, scenario);
  if (kind && *kind != Kind::kFixed) return *kind;
  std::vector<std::string> known = sweepable_keys(scenario);
  known.emplace_back("candidates");
  known.emplace_back("plans");
  throw Error(ErrorCode::kBadInput, document.where(axis.key_place),
              kind ? fmt::format("\"{}\" in [sweep] is the same for all conditions", axis.key)
                   : fmt::format("unknown key \"{}\" in [sweep]", axis.key),
              kind ? "a key that holds a number, a quantity or a name of the platform, a host or a profile"
                   : "a key of this scenario, in quotes",
              did_you_mean(axis.key, known));
}

// Setting one key would undo the other: the order of the axes would decide.
void check_overlap(const Document& document, const Node& sweep, const std::vector<Axis>& axes) {
  for (const Axis& inner : axes) {
    for (const Axis& outer : axes) {
      if (!inner.key.starts_with(outer.key + ".")) continue;
      throw Error(ErrorCode::kBadInput, document.where(sweep.find(inner.key)->key_place),
                  fmt::format("\"{}\" is swept, and so is \"{}\"", inner.key, outer.key), "one of them");
    }
  }
}

void check_policy(const Document& document, const SweepSection& sweep) {
  std::vector<std::string> keys;
  for (const Axis& axis : sweep.axes) keys.push_back(axis.key);
  for (std::size_t i = 0; i < sweep.policy.size(); ++i) {
    const PolicyAxisName& entry = sweep.policy[i];
    const Node& table = *document.root().find("policy")->find(entry.name);
    const auto refuse = [&](std::string found, std::string expected, std::string hint) {
      const Node* observes = table.find("observes");
      throw Error(ErrorCode::kBadInput,
                  document.where(observes == nullptr ? table.key_place : observes->place), std::move(found),
                  std::move(expected), std::move(hint));
    };
    if (entry.observes.empty()) {
      refuse(fmt::format("policy.{} observes nothing", entry.name), "observes = \"KEY\", a key of [sweep]",
             "");
    }
    if (std::find(keys.begin(), keys.end(), entry.observes) == keys.end()) {
      refuse(fmt::format("policy.{} observes \"{}\", which is not swept", entry.name, entry.observes),
             keys.empty() ? "a key of [sweep]" : listed(keys), did_you_mean(entry.observes, keys));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (sweep.policy[j].observes != entry.observes) continue;
      refuse(fmt::format("policy.{} observes \"{}\", as policy.{} does", entry.name, entry.observes,
                         sweep.policy[j].name),
             "one name an axis", "");
    }
  }
}

}  // namespace

SweepSection bind_sweep(const Document& document, const Scenario& scenario) {
  SweepSection section;
  if (const Node* sweep = document.root().find("sweep")) {
    if (!sweep->is_table()) {
      throw Error(ErrorCode::kBadInput, document.where(sweep->place),
                  fmt::format("sweep is {}", describe(*sweep)), "a table");
    }
    double conditions = 1;
    for (const Node& child : sweep->children) {
      if (child.key == "candidates") {
        section.candidates = Value(document, child, "sweep", "candidates").whole(1);
        continue;
      }
      if (child.key == "plans") {
        const Value plans(document, child, "sweep", "plans");
        section.plans = plans.texts();
        section.plans_where = plans.where();
        continue;
      }
      section.axes.push_back(read_axis(document, child, kind_of_axis(document, child, scenario)));
      conditions *= static_cast<double>(section.axes.back().points.size());
      if (conditions > kMostConditions) {
        throw Error(ErrorCode::kBadInput, document.where(child.key_place),
                    fmt::format("the axes up to {} make {:.3g} conditions", child.key, conditions),
                    fmt::format("at most {:.0e}", kMostConditions), "sweep fewer points");
      }
    }
    check_overlap(document, *sweep, section.axes);
  }
  bind_policy(document, section);
  check_policy(document, section);
  return section;
}

void apply(const Setting& setting, const Place& place, Document& document) {
  const std::string whole = setting.key + "=" + setting.text;
  // A name is text whatever it looks like.
  Node value;
  if (std::isnan(setting.number)) {
    value.kind = Node::Kind::kText;
    value.text = setting.text;
  } else {
    value = parse_toml_value(setting.text, whole);
  }
  document.patch(split_key(setting.key, whole), std::move(value), place);
}

void try_points(const Document& document, const SweepSection& sweep) {
  const auto place_of = [&](const Axis& axis, std::size_t point) {
    const Node& node = *document.root().find("sweep")->find(axis.key);
    return node.is_table() ? node.place : node.children[point].place;
  };
  for (const Axis& axis : sweep.axes) {
    for (std::size_t i = 0; i < axis.points.size(); ++i) {
      Document patched = document;
      apply(axis.points[i], place_of(axis, i), patched);
      static_cast<void>(bind_content(patched));
    }
  }
  for (const bool last : {false, true}) {
    Document patched = document;
    for (const Axis& axis : sweep.axes) {
      const std::size_t i = last ? axis.points.size() - 1 : 0;
      apply(axis.points[i], place_of(axis, i), patched);
    }
    static_cast<void>(bind_content(patched));
  }
}

}  // namespace kerf::scenarios
