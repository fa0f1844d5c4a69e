#pragma once
// The keys of a scenario file: for each section a table of fields, each with its name, what it holds and how
// it gets into the section's struct. Binding, the refusal of unknown keys and the check of swept keys all
// read the same tables. Internal to scenarios/.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// What a key holds, for sweeps. kFixed cannot be swept: arrays, true and false, and what all conditions must
// share.
enum class Kind { kFixed, kName, kWhole, kNumber, kSeconds, kBytes, kBytesPerSecond, kWatts, kPerSecond };

// Everything but [sweep] and [policy], checked.
[[nodiscard]] Scenario bind_content(const Document& document);
// What the key "hosts.camera.count" holds; nothing where this scenario has no such key.
[[nodiscard]] std::optional<Kind> kind_of(std::string_view key, const Scenario& scenario);
// All keys that may be swept, with this scenario's own host classes and network groups.
[[nodiscard]] std::vector<std::string> sweepable_keys(const Scenario& scenario);

}  // namespace kerf::scenarios
