#pragma once
// Hysteresis over a policy table: which plan to use, given what the table answers for the condition at hand.
// It changes at once where the table says that every other plan costs `margin` more than its answer, the
// present one included; a smaller advantage must last for `dwell`, so that noise in the observations moves
// nothing. Not thread-safe.

#include <cstdint>
#include <optional>

#include "base/quantity.hpp"
#include "policy/reader/policy_reader.hpp"

namespace kerf {

struct ChooserOptions {
  double margin = 0.05;  // relative, at least 0: 0.05 is 5 % more
  Seconds dwell{2};      // at least 0: then every other answer is taken at once
};

class PlanChooser {
 public:
  explicit PlanChooser(const ChooserOptions& options) : options_(options) {}

  // The plan's number from now on. The first answer is taken at once.
  [[nodiscard]] std::int32_t choose(const PolicyAnswer& answer, Seconds now);

 private:
  ChooserOptions options_;
  std::optional<std::int32_t> current_;
  std::optional<std::int32_t> wanted_;  // what the table has answered since `since_`
  Seconds since_;
};

}  // namespace kerf
