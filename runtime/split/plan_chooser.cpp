#include "runtime/split/plan_chooser.hpp"

namespace kerf {

std::int32_t PlanChooser::choose(const PolicyAnswer& answer, Seconds now) {
  if (!current_) current_ = answer.plan;
  if (answer.plan == *current_) {
    wanted_.reset();
    return *current_;
  }
  if (wanted_ != answer.plan) {
    wanted_ = answer.plan;
    since_ = now;
  }
  // A fallback's margin is not a number, and so is no reason to hurry.
  const bool clear = static_cast<double>(answer.margin) >= options_.margin;
  if (clear || now - since_ >= options_.dwell) {
    current_ = answer.plan;
    wanted_.reset();
  }
  return *current_;
}

}  // namespace kerf
