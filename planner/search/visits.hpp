#pragma once
// Which hosts a plan that may go in any order has used, and which it still must: a bit for each class of
// hosts. Where ranks rise along a plan the lattice's windows say all of that, and nothing is kept here.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

class Visits {
 public:
  using Mask = std::uint64_t;

  explicit Visits(const Problem& problem) : rules_(problem.rules) {
    if (!rules_.any_order) return;
    if (problem.hosts.size() > 64) {
      throw Error(ErrorCode::kUnsupported, problem.name,
                  fmt::format("{} host classes in any order", problem.hosts.size()), "at most 64",
                  "[plans] order = \"forward\" takes any number");
    }
    for (std::size_t host = 0; host < problem.hosts.size(); ++host) {
      Mask tier = 0;
      for (std::size_t other = 0; other < problem.hosts.size(); ++other) {
        if (problem.hosts[other].rank == problem.hosts[host].rank) tier |= Mask{1} << other;
      }
      tier_.push_back(tier);
      if (problem.hosts[host].used == true) needs_.push_back(Mask{1} << host);
    }
    // A tier without hosts that must be used leaves no plan.
    for (const ProblemTier& tier : problem.tiers) {
      Mask members = 0;
      for (std::size_t host = 0; host < problem.hosts.size(); ++host) {
        if (problem.hosts[host].rank == tier.rank) members |= Mask{1} << host;
      }
      if (tier.used == true) needs_.push_back(members);
    }
  }

  [[nodiscard]] Mask after(Mask visited, int host) const {
    return rules_.any_order ? visited | Mask{1} << host : 0;
  }
  [[nodiscard]] bool allow(Mask visited, int to) const {
    if (!rules_.any_order) return true;
    const Mask bit = Mask{1} << to;
    if (!rules_.revisit && (visited & bit) != 0) return false;
    return !rules_.one_per_tier || (visited & tier_[static_cast<std::size_t>(to)] & ~bit) == 0;
  }
  [[nodiscard]] bool complete(Mask visited) const {
    return std::all_of(needs_.begin(), needs_.end(), [&](Mask need) { return (visited & need) != 0; });
  }
  // Whether whatever may follow `b` may follow `a`, and what it leaves to be used `a` leaves no more.
  [[nodiscard]] bool as_free(Mask a, Mask b) const {
    if ((!rules_.revisit || rules_.one_per_tier) && (a & ~b) != 0) return false;
    return std::all_of(needs_.begin(), needs_.end(),
                       [&](Mask need) { return (b & need) == 0 || (a & need) != 0; });
  }

 private:
  const PlanRules& rules_;
  std::vector<Mask> tier_;   // [host]: all of its tier
  std::vector<Mask> needs_;  // of each, one host at least
};

}  // namespace kerf
