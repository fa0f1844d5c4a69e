#include "planner/search/budget.hpp"

#include <algorithm>

#include "planner/search/lattice.hpp"

namespace kerf {
namespace {

// The caps on one place that no step alone can break.
void add_place(const Problem& problem, const PlaceRules& rules, const std::vector<bool>& hosts,
               bool one_slice, bool sends_once, std::vector<Budget>& budgets) {
  if (rules.compute_cap.seconds && !one_slice) {
    budgets.push_back({compute_on(problem, hosts), rules.compute_cap.seconds->value()});
  }
  if (rules.compute_cap.share)
    budgets.push_back({compute_beyond(problem, hosts, *rules.compute_cap.share), 0});
  if (rules.upload && !(one_slice && sends_once)) {
    budgets.push_back({upload_from(problem, hosts), rules.upload->value()});
  }
}

}  // namespace

std::vector<bool> hosts_of_tier(const Problem& problem, int rank) {
  std::vector<bool> hosts;
  for (const ProblemHost& host : problem.hosts) hosts.push_back(host.rank == rank);
  return hosts;
}

std::vector<bool> only_host(const Problem& problem, int host) {
  std::vector<bool> hosts(problem.hosts.size());
  hosts[static_cast<std::size_t>(host)] = true;
  return hosts;
}

Measure compute_on(const Problem& problem, const std::vector<bool>& hosts) {
  Measure seconds(problem);
  for (std::size_t host = 0; host < hosts.size(); ++host) seconds.per_second[host] = hosts[host] ? 1 : 0;
  return seconds;
}

Measure compute_beyond(const Problem& problem, const std::vector<bool>& hosts, double share) {
  Measure seconds = compute_on(problem, hosts);
  // A share holds to one part in 10^9, as every cap does: see within().
  for (double& rate : seconds.per_second) rate -= share * (1 + 1e-9);
  return seconds;
}

Measure upload_from(const Problem& problem, const std::vector<bool>& hosts) {
  Measure bytes(problem);
  for (int from = 0; from < bytes.hosts; ++from) {
    for (int to = 0; to < bytes.hosts; ++to) {
      if (!hosts[static_cast<std::size_t>(from)] || hosts[static_cast<std::size_t>(to)]) continue;
      bytes.onwards[static_cast<std::size_t>(from * bytes.hosts + to)].rate = 1;
    }
  }
  return bytes;
}

Measure bytes_over(const Problem& problem, const LinkBudget& budget) {
  Measure bytes(problem);
  for (int from = 0; from < bytes.hosts; ++from) {
    for (int to = 0; to < bytes.hosts; ++to) {
      const bool crosses = budget.pairs[static_cast<std::size_t>(from * bytes.hosts + to)];
      if (crosses) bytes.set_link(problem, from, to, {0, 1});
    }
  }
  return bytes;
}

Measure memory_on(const Problem& problem, int host) {
  Measure memory(problem);
  memory.memory_of = host;
  return memory;
}

bool ranks_by_latency(const Problem& problem) {
  const auto& levels = problem.objective.minimize;
  return levels.empty() ||
         (levels.size() == 1 && levels[0].size() == 1 && levels[0][0].criterion == Criterion::kLatency);
}

std::vector<Budget> budgets_of(const Problem& problem) {
  std::vector<Budget> budgets;
  const bool one_slice = one_slice_a_host(problem);
  const bool sends_once = source_sends_once(problem);
  for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
    const ProblemHost& here = problem.hosts[static_cast<std::size_t>(host)];
    add_place(problem, here, only_host(problem, host), one_slice, sends_once || host != problem.source,
              budgets);
    if (here.memory && !one_slice) budgets.push_back({memory_on(problem, host), here.memory->value()});
  }
  const int source_rank = problem.hosts[static_cast<std::size_t>(problem.source)].rank;
  for (const ProblemTier& tier : problem.tiers) {
    add_place(problem, tier, hosts_of_tier(problem, tier.rank), one_slice && one_host_a_tier(problem),
              sends_once || tier.rank != source_rank, budgets);
  }
  for (const LinkBudget& budget : problem.link_budgets) {
    budgets.push_back({bytes_over(problem, budget), budget.bytes.value()});
  }
  if (problem.deadline) budgets.push_back({latency_of(problem), problem.deadline->value()});
  if (problem.energy) budgets.push_back({energy_of(problem), problem.energy->value()});
  if (problem.price) budgets.push_back({price_of(problem), *problem.price});
  return budgets;
}

}  // namespace kerf
