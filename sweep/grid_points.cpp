#include "sweep/grid_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr std::uint32_t kSeed = 20260;  // of all draws: any number, but always the same
constexpr std::uint32_t kInterval = 1;
constexpr std::uint32_t kPlace = 2;

double parse(const Axis& axis, const std::string& text) {
  if (axis.unit == "s") return parse_seconds(text, axis.key).value();
  if (axis.unit == "B") return parse_bytes(text, axis.key).value();
  if (axis.unit == "B/s") return parse_bytes_per_second(text, axis.key).value();
  if (axis.unit == "W") return parse_watts(text, axis.key).value();
  if (axis.unit == "1/s") return parse_per_second(text, axis.key).value();
  return parse_number(text).value();
}

// "Mbps" of an axis whose points are written so; 0 has none.
std::string unit_of(const Axis& axis) {
  for (const Setting& point : axis.points) {
    const std::size_t begin = point.text.find_first_not_of("0123456789.+-eE \t");
    if (begin != std::string::npos) return point.text.substr(begin);
  }
  return "";
}

Setting setting(const Axis& axis, std::string text) {
  const double number = parse(axis, text);
  return {axis.key, std::move(text), number};
}

std::size_t choose(std::size_t count, std::uint32_t number, std::uint32_t axis) {
  const double u = uniform({.seed = kSeed, .device = axis, .request = number, .purpose = kInterval});
  return std::min(count - 1, static_cast<std::size_t>(u * static_cast<double>(count)));
}

bool can_bind(const ScenarioFile& file, const Setting& setting) {
  try {
    static_cast<void>(file.bind(Condition{0, {setting}}));
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::optional<Setting> point_between(const Axis& axis, double number, double low, double high) {
  if (!(low < number && number < high)) return std::nullopt;
  const std::string unit = unit_of(axis);
  const double scale = unit.empty() ? 1 : parse(axis, "1" + unit);
  for (int digits = 4; digits <= 17; ++digits) {
    const double rounded = parse_number(fmt::format("{:.{}e}", number / scale, digits - 1)).value();
    Setting made = setting(axis, format_exact(rounded) + unit);
    if (low < made.number && made.number < high) return made;
  }
  return std::nullopt;
}

OffGrid::OffGrid(const ScenarioFile& file) {
  for (Axis& axis : file.bind().sweep.axes) {
    DrawnAxis drawn{std::move(axis), false};
    if (drawn.axis.numeric && drawn.axis.unit.empty() && drawn.axis.points.size() > 1) {
      const double low = drawn.axis.points[0].number;
      const double high = drawn.axis.points[1].number;
      // A third of the way is a fraction, whatever whole numbers the two are.
      const auto fraction = point_between(drawn.axis, low + (high - low) * 0.3371, low, high);
      drawn.whole = !fraction || !can_bind(file, *fraction);
    }
    axes_.push_back(std::move(drawn));
  }
}

bool OffGrid::is_empty() const {
  return std::none_of(axes_.begin(), axes_.end(), [](const DrawnAxis& drawn) {
    return drawn.axis.numeric && drawn.axis.points.size() > 1;
  });
}

Condition OffGrid::draw(std::uint32_t number) const {
  Condition condition;
  condition.index = number;
  for (std::uint32_t a = 0; a < axes_.size(); ++a) {
    const Axis& axis = axes_[a].axis;
    if (!axis.numeric || axis.points.size() == 1) {
      condition.settings.push_back(axis.points[choose(axis.points.size(), number, a)]);
      continue;
    }
    const std::size_t interval = choose(axis.points.size() - 1, number, a);
    const double low = axis.points[interval].number;
    const double high = axis.points[interval + 1].number;
    const double u = uniform({.seed = kSeed, .device = a, .request = number, .purpose = kPlace});
    if (axes_[a].whole) {
      const double whole = std::min(high, low + std::floor(u * (high - low + 1)));
      condition.settings.push_back(setting(axis, format_exact(whole)));
      continue;
    }
    const auto point = point_between(axis, low + u * (high - low), low, high);
    condition.settings.push_back(point ? *point : axis.points[interval]);
  }
  return condition;
}

std::optional<Setting> OffGrid::middle(const Axis& axis, std::size_t index, std::size_t first) const {
  const double low = axis.points[first].number;
  const double high = axis.points[first + 1].number;
  const double half = axis.logarithmic ? std::sqrt(low * high) : low / 2 + high / 2;
  if (!axes_[index].whole) return point_between(axis, half, low, high);
  const double whole = std::floor(half);
  if (!(low < whole && whole < high)) return std::nullopt;
  return setting(axis, format_exact(whole));
}

}  // namespace kerf
