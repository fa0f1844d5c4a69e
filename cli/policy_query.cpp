// `kerf policy query`: a condition in people's words, the table's answer in theirs.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/policy_table.hpp"

namespace kerf::cli {
namespace {

std::string point_text(const Policy& policy, std::size_t axis, std::size_t point) {
  const PolicyAxisInfo found = policy.axis(axis);
  return found.numeric ? in_unit(found.unit, policy.axis_point(axis, point))
                       : std::string(policy.axis_label(axis, point));
}

std::vector<double> values_of(const Policy& policy, const PolicyArguments& arguments) {
  std::vector<std::optional<double>> given(policy.axes());
  for (const std::string& setting : arguments.settings) {
    const auto [axis, value] = parse_axis_setting(policy, setting);
    if (given[axis])
      throw Error(ErrorCode::kUsage, setting, fmt::format("a second value for {}", policy.axis(axis).name),
                  "one");
    given[axis] = value;
  }
  std::vector<double> values;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const PolicyAxisInfo axis = policy.axis(i);
    if (!given[i] && axis.size > 1)
      missing.push_back(fmt::format("{} ({}: {})", axis.name, axis.key, range_text(policy, i)));
    // What was not varied may be left out.
    values.push_back(given[i].value_or(axis.numeric ? policy.axis_point(i, 0) : 0));
  }
  if (!missing.empty()) {
    throw Error(ErrorCode::kUsage, arguments.file, fmt::format("no value for {}", fmt::join(missing, ", ")),
                "AXIS=VALUE for each");
  }
  return values;
}

// "goodput 4 Mbit/s, rtt 20 ms": the point whose cell answered.
std::string cell_text(const Policy& policy, std::int64_t cell) {
  std::vector<std::string> parts(policy.axes());
  auto left = static_cast<std::size_t>(cell);
  for (std::size_t i = parts.size(); i-- > 0;) {
    const PolicyAxisInfo axis = policy.axis(i);
    parts[i] = fmt::format("{} {}", axis.name, point_text(policy, i, left % axis.size));
    left /= axis.size;
  }
  return parts.empty() ? "the table's only cell" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string reason_text(const Policy& policy, const PolicyAnswer& answer, const std::vector<double>& values) {
  switch (answer.reason) {
    case PolicyReason::kFromTable:
      return "nearest point: " + cell_text(policy, answer.cell);
    case PolicyReason::kNoFeasiblePlan:
      return "no plan is feasible at " + cell_text(policy, answer.cell);
    case PolicyReason::kBelowRange:
    case PolicyReason::kAboveRange: {
      const auto index = static_cast<std::size_t>(answer.axis);
      const PolicyAxisInfo axis = policy.axis(index);
      const bool below = answer.reason == PolicyReason::kBelowRange;
      // A single point reaches so far that only the limit itself can be named.
      const double point = policy.axis_point(index, below ? 0 : axis.size - 1);
      const double limit = axis.size > 1 ? point : below ? axis.lowest : axis.highest;
      return fmt::format("{} {} is {} {}", axis.name, in_unit(axis.unit, values[index]),
                         below ? "below the table's lowest" : "above the table's highest",
                         in_unit(axis.unit, limit));
    }
    default:
      return to_string(answer.reason);
  }
}

}  // namespace

void query_policy(const PolicyArguments& arguments) {
  const Policy policy = open_policy(arguments.file).policy;
  const std::vector<double> values = values_of(policy, arguments);
  const PolicyAnswer answer = policy.query(values.data(), values.size());
  const std::string_view plan = policy.plan_text(static_cast<std::size_t>(answer.plan));
  const std::string reason = reason_text(policy, answer, values);
  const auto latency = static_cast<double>(answer.latency);
  const auto margin = static_cast<double>(answer.margin);
  if (arguments.json) {
    print_json({{"plan", plan},
                {"latency_s", latency},
                {"margin", margin},
                {"fallback", answer.fallback},
                {"reason", reason}});
    return;
  }
  fmt::print("{}\n", plan);
  if (answer.fallback) {
    fmt::print("  fallback: {}\n", reason);
    return;
  }
  fmt::print("  {} {}\n", policy.info().objective, format(Seconds(latency)));
  fmt::print("  {}\n", std::isfinite(margin) ? fmt::format("the runner-up costs {}{:.3g} % more",
                                                           margin >= 120 ? "at least " : "", 100 * margin)
                                             : "no other plan is feasible");
  fmt::print("  {}\n", reason);
}

}  // namespace kerf::cli
