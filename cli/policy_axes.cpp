// A condition's values as people write them: AXIS=VALUE.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/policy_table.hpp"

namespace kerf::cli {
namespace {

// A label by its full text, or by as much of its end, or of its file's stem, as no other label shares.
double label_index(const Policy& policy, std::size_t axis, std::string_view text, const std::string& where) {
  const std::vector<std::string> labels = labels_of(policy, axis);
  const auto exact = std::find(labels.begin(), labels.end(), text);
  if (exact != labels.end()) return static_cast<double>(exact - labels.begin());
  std::vector<std::size_t> alike;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!text.empty() && (labels[i].ends_with(text) || std::filesystem::path(labels[i]).stem() == text))
      alike.push_back(i);
  }
  if (alike.size() == 1) return static_cast<double>(alike.front());
  const std::string close = nearest(text, labels);
  throw Error(
      ErrorCode::kUsage, where,
      fmt::format("\"{}\" {}", text, alike.empty() ? "is no label of this axis" : "fits more than one label"),
      fmt::format("one of {}", fmt::join(labels, ", ")),
      close.empty() ? "" : fmt::format("did you mean {}?", close));
}

double value_of(const Policy& policy, std::size_t axis, std::string_view text, const std::string& where) {
  const PolicyAxisInfo found = policy.axis(axis);
  if (!found.numeric) return label_index(policy, axis, text, where);
  try {
    return parse_in_unit(found.unit, text, where);
  } catch (const Error& error) {  // what is bad input in a file is wrong usage here
    throw Error(ErrorCode::kUsage, error.where(), error.found(), error.expected(), error.hint());
  }
}

// By its name or the key that it observes.
std::size_t axis_named(const Policy& policy, std::string_view name, const std::string& where) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < policy.axes(); ++i) {
    if (policy.axis(i).name == name || policy.axis(i).key == name) return i;
    names.emplace_back(policy.axis(i).name);
    names.emplace_back(policy.axis(i).key);
  }
  const std::string close = nearest(name, names);
  std::string known;
  for (std::size_t i = 0; i < policy.axes(); ++i)
    known += fmt::format("{}{}", i == 0 ? "" : ", ", policy.axis(i).name);
  throw Error(ErrorCode::kUsage, where, fmt::format("the table has no axis \"{}\"", name),
              known.empty() ? "no condition: it has no axes" : "one of " + known,
              close.empty() ? "" : fmt::format("did you mean {}?", close));
}

}  // namespace

std::pair<std::size_t, double> parse_axis_setting(const Policy& policy, const std::string& setting,
                                                  const std::string& flag) {
  const std::string where = flag.empty() ? setting : fmt::format("{} {}", flag, setting);
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos) throw Error(ErrorCode::kUsage, where, "no value", "AXIS=VALUE");
  const std::size_t axis = axis_named(policy, std::string_view(setting).substr(0, equals), where);
  return {axis, value_of(policy, axis, std::string_view(setting).substr(equals + 1), where)};
}

}  // namespace kerf::cli
