#include "calibrate/profile/json_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr const char* kHint = "the file is damaged or was changed by hand: calibrate (or import) again";

std::string line_and_column(const std::string& text, std::size_t offset) {
  const auto here = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  const auto line = std::count(text.begin(), here, '\n') + 1;
  const auto start = std::find(std::make_reverse_iterator(here), text.rend(), '\n').base();
  return fmt::format("{}:{}", line, here - start + 1);
}

// Shortened to what fits in a message.
std::string shown(const nlohmann::json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("an array of {}", value.size());
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

JsonNode::Json JsonNode::parse(const std::string& text, const std::string& file) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw Error(ErrorCode::kBadInput, file, "the file is empty", "what kerf wrote, in JSON", kHint);
  }
  // A later value of a key given twice would silently replace the earlier.
  std::vector<std::set<std::string>> keys;
  const auto check_keys_once = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      throw Error(ErrorCode::kBadInput, file,
                  fmt::format("the key {} stands twice in one object", shown(value)), "each key once", kHint);
    }
    return true;
  };
  try {
    return Json::parse(text, check_keys_once);
  } catch (const Json::parse_error& error) {
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    const bool cut_off = offset >= text.size();
    throw Error(ErrorCode::kBadInput, file + ":" + line_and_column(text, offset),
                cut_off ? "the file ends in the middle" : "not JSON from here on", "what kerf wrote, in JSON",
                kHint);
  } catch (const Json::out_of_range&) {
    throw Error(ErrorCode::kBadInput, file, "a number beyond what a double can hold", "finite numbers",
                kHint);
  }
}

std::string JsonNode::path() const {
  if (parent_ == nullptr) return "";
  return parent_->path() + "/" + (key_.empty() ? fmt::format("{}", index_) : std::string(key_));
}

void JsonNode::refuse(const std::string& found, const std::string& expected) const {
  const std::string at = path();
  throw Error(ErrorCode::kBadInput, at.empty() ? std::string(file_) : fmt::format("{}: {}", file_, at), found,
              expected, kHint);
}

void JsonNode::refuse_value(const std::string& expected) const {
  refuse(shown(value_), expected);
}

JsonNode JsonNode::at(std::string_view key) const {
  const Json& found = object();
  const auto item = found.find(key);
  if (item == found.end()) refuse(fmt::format("no key \"{}\"", key), "an object that has it");
  return {*item, *this, key, 0};
}

JsonNode JsonNode::at(std::size_t index) const {
  if (index >= array_size()) refuse(shown(value_), fmt::format("at least {} items", index + 1));
  return {value_[index], *this, {}, index};
}

std::size_t JsonNode::array_size() const {
  if (!value_.is_array()) refuse_value("an array");
  return value_.size();
}

const JsonNode::Json& JsonNode::object() const {
  if (!value_.is_object()) refuse_value("an object");
  return value_;
}

void JsonNode::check_keys(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) static_cast<void>(at(key));
  const std::vector<std::string> known(keys.begin(), keys.end());
  for (const auto& [key, item] : value_.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string meant = nearest(key, known);
    refuse(fmt::format("unknown key {}", shown(key)),
           meant.empty() ? "only the keys that docs/ describes" : fmt::format("\"{}\" perhaps", meant));
  }
}

double JsonNode::number(double least, double most) const {
  const double value = value_.is_number() ? value_.get<double>() : std::nan("");
  if (!(value >= least && value <= most)) {
    refuse_value(fmt::format("a number from {} to {}", format_exact(least), format_exact(most)));
  }
  return value;
}

int JsonNode::integer(int least, int most) const {
  const double value = value_.is_number_integer() ? value_.get<double>() : std::nan("");
  if (!(value >= least && value <= most))
    refuse_value(fmt::format("a whole number from {} to {}", least, most));
  return static_cast<int>(value);
}

std::string JsonNode::text() const {
  if (!value_.is_string()) refuse_value("a text");
  return value_.get<std::string>();
}

std::string JsonNode::name() const {
  if (!value_.is_string() || value_.get_ref<const std::string&>().empty())
    refuse_value("a text that is not empty");
  return value_.get<std::string>();
}

}  // namespace kerf
