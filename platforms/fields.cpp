#include "platforms/fields.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "platforms/units.hpp"

namespace kerf::platforms {
namespace {

std::optional<int> whole_number(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

Place Fields::place(std::string_view attribute) const {
  const Attribute* found = element_->find(attribute);
  return found == nullptr ? element_->place : found->place;
}

bool Fields::has(std::string_view attribute) const {
  const Attribute* found = element_->find(attribute);
  return found != nullptr && !found->value.empty();
}

std::string Fields::text(std::string_view attribute) const {
  const Attribute* found = element_->find(attribute);
  return found == nullptr ? std::string() : found->value;
}

std::string Fields::name(std::string_view attribute) const {
  if (!has(attribute)) refuse(attribute, "a name");
  return text(attribute);
}

BytesPerSecond Fields::bandwidth(std::string_view attribute) const {
  const std::string value = text(attribute);
  const std::optional<double> bytes = parse_bandwidth(value);
  if (!bytes || *bytes <= 0) {
    const bool list = value.find_first_of(",;") != std::string::npos;
    refuse(attribute, list ? "one bandwidth: only WIFI links take several"
                           : "a bandwidth above 0 such as \"20Mbps\" or \"125MBps\"");
  }
  return BytesPerSecond(*bytes);
}

Seconds Fields::latency(std::string_view attribute) const {
  if (element_->find(attribute) == nullptr) return Seconds(0);
  const std::optional<double> seconds = parse_time(text(attribute));
  if (!seconds || *seconds < 0) refuse(attribute, "a time of 0 or more such as \"10ms\" or \"50us\"");
  return Seconds(*seconds);
}

std::vector<double> Fields::speeds(std::string_view attribute) const {
  std::vector<double> speeds;
  const std::string value = text(attribute);
  for (std::string_view part : split(value, ',')) {
    while (part.ends_with(' ')) part.remove_suffix(1);
    const std::optional<double> speed = parse_speed(part);
    if (!speed || *speed <= 0) refuse(attribute, "a speed above 0 such as \"1Gf\", or a list of them");
    speeds.push_back(*speed);
  }
  return speeds;
}

int Fields::integer(std::string_view attribute, int least, int otherwise) const {
  if (element_->find(attribute) == nullptr) return otherwise;
  const std::optional<int> value = whole_number(text(attribute));
  if (!value || *value < least) refuse(attribute, fmt::format("a whole number from {}", least));
  return *value;
}

std::size_t Fields::choice(std::string_view attribute, std::initializer_list<std::string_view> known,
                           std::size_t otherwise) const {
  if (element_->find(attribute) == nullptr) return otherwise;
  const std::string value = text(attribute);
  std::size_t position = 0;
  for (const std::string_view name : known) {
    if (value == name) return position;
    ++position;
  }
  const std::string best = nearest(value, std::vector<std::string>(known.begin(), known.end()));
  refuse(attribute, fmt::format("one of {}", fmt::join(known, ", ")),
         best.empty() ? "" : fmt::format("did you mean {}?", best));
}

std::vector<int> Fields::radical(std::string_view attribute) const {
  constexpr std::string_view kExpected = "numbers and ranges such as \"0-15\" or \"0-3,7\"";
  std::vector<int> numbers;
  const std::string value = text(attribute);
  for (const std::string_view group : split(value, ',')) {
    const std::vector<std::string_view> ends = split(group, '-');
    const std::optional<int> first = whole_number(ends.front());
    const std::optional<int> last = whole_number(ends.back());
    if (ends.size() > 2 || !first || !last || *first < 0 || *last < *first)
      refuse(attribute, std::string(kExpected));
    if (*last - *first >= kMostHosts - static_cast<int>(numbers.size())) {
      refuse(attribute, fmt::format("at most {} hosts", kMostHosts), "", ErrorCode::kLimit);
    }
    for (int number = *first; number <= *last; ++number) numbers.push_back(number);
  }
  return numbers;
}

void Fields::refuse(std::string_view attribute, std::string expected, std::string hint,
                    ErrorCode code) const {
  const Attribute* found = element_->find(attribute);
  const Attribute* id = element_->find("id");
  std::string what = "<" + element_->name;
  if (id != nullptr && attribute != "id") what += fmt::format(" id=\"{}\"", id->value);
  what += ">";
  throw Error(code, where(*file_, place(attribute)),
              found == nullptr ? fmt::format("{} has no {}", what, attribute)
                               : fmt::format("{} has {}=\"{}\"", what, attribute, found->value),
              std::move(expected), std::move(hint));
}

}  // namespace kerf::platforms
