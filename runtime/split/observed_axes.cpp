#include "runtime/split/observed_axes.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// "uplink" of "network.uplink.bandwidth" with the right prefix and ending; the name may have dots of its own.
std::optional<std::string> between(std::string_view key, std::string_view prefix, std::string_view ending) {
  if (!key.starts_with(prefix) || !key.ends_with(ending) || key.size() <= prefix.size() + ending.size()) {
    return std::nullopt;
  }
  return std::string(key.substr(prefix.size(), key.size() - prefix.size() - ending.size()));
}

template <class Unit>
double value_or_unknown(const std::optional<Quantity<Unit>>& quantity) {
  return quantity ? quantity->value() : kUnknown;
}

// `unknown` and `expected` are the message's where `name` is none of `known`.
void check_known(const std::string& name, const std::set<std::string>& known, const std::string& where,
                 std::string_view unknown, const std::string& expected) {
  if (known.contains(name)) return;
  const std::vector<std::string> names(known.begin(), known.end());
  const std::string close = nearest(name, names);
  throw Error(ErrorCode::kUsage, where, fmt::format("{} {}", unknown, name),
              names.empty() ? expected : fmt::format("one of {}", fmt::join(names, ", ")),
              close.empty() ? "" : fmt::format("did you mean {}?", close));
}

std::string in_unit(std::string_view unit, double value) {
  if (std::isnan(value)) return "unknown";
  if (unit == "s") return format(Seconds(value));
  if (unit == "B/s") return format(BytesPerSecond(value));
  return fmt::format("{:.3g}", value);
}

}  // namespace

std::optional<ObservedAxes::Axis> ObservedAxes::measured(std::string_view key) {
  const auto on_path = [&](std::string_view ending, Source source) -> std::optional<Axis> {
    const std::optional<std::string> network = between(key, "network.", ending);
    if (!network) return std::nullopt;
    return Axis{"", "", source, *network, "", 0};
  };
  if (auto axis = on_path(".bandwidth", Source::kUp)) return axis;
  if (auto axis = on_path(".bandwidth.up", Source::kUp)) return axis;
  if (auto axis = on_path(".bandwidth.down", Source::kDown)) return axis;
  if (auto axis = on_path(".rtt", Source::kRoundTrip)) return axis;
  if (auto axis = on_path(".delay", Source::kDelay)) return axis;
  if (const auto host = between(key, "hosts.", ".utilization"))
    return Axis{"", "", Source::kLoad, "", *host, 0};
  return std::nullopt;
}

ObservedAxes::ObservedAxes(const Policy& policy, const ObservationOptions& options,
                           const std::set<std::string>& hosts, const std::string& file) {
  std::set<std::string> networks;
  std::size_t used = 0;
  for (std::size_t i = 0; i < policy.axes(); ++i) {
    const PolicyAxisInfo info = policy.axis(i);
    const auto by_name = options.given.find(std::string(info.name));
    const auto found = by_name != options.given.end() ? by_name : options.given.find(std::string(info.key));
    std::optional<Axis> axis = measured(info.key);
    const bool on_path = axis && !axis->network.empty();
    if (on_path) networks.insert(axis->network);
    if (found != options.given.end()) {
      axis = Axis{"", "", Source::kGiven, "", "", found->second};
      ++used;
    } else if (on_path) {
      const auto named = options.path.find(axis->network);
      axis->host = named == options.path.end() ? options.main_host : named->second;
      if (named == options.path.end() && !hosts.contains(options.main_host)) {
        throw Error(ErrorCode::kUsage, file,
                    fmt::format("the axis {} observes {}, and there is no host whose path to measure",
                                info.name, info.key),
                    "a host", fmt::format("give --host NAME=ADDRESS:PORT, or --observe {}=VALUE", info.name));
      }
    } else if (!axis && info.size == 1) {
      axis = Axis{"", "", Source::kGiven, "", "", info.numeric ? policy.axis_point(i, 0) : 0};
    }
    if (!axis) {
      throw Error(ErrorCode::kUsage, file,
                  fmt::format("the axis {} observes {}, which a device cannot measure", info.name, info.key),
                  "its value", fmt::format("give --observe {}=VALUE", info.name));
    }
    axis->name = info.name;
    axis->unit = info.unit;
    axes_.push_back(std::move(*axis));
  }
  if (used != options.given.size()) {
    throw Error(ErrorCode::kUsage, file, "a value is given for an axis that the table does not have",
                "an axis's name", "`kerf policy info` lists them");
  }
  for (const auto& [network, host] : options.path) {
    const std::string where = fmt::format("--path {}={}", network, host);
    check_known(network, networks, where, "no axis of the table is about the network",
                "the network of an axis");
    check_known(host, hosts, where, "there is no host", "a host that --host gives the address of");
  }
}

double ObservedAxes::value(const Axis& axis, const Observations& observations) {
  if (axis.source == Source::kGiven) return axis.given;
  if (axis.source == Source::kLoad) {
    const auto load = observations.loads.find(axis.host);
    return load == observations.loads.end() ? 0 : load->second;
  }
  const auto found = observations.paths.find(axis.host);
  if (found == observations.paths.end()) return kUnknown;
  const PathState& path = found->second;
  switch (axis.source) {
    case Source::kUp:
      return value_or_unknown(path.up ? path.up : path.down);
    case Source::kDown:
      return value_or_unknown(path.down ? path.down : path.up);
    case Source::kDelay:
      return value_or_unknown(path.round_trip) / 2;
    default:
      return value_or_unknown(path.round_trip);
  }
}

void ObservedAxes::fill(const Observations& observations, double* values) const {
  for (std::size_t i = 0; i < axes_.size(); ++i) values[i] = value(axes_[i], observations);
}

std::string ObservedAxes::describe(const double* values) const {
  std::string text;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", axes_[i].name, in_unit(axes_[i].unit, values[i]));
  }
  return text;
}

}  // namespace kerf
