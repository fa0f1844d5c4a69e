#pragma once
// A value inside a JSON file that is not trusted: it knows its path (/measurements/3/2), and every access
// checks the type and the range and throws Error(kBadInput) with the file and that path. Private to this
// folder; the one place beside the writer that includes nlohmann-json. A node refers to its parent: keep
// parents alive, as nested calls do.
//
//   const double p20 = root.at("measurements").at(3).at(2).number(0, 1e6);

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace kerf {

class JsonNode {
 public:
  using Json = nlohmann::json;

  JsonNode(const Json& root, std::string_view file) : value_(root), file_(file) {}

  // The text as JSON: Error(kBadInput) with file:line:column for what is no JSON, is cut off, or names a key
  // twice.
  [[nodiscard]] static Json parse(const std::string& text, const std::string& file);

  [[nodiscard]] JsonNode at(std::string_view key) const;  // of an object; the key must be there
  [[nodiscard]] JsonNode at(std::size_t index) const;     // of an array; the index must be in range
  [[nodiscard]] std::size_t array_size() const;           // checks that it is an array
  // Checks that it is an object with exactly these keys.
  void check_keys(std::initializer_list<std::string_view> keys) const;

  [[nodiscard]] bool is_null() const { return value_.is_null(); }
  [[nodiscard]] double number(double least, double most) const;
  [[nodiscard]] int integer(int least, int most) const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string name() const;  // a text that is not empty
  [[nodiscard]] const Json& object() const;

  // Throws what is wrong with this very value.
  [[noreturn]] void refuse(const std::string& found, const std::string& expected) const;
  [[noreturn]] void refuse_value(const std::string& expected) const;  // found: the value itself, shortened

 private:
  JsonNode(const Json& value, const JsonNode& parent, std::string_view key, std::size_t index)
      : value_(value), file_(parent.file_), parent_(&parent), key_(key), index_(index) {}
  [[nodiscard]] std::string path() const;

  const Json& value_;
  std::string_view file_;
  const JsonNode* parent_ = nullptr;
  std::string_view key_;  // empty inside an array
  std::size_t index_ = 0;
};

}  // namespace kerf
