#pragma once
// Which elements and attributes a platform file may hold, where, and which of them Kerf cannot treat:
// SimGrid's DTD 4.1 as a table. After check() a reader may take required attributes and the nesting of
// elements for granted.

#include <string>
#include <string_view>

#include "platforms/xml.hpp"

namespace kerf::platforms {

// Throws Error(kBadInput) for an unknown or misplaced element, an unknown or missing attribute or stray text,
// and Error(kUnsupported) for what SimGrid knows and Kerf does not, each with the nearest known name or what
// to write instead.
void check(const Element& platform, const std::string& file);

// The present name of an element: "zone" for "AS" and so on.
[[nodiscard]] std::string_view present_name(std::string_view element);

}  // namespace kerf::platforms
