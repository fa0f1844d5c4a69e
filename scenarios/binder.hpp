#pragma once
// Binds tables of the document to structs by tables of fields: a field says a key's name, what it holds and
// how it gets into the struct. Whatever is in the document but in no table of fields is refused with the
// nearest name. Internal to scenarios/.

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/document.hpp"
#include "scenarios/fields.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {

template <class Section>
struct Field {
  std::string_view name;  // within the section; with a dot where it lies in a table of the section
  Kind kind;
  void (*read)(Section&, const Value&);
};
template <class Section>
using Fields = std::span<const Field<Section>>;

// `table` is "" for the file itself.
[[noreturn]] void refuse_unknown(const Document& document, const Node& node, std::string_view table,
                                 std::span<const std::string> known);
// The node, which must be a table.
const Node& as_table(const Document& document, const Node& node, std::string_view path,
                     std::string_view expected);
// Of [hosts.NAME] and the like: plans and swept keys are written with it.
void check_name(const Document& document, const Node& node, std::string_view group);

// Names of what may stand in a section, or in the table `prefix` of it: up to the next dot, each once.
template <class Section>
std::vector<std::string> names_in(Fields<Section> fields, std::string_view prefix) {
  std::vector<std::string> names;
  for (const auto& field : fields) {
    if (!field.name.starts_with(prefix)) continue;
    std::string name(field.name.substr(prefix.size(), field.name.find('.', prefix.size()) - prefix.size()));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

// `path` is the section's dotted name. `prefix` is that of a table within it, with its dot: "power.".
template <class Section>
void bind_table(Section& section, const Document& document, const Node& table, Fields<Section> fields,
                std::string_view path, const std::string& prefix = {}) {
  for (const Node& child : table.children) {
    const std::string name = prefix + child.key;
    const auto is_named = [&](const auto& field) { return field.name == name; };
    const auto is_inside = [&](const auto& field) {
      return field.name.size() > name.size() && field.name.starts_with(name) &&
             field.name[name.size()] == '.';
    };
    const auto field = std::find_if(fields.begin(), fields.end(), is_named);
    const bool holds_table = std::any_of(fields.begin(), fields.end(), is_inside);
    if (holds_table && (child.is_table() || field == fields.end())) {
      const std::vector<std::string> inside = names_in(fields, name + ".");
      as_table(document, child, fmt::format("{}.{}", path, name),
               fmt::format("a table with {}", listed(inside)));
      bind_table(section, document, child, fields, path, name + ".");
    } else if (field != fields.end()) {
      field->read(section, Value(document, child, path, field->name));
    } else {
      const std::string place = prefix.empty()
                                    ? std::string(path)
                                    : fmt::format("{}.{}", path, prefix.substr(0, prefix.size() - 1));
      refuse_unknown(document, child, place, names_in(fields, prefix));
    }
  }
}

template <class Section>
void bind_one(Section& section, const Document& document, std::string_view name, Fields<Section> fields) {
  const Node* node = document.root().find(name);
  if (node == nullptr) return;
  bind_table(section, document, as_table(document, *node, name, "a table"), fields, name);
}

// [hosts.camera], [network.uplink], ...: one Section a table, made by `make(name, where)`.
template <class Section, class Make>
std::vector<Section> bind_named(const Document& document, std::string_view group, Fields<Section> fields,
                                Make make) {
  std::vector<Section> sections;
  const Node* node = document.root().find(group);
  if (node == nullptr) return sections;
  for (const Node& child : as_table(document, *node, group, "a table of tables").children) {
    const std::string path = fmt::format("{}.{}", group, child.key);
    check_name(document, child, group);
    Section section = make(child.key, document.where(child.key_place));
    bind_table(section, document, as_table(document, child, path, "a table"), fields, path);
    sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace kerf::scenarios
