#pragma once
// One axis of [sweep]: an array of values or a grid, with every point's text and number. Internal to
// scenarios/.

#include "scenarios/document.hpp"
#include "scenarios/fields.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// `node` is the axis in the document, its key the swept key, which holds `kind`. Points that do not fit the
// kind, do not rise or are too many are an Error(kBadInput) at their place. Points of a grid are rounded to
// four significant digits, or as many more as keep neighbours apart; the ends are as written.
[[nodiscard]] Axis read_axis(const Document& document, const Node& node, Kind kind);

}  // namespace kerf::scenarios
