#pragma once
// JSON as our files hold it: every number reads back as the same double, rows of numbers each on a line of
// their own, so that files can be read and compared. Private to this folder.

#include <nlohmann/json.hpp>
#include <string>

namespace kerf {

// Error(kUnsupported) with `where` and `hint` for a text that is not UTF-8.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& document, const std::string& where,
                                    const std::string& hint);

// Bytes and counts are whole: written without a fraction.
[[nodiscard]] nlohmann::ordered_json whole_if_possible(double value);

}  // namespace kerf
