#include "cli/plan_flag.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "planner/search/cost.hpp"

namespace kerf::cli {

Plan parse_plan_flag(const std::string& text, const Problem& problem) {
  Plan plan = parse_plan(text, problem.host_names(), problem.blocks);
  if (const std::string broken = rule_violation(problem, plan); !broken.empty()) {
    throw Error(ErrorCode::kUsage, fmt::format("plan \"{}\"", text), broken, "a plan that [plans] allows",
                "change [plans], as with --set plans.order=any --set plans.revisit=true");
  }
  return plan;
}

}  // namespace kerf::cli
