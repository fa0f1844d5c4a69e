#include "scenarios/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "scenarios/toml_reader.hpp"

namespace kerf::scenarios {
namespace {

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void put_at(Node& node, const Place& place) {
  node.key_place = place;
  node.place = place;
  for (Node& child : node.children) put_at(child, place);
}

// Keys and texts carry their length, so that no two trees write the same bytes.
void write_text(std::string_view text, std::string& out) {
  out += fmt::format("{}:", text.size());
  out += text;
}

void write(const Node& node, std::string& out) {
  write_text(node.key, out);
  out += static_cast<char>('a' + static_cast<int>(node.kind));
  switch (node.kind) {
    case Node::Kind::kTable:
    case Node::Kind::kArray:
      out += fmt::format("{}:", node.children.size());
      for (const Node& child : node.children) write(child, out);
      break;
    case Node::Kind::kText:
    case Node::Kind::kDate:
      write_text(node.text, out);
      break;
    case Node::Kind::kInteger:
      out += fmt::format("{};", node.integer);
      break;
    case Node::Kind::kReal:
      out += hex(std::bit_cast<std::uint64_t>(node.real));
      break;
    case Node::Kind::kBoolean:
      out += node.boolean ? '1' : '0';
      break;
  }
}

// A table in [sweep] is an axis when it says so itself (log, linear, points), otherwise part of a dotted key.
bool is_grid(const Node& table) {
  const auto names_a_grid = [](const Node& child) {
    return !child.is_table() && (child.key == "log" || child.key == "linear" || child.key == "points");
  };
  return table.children.empty() || std::any_of(table.children.begin(), table.children.end(), names_a_grid);
}

void flatten(Node&& node, const std::string& prefix, std::vector<Node>& out) {
  if (!prefix.empty()) node.key = prefix + "." + node.key;
  if (!node.is_table() || is_grid(node)) {
    out.push_back(std::move(node));
    return;
  }
  for (Node& child : node.children) flatten(std::move(child), node.key, out);
}

}  // namespace

const Node* Node::find(std::string_view child) const {
  const auto at =
      std::find_if(children.begin(), children.end(), [child](const Node& node) { return node.key == child; });
  return at == children.end() ? nullptr : &*at;
}

Node* Node::find(std::string_view child) {
  return const_cast<Node*>(std::as_const(*this).find(child));
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kTable:
      return "a table";
    case Node::Kind::kArray:
      return "an array";
    case Node::Kind::kText:
      return fmt::format("\"{}\"", node.text);
    case Node::Kind::kInteger:
      return fmt::format("{}", node.integer);
    case Node::Kind::kReal:
      return format_exact(node.real);
    case Node::Kind::kBoolean:
      return node.boolean ? "true" : "false";
    case Node::Kind::kDate:
      return "a date";
  }
  return {};
}

std::vector<std::string> split_key(std::string_view key, std::string_view whole) {
  const auto refuse = [&](std::string found) {
    throw Error(ErrorCode::kUsage, std::string(whole), std::move(found), "a key such as workload.rate",
                "quote a part that holds other characters than letters, digits, _ and -");
  };
  std::vector<std::string> segments;
  std::size_t at = 0;
  for (;;) {
    std::string segment;
    if (at < key.size() && (key[at] == '"' || key[at] == '\'')) {
      const std::size_t end = key.find(key[at], at + 1);
      if (end == std::string_view::npos) refuse("a quote in the key is not closed");
      segment = key.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      while (at < key.size() && is_bare(key[at])) segment += key[at++];
      if (segment.empty()) {
        refuse(at == key.size() ? "a key with an empty part" : fmt::format("\"{}\" in the key", key[at]));
      }
    }
    segments.push_back(std::move(segment));
    if (at == key.size()) return segments;
    if (key[at] != '.') refuse(fmt::format("\"{}\" in the key", key[at]));
    ++at;
  }
}

Document::Document(std::string_view text, std::filesystem::path file)
    : root_(parse_toml(text, file.string())) {
  std::filesystem::path folder = file.parent_path();
  names_ = std::make_shared<Names>(Names{std::move(file), std::move(folder)});
  flatten_sweep();
}

std::filesystem::path Document::resolve(std::string_view path) const {
  return (names_->folder / std::filesystem::path(path)).lexically_normal();
}

std::string Document::where(const Place& place) const {
  if (place.origin >= 0) return origins_[static_cast<std::size_t>(place.origin)];
  if (place.line == 0) return names_->file.string();
  return fmt::format("{}:{}:{}", names_->file.string(), place.line, place.column);
}

void Document::patch(const std::vector<std::string>& path, Node value, const Place& place) {
  put_at(value, place);
  Node* table = &root_;
  std::string reached;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!table->is_table()) {
      throw Error(ErrorCode::kBadInput, where(place), fmt::format("{} is {}", reached, describe(*table)),
                  fmt::format("a table that could hold {}", path[i]),
                  fmt::format("set {} as a whole: {}={{ {} = ... }}", reached, reached, path[i]));
    }
    reached += (i == 0 ? "" : ".") + path[i];
    Node* child = table->find(path[i]);
    if (child == nullptr) {
      child = &table->children.emplace_back();
      child->key = path[i];
      child->key_place = place;
      child->place = place;
    }
    table = child;
  }
  value.key = path.back();
  *table = std::move(value);
}

Place Document::add_origin(std::string description) {
  origins_.push_back(std::move(description));
  return {.origin = static_cast<int>(origins_.size()) - 1};
}

void Document::flatten_sweep() {
  Node* sweep = root_.find("sweep");
  if (sweep == nullptr || !sweep->is_table()) return;
  std::vector<Node> axes;
  for (Node& child : sweep->children) flatten(std::move(child), "", axes);
  sweep->children = std::move(axes);
  for (std::size_t i = 0; i < sweep->children.size(); ++i) {
    const Node& axis = sweep->children[i];
    if (sweep->find(axis.key) == &axis) continue;
    throw Error(ErrorCode::kBadInput, where(axis.key_place), fmt::format("\"{}\" is swept twice", axis.key),
                "each key once in [sweep]",
                fmt::format("the other one is at {}", where(sweep->find(axis.key)->key_place)));
  }
}

std::string Document::hash() const {
  std::string bytes;
  write(root_, bytes);
  return hex(xxh64(bytes));
}

}  // namespace kerf::scenarios
