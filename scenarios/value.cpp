#include "scenarios/value.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf::scenarios {

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  const std::string near = nearest(name, known);
  return near.empty() ? "" : fmt::format("did you mean \"{}\"?", near);
}

std::string listed(std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string Value::key() const {
  return section_.empty() ? std::string(name_) : fmt::format("{}.{}", section_, name_);
}

std::string Value::where() const {
  return document_.where(node_.place);
}

void Value::refuse(std::string_view expected, std::string_view hint) const {
  throw Error(ErrorCode::kBadInput, where(), fmt::format("{} is {}", key(), describe(node_)),
              std::string(expected), std::string(hint));
}

void Value::refuse_choice(const std::string& chosen, const std::vector<std::string>& names) const {
  if (node_.kind == Node::Kind::kText && chosen == node_.text)
    refuse(listed(names), did_you_mean(chosen, names));
  throw Error(ErrorCode::kBadInput, document_.where(node_.key_place),
              fmt::format("unknown key \"{}\" in {}", chosen, key()), listed(names),
              did_you_mean(chosen, names));
}

std::vector<Value> Value::entries() const {
  std::vector<Value> entries;
  for (const Node& node : node_.children) entries.push_back(element(node));
  return entries;
}

std::string Value::text() const {
  // An override's number or true is text where text is meant: --set scenario.name=7.
  const bool scalar = !node_.is_table() && node_.kind != Node::Kind::kArray;
  if (node_.kind != Node::Kind::kText && (!scalar || node_.text.empty())) refuse("text in quotes");
  if (node_.text.empty()) refuse("text that is not empty");
  return node_.text;
}

std::filesystem::path Value::path() const {
  return document_.resolve(text());
}

bool Value::boolean() const {
  if (node_.kind != Node::Kind::kBoolean) refuse("true or false");
  return node_.boolean;
}

int Value::whole(int least) const {
  if (node_.kind != Node::Kind::kInteger || node_.integer < least ||
      node_.integer > std::numeric_limits<int>::max()) {
    refuse(fmt::format("a whole number from {} to {}", least, std::numeric_limits<int>::max()));
  }
  return static_cast<int>(node_.integer);
}

std::uint64_t Value::seed() const {
  if (node_.kind != Node::Kind::kInteger || node_.integer < 0) refuse("a whole number of at least 0");
  return static_cast<std::uint64_t>(node_.integer);
}

double Value::number(const Range& range) const {
  const bool whole_number = node_.kind == Node::Kind::kInteger;
  if (!whole_number && node_.kind != Node::Kind::kReal) refuse(range.words);
  const double number = whole_number ? static_cast<double>(node_.integer) : node_.real;
  const bool above = range.low_included ? number >= range.low : number > range.low;
  const bool below = range.high_included ? number <= range.high : number < range.high;
  if (!std::isfinite(number) || !above || !below) refuse(range.words);
  return number;
}

template <class Unit>
Quantity<Unit> Value::quantity(Quantity<Unit> (*parse)(std::string_view, std::string_view)) const {
  // A number without a unit goes through the same parser, for its words on what it expects.
  std::string digits;
  if (node_.kind == Node::Kind::kInteger || node_.kind == Node::Kind::kReal) digits = describe(node_);
  if (node_.kind != Node::Kind::kText && digits.empty()) refuse("a quantity with its unit, in quotes");
  try {
    return parse(digits.empty() ? node_.text : digits, {});
  } catch (const Error& error) {
    refuse(error.expected());
  }
}

Seconds Value::seconds() const {
  return quantity(parse_seconds);
}
Bytes Value::bytes() const {
  return quantity(parse_bytes);
}
Watts Value::watts() const {
  return quantity(parse_watts);
}

Joules Value::joules() const {
  return quantity(parse_joules);
}

double Value::price_per_second() const {
  constexpr std::string_view kExpected = "a price of busy time such as \"0.9/h\", in any currency";
  if (node_.kind == Node::Kind::kInteger && node_.integer == 0) return 0;
  if (node_.kind != Node::Kind::kText) refuse(kExpected);
  try {
    return parse_per_second(node_.text, {}).value();
  } catch (const Error&) {
    refuse(kExpected);
  }
}

double Value::price_per_byte() const {
  constexpr std::string_view kExpected = "a price of traffic such as \"0.09/GB\", in any currency";
  if (node_.kind == Node::Kind::kInteger && node_.integer == 0) return 0;
  if (node_.kind != Node::Kind::kText) refuse(kExpected);
  const std::size_t slash = node_.text.find('/');
  const auto amount = parse_number(std::string_view(node_.text).substr(0, slash));
  if (slash == std::string::npos || !amount || *amount < 0) refuse(kExpected);
  try {
    return *amount / parse_bytes("1" + node_.text.substr(slash + 1), {}).value();
  } catch (const Error&) {
    refuse(kExpected);
  }
}

std::vector<ComputeCap> Value::compute_caps() const {
  constexpr std::string_view kExpected =
      "a time such as \"40ms\", a share of all computing such as \"30%\", or an array of the two";
  if (node_.kind == Node::Kind::kArray) {
    std::vector<ComputeCap> caps;
    for (const Node& node : elements(kExpected)) {
      if (node.kind != Node::Kind::kText) refuse(kExpected);
      caps.push_back(element(node).compute_caps().front());
    }
    return caps;
  }
  if (node_.kind != Node::Kind::kText) refuse(kExpected);
  if (!node_.text.ends_with('%')) {
    try {
      return {{.seconds = parse_seconds(node_.text, {}), .share = {}}};
    } catch (const Error&) {
      refuse(kExpected);
    }
  }
  const auto percent = parse_number(std::string_view(node_.text).substr(0, node_.text.size() - 1));
  if (!percent || !(*percent >= 0 && *percent <= 100)) refuse("a share from 0% to 100%");
  return {{.seconds = {}, .share = *percent / 100}};
}

std::string Value::cut() const {
  return node_.kind == Node::Kind::kInteger ? fmt::format("{}", whole(0)) : text();
}

BytesPerSecond Value::bandwidth() const {
  const BytesPerSecond bandwidth = quantity(parse_bytes_per_second);
  if (bandwidth.value() <= 0) refuse("a rate above 0", "a link that is down is a platform without the route");
  return bandwidth;
}

PerSecond Value::rate() const {
  const PerSecond rate = quantity(parse_per_second);
  if (rate.value() <= 0) refuse("a rate above 0", "arrivals = \"single\" is a workload without load");
  return rate;
}

std::span<const Node> Value::elements(std::string_view expected) const {
  if (node_.kind != Node::Kind::kArray || node_.children.empty()) refuse(expected);
  return node_.children;
}

std::vector<std::string> Value::texts() const {
  std::vector<std::string> texts;
  for (const Node& node : elements("an array of texts such as [\"uplink\"]"))
    texts.push_back(element(node).text());
  return texts;
}

std::vector<std::string> Value::blocks() const {
  std::vector<std::string> blocks;
  for (const Node& node : elements("an array of blocks such as [0, \"3-9\", \"backbone.0\"]")) {
    const bool index = node.kind == Node::Kind::kInteger;
    blocks.push_back(index ? fmt::format("{}", element(node).whole(0)) : element(node).text());
  }
  return blocks;
}

std::map<std::string, std::vector<std::int64_t>> Value::shapes() const {
  if (!node_.is_table()) refuse("a table such as { x = [1, 3, 640, 640] }");
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const Node& input : node_.children) {
    const std::string name = fmt::format("{}.{}", name_, input.key);
    shapes.emplace(input.key, Value(document_, input, section_, name).shape());
  }
  return shapes;
}

std::vector<std::int64_t> Value::shape() const {
  std::vector<std::int64_t> shape;
  for (const Node& node : elements("a shape such as [1, 3, 640, 640]"))
    shape.push_back(element(node).whole(1));
  return shape;
}

}  // namespace kerf::scenarios
