#include "scenarios/axis_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "scenarios/value.hpp"

namespace kerf::scenarios {
namespace {

constexpr int kMostPoints = 10'000;
constexpr std::string_view kForms =
    "an array of values, { log = [FROM, TO], points = N } or { linear = [FROM, TO], points = N }";

std::string_view unit_of(Kind kind) {
  switch (kind) {
    case Kind::kSeconds:
      return "s";
    case Kind::kBytes:
      return "B";
    case Kind::kBytesPerSecond:
      return "B/s";
    case Kind::kWatts:
      return "W";
    case Kind::kPerSecond:
      return "1/s";
    default:
      return "";
  }
}

// A point in base units. The text has been checked for what it is by point_text.
double number_of(const std::string& text, Kind kind) {
  switch (kind) {
    case Kind::kName:
      return std::numeric_limits<double>::quiet_NaN();
    case Kind::kSeconds:
      return parse_seconds(text, {}).value();
    case Kind::kBytes:
      return parse_bytes(text, {}).value();
    case Kind::kBytesPerSecond:
      return parse_bytes_per_second(text, {}).value();
    case Kind::kWatts:
      return parse_watts(text, {}).value();
    case Kind::kPerSecond:
      return parse_per_second(text, {}).value();
    default: {
      const std::optional<double> number = parse_number(text);
      if (!number) throw Error(ErrorCode::kBadInput, {}, fmt::format("\"{}\"", text), "a finite number");
      return *number;
    }
  }
}

// "Mbps" of "0.5 Mbps".
std::string unit_in(const std::string& text) {
  const std::size_t begin = text.find_first_not_of("0123456789.+-eE \t");
  return begin == std::string::npos ? "" : text.substr(begin);
}

std::string_view words_of(Kind kind) {
  switch (kind) {
    case Kind::kName:
      return "text in quotes";
    case Kind::kWhole:
      return "a whole number";
    case Kind::kNumber:
      return "a number";
    default:
      return "a quantity with its unit, in quotes";
  }
}

// One axis on its way from the text.
class AxisReader {
 public:
  AxisReader(const Document& document, const Node& node, Kind kind)
      : document_(document), node_(node), kind_(kind) {
    axis_.key = node.key;
    axis_.numeric = kind != Kind::kName;
    axis_.unit = unit_of(kind);
  }

  Axis read() {
    if (node_.kind == Node::Kind::kArray) {
      for (const Node& point : node_.children)
        axis_.points.push_back(setting(point_text(point), point.place));
    } else if (node_.is_table()) {
      read_grid();
    } else {
      refuse(node_.place, fmt::format("the axis {} is {}", axis_.key, describe(node_)), std::string(kForms),
             fmt::format("write [{}]", describe(node_)));
    }
    if (axis_.points.empty())
      refuse(node_.place, fmt::format("the axis {} has no points", axis_.key), "one or more");
    if (axis_.points.size() > kMostPoints) {
      refuse(node_.place, fmt::format("the axis {} has {} points", axis_.key, axis_.points.size()),
             fmt::format("at most {}", kMostPoints));
    }
    check_order();
    return std::move(axis_);
  }

 private:
  [[noreturn]] void refuse(const Place& place, std::string found, std::string expected,
                           std::string hint = {}) const {
    throw Error(ErrorCode::kBadInput, document_.where(place), std::move(found), std::move(expected),
                std::move(hint));
  }

  // The point as `--set` would give it; the kind of node decides whether it can be one at all.
  [[nodiscard]] std::string point_text(const Node& point) const {
    const bool whole = point.kind == Node::Kind::kInteger;
    const bool number = whole || point.kind == Node::Kind::kReal;
    const bool text = point.kind == Node::Kind::kText && !point.text.empty();
    const bool fits = kind_ == Kind::kName     ? text
                      : kind_ == Kind::kWhole  ? whole
                      : kind_ == Kind::kNumber ? number
                                               : text || number;
    if (!fits) {
      refuse(point.place, fmt::format("a point of {} is {}", axis_.key, describe(point)),
             std::string(words_of(kind_)));
    }
    return text ? point.text : describe(point);
  }

  [[nodiscard]] Setting setting(std::string text, const Place& place) const {
    try {
      const double number = number_of(text, kind_);
      return {axis_.key, std::move(text), number};
    } catch (const Error& error) {
      refuse(place, fmt::format("a point of {} is {}", axis_.key, error.found()), error.expected());
    }
  }

  void check_order() const {
    for (std::size_t i = 1; i < axis_.points.size(); ++i) {
      const Setting& before = axis_.points[i - 1];
      const Setting& point = axis_.points[i];
      const Place& place = node_.is_table() ? node_.place : node_.children[i].place;
      if (axis_.numeric && !(point.number > before.number)) {
        refuse(place, fmt::format("{} after {} in the axis {}", point.text, before.text, axis_.key),
               "points that rise, each once");
      }
      const auto same = [&point](const Setting& other) { return other.text == point.text; };
      const auto end = axis_.points.begin() + static_cast<std::ptrdiff_t>(i);
      if (!axis_.numeric && std::any_of(axis_.points.begin(), end, same)) {
        refuse(place, fmt::format("\"{}\" twice in the axis {}", point.text, axis_.key), "each point once");
      }
    }
  }

  void read_grid() {
    static const std::vector<std::string> known{"log", "linear", "points"};
    for (const Node& child : node_.children) {
      if (std::find(known.begin(), known.end(), child.key) != known.end()) continue;
      refuse(child.key_place, fmt::format("unknown key \"{}\" in the axis {}", child.key, axis_.key),
             std::string(kForms), did_you_mean(child.key, known));
    }
    const Node* log = node_.find("log");
    const Node* linear = node_.find("linear");
    if ((log == nullptr) == (linear == nullptr)) {
      refuse(node_.place,
             fmt::format("the axis {} has {}", axis_.key,
                         log != nullptr ? "both log and linear" : "neither log nor linear"),
             std::string(kForms));
    }
    if (!axis_.numeric) {
      refuse(node_.place, fmt::format("the axis {} is a grid, but its values are names", axis_.key),
             "an array of texts");
    }
    axis_.logarithmic = log != nullptr;
    const Node& ends = log != nullptr ? *log : *linear;
    if (ends.kind != Node::Kind::kArray || ends.children.size() != 2) {
      refuse(ends.place, fmt::format("{} of the axis {} is {}", ends.key, axis_.key, describe(ends)),
             "an array of two values, [FROM, TO]");
    }
    const Node* points = node_.find("points");
    if (points == nullptr || points->kind != Node::Kind::kInteger || points->integer < 2 ||
        points->integer > kMostPoints) {
      refuse(points == nullptr ? node_.place : points->place,
             fmt::format("points of the axis {} is {}", axis_.key,
                         points == nullptr ? "missing" : describe(*points)),
             fmt::format("a whole number from 2 to {}", kMostPoints));
    }
    const Setting from = setting(point_text(ends.children[0]), ends.children[0].place);
    const Setting to = setting(point_text(ends.children[1]), ends.children[1].place);
    if (!(from.number < to.number) || (axis_.logarithmic && from.number <= 0)) {
      refuse(ends.place,
             fmt::format("{} of the axis {} runs from {} to {}", ends.key, axis_.key, from.text, to.text),
             axis_.logarithmic ? "two values above 0, the smaller first" : "two values, the smaller first");
    }
    // Four digits read well; more only where four would let neighbours coincide.
    for (int digits = 4; digits <= 17; ++digits) {
      axis_.points = grid(from, to, static_cast<int>(points->integer), digits, ends.place);
      const auto rises = [](const Setting& a, const Setting& b) { return !(a.number < b.number); };
      if (std::adjacent_find(axis_.points.begin(), axis_.points.end(), rises) == axis_.points.end()) return;
    }
    refuse(points->place,
           fmt::format("{} points of the axis {} do not fit between {} and {}", points->integer, axis_.key,
                       from.text, to.text),
           "points that differ", kind_ == Kind::kWhole ? "this key takes whole numbers" : "");
  }

  // The points between the ends, rounded to so many significant digits in the unit of the first end. The
  // number of each point is that of its text, so that binding the text gives the very same double.
  [[nodiscard]] std::vector<Setting> grid(const Setting& from, const Setting& to, int count, int digits,
                                          const Place& place) const {
    const std::string unit =
        unit_in(from.text).empty() ? unit_in(to.text) : unit_in(from.text);  // 0 needs none
    const double scale = unit.empty() ? 1 : number_of("1" + unit, kind_);
    const double low = from.number / scale;
    const double high = to.number / scale;
    std::vector<Setting> points{from};
    for (int i = 1; i + 1 < count; ++i) {
      const double part = static_cast<double>(i) / (count - 1);
      const double exact = axis_.logarithmic ? low * std::pow(high / low, part) : low + (high - low) * part;
      const double rounded = kind_ == Kind::kWhole
                                 ? std::round(exact)
                                 : parse_number(fmt::format("{:.{}e}", exact, digits - 1)).value();
      points.push_back(setting(format_exact(rounded) + unit, place));
    }
    points.push_back(to);
    return points;
  }

  const Document& document_;
  const Node& node_;
  Kind kind_;
  Axis axis_;
};

}  // namespace

Axis read_axis(const Document& document, const Node& node, Kind kind) {
  return AxisReader(document, node, kind).read();
}

}  // namespace kerf::scenarios
