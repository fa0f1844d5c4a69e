#pragma once
// Predictions from files that are text: a sweep's table, or the answer of `kerf simulate --json`. A sweep's
// database is the business of sweep/.

#include <string>
#include <string_view>

#include "testbed/comparison.hpp"

namespace kerf {

// sweep.csv. It does not say of which scenario and model it is: the question holds the axes alone. Plans that
// were ruled out have no outcome and are left out.
[[nodiscard]] Predicted predictions_from_csv(std::string_view text, const std::string& where);

// One plan under the scenario's one condition.
[[nodiscard]] Predicted predictions_from_json(std::string_view text, const std::string& where);

}  // namespace kerf
