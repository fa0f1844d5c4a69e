#pragma once
// The steps in which a Problem is put together, each from the scenario and what earlier steps filled in.
// Internal to scenarios/.

#include <vector>

#include "scenarios/problem.hpp"
#include "scenarios/scenario.hpp"

namespace kerf::scenarios {

// hosts[*].instances and rank, source. Needs platform.
void place_hosts(const Scenario& scenario, Problem& problem);

// Everything that comes from the profiles. Needs hosts[*].costs.
void take_model(const Scenario& scenario, Problem& problem);

// The rules of hosts and tiers. Needs block_names and placed hosts.
void resolve_constraints(const Scenario& scenario, Problem& problem);

// deadline, energy, price, kept and link_budgets. Needs links and placed hosts.
void resolve_plan_constraints(const Scenario& scenario, Problem& problem);

// links. Needs platform. `measured`: one a network group, nullptr where it names no measured link.
void set_links(const Scenario& scenario, const std::vector<const LinkCosts*>& measured, Problem& problem);

// paths. Needs links and placed hosts.
void find_paths(const Scenario& scenario, Problem& problem);

// That every class can take part in some plan.
void check_routes(const Scenario& scenario, const Problem& problem);

}  // namespace kerf::scenarios
