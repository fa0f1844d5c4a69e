#pragma once
// TOML text as trees of Node. The only code that knows toml++. Internal to scenarios/.

#include <string>
#include <string_view>

#include "scenarios/document.hpp"

namespace kerf::scenarios {

// A whole file. Error(kBadInput) with `name`:line:column where it is not TOML.
[[nodiscard]] Node parse_toml(std::string_view text, const std::string& name);

// The right side of KEY=VALUE: a TOML value, and where it is none (20Mbps, platforms/one.xml) the text
// itself. `whole` names the override in errors.
[[nodiscard]] Node parse_toml_value(std::string_view text, const std::string& whole);

}  // namespace kerf::scenarios
