#pragma once
// A scenario's text as a tree, in the order of the text, every node with its place for error messages. The
// tree can be patched: --set and the conditions of a sweep put values at dotted keys. Copying a Document is
// cheap (a sweep copies it once a condition). Internal to scenarios/; toml_reader.cpp, the only user of
// toml++, makes the trees.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kerf::scenarios {

// Where a node was written: a line and a column of the file, or the override it came from.
struct Place {
  int line = 0;
  int column = 0;
  int origin = -1;  // index of an override's description; -1: the file
};

struct Node {
  enum class Kind { kTable, kArray, kText, kInteger, kReal, kBoolean, kDate };

  Kind kind = Kind::kTable;
  std::string key;  // in the table around it
  Place key_place;
  Place place;
  std::string text;  // kText: the value; for another scalar of an override: as it was written
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<Node> children;  // of tables and arrays; what overrides add stands last

  [[nodiscard]] bool is_table() const { return kind == Kind::kTable; }
  [[nodiscard]] const Node* find(std::string_view child) const;
  [[nodiscard]] Node* find(std::string_view child);
};

// For messages: "\"20ms\"", "4", "an array".
[[nodiscard]] std::string describe(const Node& node);

// `network."up.link".rtt` as its segments; Error(kUsage) where `whole`, the override, has a malformed key.
[[nodiscard]] std::vector<std::string> split_key(std::string_view key, std::string_view whole);

class Document {
 public:
  Document(std::string_view text, std::filesystem::path file);

  [[nodiscard]] const Node& root() const { return root_; }
  [[nodiscard]] const std::filesystem::path& file() const { return names_->file; }
  // A path in the file is relative to the file's folder.
  [[nodiscard]] std::filesystem::path resolve(std::string_view path) const;

  // "cameras.toml:12:9", or the override's description.
  [[nodiscard]] std::string where(const Place& place) const;

  // Puts `value` at a key, with all its nodes placed at `place`; tables on the way are made where missing.
  void patch(const std::vector<std::string>& path, Node value, const Place& place);
  // Describes an override, for the places of what it sets.
  [[nodiscard]] Place add_origin(std::string description);

  // [sweep] may be written with quoted keys or with dotted ones: both become one child a key.
  void flatten_sweep();

  // XXH64 over keys and values in their order; comments, spaces and the file's name do not count.
  [[nodiscard]] std::string hash() const;

 private:
  struct Names {
    std::filesystem::path file, folder;
  };
  std::shared_ptr<const Names> names_;
  Node root_;
  std::vector<std::string> origins_;
};

}  // namespace kerf::scenarios
