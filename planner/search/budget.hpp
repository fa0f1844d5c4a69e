#pragma once
// Constraints that only a whole plan can break: a measure of it must not exceed a cap. Which constraints
// those are depends on what plans may do: a cap on the bytes that a host uploads concerns one transfer where
// the host sends once, and is then the lattice's business; where it may send twice, it is a budget.

#include <vector>

#include "planner/search/measure.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

struct Budget {
  Measure measure;
  double most = 0;  // see within()
};

// Every budget of the problem, the deadline among them; not the load.
[[nodiscard]] std::vector<Budget> budgets_of(const Problem& problem);

// The measures behind the caps, for one host or for all of a tier.
[[nodiscard]] std::vector<bool> hosts_of_tier(const Problem& problem, int rank);
[[nodiscard]] std::vector<bool> only_host(const Problem& problem, int host);
[[nodiscard]] Measure compute_on(const Problem& problem, const std::vector<bool>& hosts);
// Their computing less `share` of all: at most 0 where they keep to the share.
[[nodiscard]] Measure compute_beyond(const Problem& problem, const std::vector<bool>& hosts, double share);
[[nodiscard]] Measure upload_from(const Problem& problem, const std::vector<bool>& hosts);
[[nodiscard]] Measure bytes_over(const Problem& problem, const LinkBudget& budget);
[[nodiscard]] Measure memory_on(const Problem& problem, int host);

// Whether the problem ranks plans by nothing but their latency.
[[nodiscard]] bool ranks_by_latency(const Problem& problem);

}  // namespace kerf
