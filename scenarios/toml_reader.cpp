#include "scenarios/toml_reader.hpp"

// The library asserts what some malformed texts break ("[#"): such a text is an error of the text.
namespace kerf::scenarios {
[[noreturn]] static void refuse_unforeseen();
}
#undef NDEBUG
#define TOML_ASSERT(condition)                                \
  do {                                                        \
    if (!(condition)) ::kerf::scenarios::refuse_unforeseen(); \
  } while (false)
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/error.hpp"

namespace kerf::scenarios {
namespace {

// Far beyond any scenario; they keep a hostile text from exhausting the stack, which dotted keys would do
// (each dot is a table inside a table) and the library does not limit.
constexpr std::size_t kMostBytes = 4'000'000;
constexpr int kMostDots = 500;

Place place_of(const toml::source_region& region) {
  return {.line = static_cast<int>(region.begin.line), .column = static_cast<int>(region.begin.column)};
}

Node convert(const toml::node& from);

void convert_table(const toml::table& table, Node& node) {
  for (const auto& [key, child] : table) {
    Node& added = node.children.emplace_back(convert(child));
    added.key = key.str();
    added.key_place = place_of(key.source());
  }
  // toml++ sorts its tables by key; a scenario's order is that of its text.
  std::stable_sort(node.children.begin(), node.children.end(), [](const Node& a, const Node& b) {
    return std::pair(a.key_place.line, a.key_place.column) < std::pair(b.key_place.line, b.key_place.column);
  });
}

Node convert(const toml::node& from) {
  Node node;
  node.place = place_of(from.source());
  if (const auto* table = from.as_table()) {
    convert_table(*table, node);
  } else if (const auto* array = from.as_array()) {
    node.kind = Node::Kind::kArray;
    for (const toml::node& child : *array) node.children.push_back(convert(child));
  } else if (const auto* text = from.as_string()) {
    node.kind = Node::Kind::kText;
    node.text = text->get();
  } else if (const auto* integer = from.as_integer()) {
    node.kind = Node::Kind::kInteger;
    node.integer = integer->get();
  } else if (const auto* real = from.as_floating_point()) {
    node.kind = Node::Kind::kReal;
    node.real = real->get();
  } else if (const auto* boolean = from.as_boolean()) {
    node.kind = Node::Kind::kBoolean;
    node.boolean = boolean->get();
  } else {
    node.kind = Node::Kind::kDate;
  }
  return node;
}

[[noreturn]] void refuse(std::string where, std::string found) {
  throw Error(ErrorCode::kBadInput, std::move(where), std::move(found), "a TOML file",
              "see docs/scenario.md");
}

void check_limits(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes) refuse(name, fmt::format("{} bytes", text.size()));
  int dots = 0;
  for (const char c : text) {
    if (c == '\n' || c == ',' || c == '=' || c == '{' || c == '}') dots = 0;
    if (c == '.' && ++dots > kMostDots) {
      refuse(name, fmt::format("more than {} dots in one key or value", kMostDots));
    }
  }
}

std::string in_our_words(std::string_view description) {
  // The library names the key from a buffer that it has half overwritten.
  if (description.find("cannot redefine existing") != std::string_view::npos) {
    return "a key or a table for the second time";
  }
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (description.starts_with(kPrefix)) return fmt::format("in a {}", description.substr(kPrefix.size()));
  return std::string(description);
}

Node bare_text(std::string_view text) {
  Node node;
  node.kind = Node::Kind::kText;
  node.text = text;
  return node;
}

// Most values of overrides are bare text such as 20Mbps or 4/s, which a look at their letters tells without a
// failed parse: a TOML value that begins with a digit is a number or a date (and dates count as text).
bool is_quantity(std::string_view text) {
  return text.front() >= '0' && text.front() <= '9' &&
         text.find_first_of("/kMGTmsB") != std::string_view::npos &&
         text.find_first_of("x# \t\n") == std::string_view::npos;
}

}  // namespace

static void refuse_unforeseen() {
  throw std::runtime_error("malformed TOML");
}

Node parse_toml(std::string_view text, const std::string& name) {
  check_limits(text, name);
  try {
    return convert(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    const toml::source_position& at = error.source().begin;
    refuse(fmt::format("{}:{}:{}", name, at.line, at.column), in_our_words(error.description()));
  } catch (const std::runtime_error& error) {
    refuse(name, error.what());
  }
}

Node parse_toml_value(std::string_view text, const std::string& whole) {
  if (text.empty() || is_quantity(text)) return bare_text(text);
  check_limits(text, whole);
  try {
    const toml::table table = toml::parse(fmt::format("v = {}\n", text));
    const toml::node* value = table.get("v");
    if (table.size() != 1 || value == nullptr) return bare_text(text);
    Node node = convert(*value);
    if (node.kind == Node::Kind::kDate) return bare_text(text);
    if (node.kind != Node::Kind::kText) node.text = text;
    return node;
  } catch (const std::runtime_error&) {  // toml::parse_error is one
    return bare_text(text);
  }
}

}  // namespace kerf::scenarios
