#include "calibrate/profile/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/error.hpp"

namespace kerf {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLineWidth = 110;

bool is_row_of_numbers(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
}

// Numbers stand on one line however many, and so does a small object or array; rows stand each on its own.
void print(const Json& value, std::size_t indent, std::string& text) {
  const bool has_rows = value.is_array() && !value.empty() && value.front().is_structured();
  const std::string line = value.dump();
  if (!value.is_structured() || is_row_of_numbers(value) ||
      (!has_rows && indent + line.size() <= kLineWidth)) {
    text += line;
    return;
  }
  const char* separator = value.is_object() ? "{\n" : "[\n";
  for (const auto& [key, item] : value.items()) {
    text += separator;
    text.append(indent + 1, ' ');
    if (value.is_object()) text += Json(key).dump() + ": ";
    print(item, indent + 1, text);
    separator = ",\n";
  }
  text += '\n';
  text.append(indent, ' ');
  text += value.is_object() ? '}' : ']';
}

}  // namespace

Json whole_if_possible(double value) {
  if (value == std::floor(value) && std::abs(value) <= 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

std::string json_text(const Json& document, const std::string& where, const std::string& hint) {
  std::string text;
  try {
    print(document, 0, text);
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::kUnsupported, where, "a name that is not UTF-8 text", "names that JSON can hold",
                hint);
  }
  return text + '\n';
}

}  // namespace kerf
