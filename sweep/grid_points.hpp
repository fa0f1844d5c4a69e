#pragma once
// Points on an axis that its scenario does not have: between two of its points, with text that binds to the
// very same number.

#include <optional>
#include <vector>

#include "scenarios/scenario.hpp"

namespace kerf {

// The point of this number, in the unit in which the axis is written, with as few digits (at least four) as
// keep it strictly between `low` and `high`. Nothing where there is no such number.
[[nodiscard]] std::optional<Setting> point_between(const Axis& axis, double number, double low, double high);

// Random conditions within the ranges of the scenario's axes. Every draw is a function of its number alone,
// computed without libm: the same on every machine. A numeric axis is drawn by choosing an interval between
// two neighbouring points, then a point in it; an axis that takes whole numbers or names is drawn from those.
class OffGrid {
 public:
  explicit OffGrid(const ScenarioFile& file);
  // Whether there is anything between the points: a numeric axis with two of them.
  [[nodiscard]] bool is_empty() const;
  [[nodiscard]] Condition draw(std::uint32_t number) const;

  // A point for axis number `index`, which may have other points by now, halfway between its points `first`
  // and `first` + 1: the geometric mean on a logarithmic axis, a whole number where it takes those. Nothing
  // where they are too close.
  [[nodiscard]] std::optional<Setting> middle(const Axis& axis, std::size_t index, std::size_t first) const;

 private:
  struct DrawnAxis {
    Axis axis;
    bool whole = false;  // fractions cannot be bound
  };
  std::vector<DrawnAxis> axes_;
};

}  // namespace kerf
