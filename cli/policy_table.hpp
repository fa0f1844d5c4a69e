#pragma once
// What the subcommands of `kerf policy` share: opening a table, and its values in the words of people.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/reader/policy_reader.hpp"

namespace kerf::cli {

struct PolicyArguments {
  std::string file;
  std::vector<std::string> settings;  // AXIS=VALUE, of query
  bool json = false;
};

void query_policy(const PolicyArguments& arguments);

struct PolicyFile {
  std::string bytes;
  Policy policy;
};

// Error(kBadInput) that says what is wrong with the file; Error(kUnsupported) for another version of the
// format.
[[nodiscard]] PolicyFile open_policy(const std::string& file);

// "1 Mbit/s" from a number in an axis's base unit, and back.
[[nodiscard]] std::string in_unit(std::string_view unit, double value);
[[nodiscard]] double parse_in_unit(std::string_view unit, std::string_view text, std::string_view where);

// "goodput=20Mbps" or "site=two-edges" into the axis's number and its value, as Policy::query takes it.
// Error(kUsage) names the nearest axis or label, and the flag where the setting stands behind one.
[[nodiscard]] std::pair<std::size_t, double> parse_axis_setting(const Policy& policy,
                                                                const std::string& setting,
                                                                const std::string& flag = {});

[[nodiscard]] std::vector<std::string> labels_of(const Policy& policy, std::size_t axis);
// "1 Mbit/s to 16 Mbit/s", or the labels.
[[nodiscard]] std::string range_text(const Policy& policy, std::size_t axis);

// Bytes that are no UTF-8 are replaced, numbers that are not finite become null.
void print_json(const nlohmann::ordered_json& json);

}  // namespace kerf::cli
