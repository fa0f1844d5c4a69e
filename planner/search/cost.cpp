#include "planner/search/cost.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "planner/search/constraints.hpp"

namespace kerf {
namespace {

const ProblemHost& host_of(const Problem& problem, int host) {
  return problem.hosts[static_cast<std::size_t>(host)];
}

std::string block_text(const Problem& problem, int block) {
  const auto index = static_cast<std::size_t>(block);
  if (index >= problem.block_names.size() || problem.block_names[index].empty())
    return fmt::format("block {}", block);
  return fmt::format("block {} ({})", block, problem.block_names[index]);
}

// Adds stages and transfers in the order in which they happen.
class Account {
 public:
  Account(const Problem& problem, const Plan& plan) : problem_(problem) { cost_.plan = plan; }

  void compute(const Stage& stage) {
    const Seconds time = stage_time(problem_, stage);
    cost_.slices.push_back({stage, time});
    cost_.compute += time;
    cost_.latency += time;
    cost_.energy += host_of(problem_, stage.host).power.busy * time;
  }

  void send(int from, int to, Bytes bytes) {
    const auto& path = problem_.path(from, to);
    if (!path) {
      throw Error(
          ErrorCode::kInfeasible, "plan \"" + to_text(cost_.plan, problem_.host_names()) + "\"",
          fmt::format("no route from {} to {}", host_of(problem_, from).name, host_of(problem_, to).name));
    }
    const Seconds time = path->transfer(bytes);
    cost_.transfers.push_back({from, to, bytes, time});
    cost_.transfer += time;
    cost_.latency += time;
    if (bytes > Bytes{}) cost_.energy += host_of(problem_, from).power.send * (bytes / path->bandwidth);
  }

  [[nodiscard]] PlanCost finish() { return std::move(cost_); }

 private:
  const Problem& problem_;
  PlanCost cost_;
};

std::string rank_violation(const Problem& problem, const Plan& plan) {
  for (std::size_t i = 1; i < plan.stages.size(); ++i) {
    const ProblemHost& from = host_of(problem, plan.stages[i - 1].host);
    const ProblemHost& to = host_of(problem, plan.stages[i].host);
    if (to.rank > from.rank) continue;
    return fmt::format("{} ({}) cannot hand on to {} ({}): plans move to later tiers", from.name, from.tier,
                       to.name, to.tier);
  }
  return {};
}

std::string block_violation(const Problem& problem, const Stage& stage) {
  for (int block = stage.first_block; block <= stage.last_block; ++block) {
    for (std::size_t h = 0; h < problem.hosts.size(); ++h) {
      const ProblemHost& host = problem.hosts[h];
      const bool here = static_cast<int>(h) == stage.host;
      if (!here && marks(host.must_run, block)) {
        return fmt::format("{} must run {}", host.name, block_text(problem, block));
      }
      if (here && marks(host.must_not_run, block)) {
        return fmt::format("{} must not run {}", host.name, block_text(problem, block));
      }
    }
  }
  return {};
}

std::string stage_violation(const Problem& problem, const Stage& stage) {
  const ProblemHost& host = host_of(problem, stage.host);
  if (host.instances.empty()) return fmt::format("{} is not on this platform", host.name);
  if (host.used == false) return fmt::format("{} must not be used", host.name);
  if (host.memory) {
    const Bytes need = host.costs->memory(stage.first_block, stage.last_block);
    if (!(need <= *host.memory)) {
      return fmt::format("{} needs {} of memory for blocks {}-{} and has {}", host.name, format(need),
                         stage.first_block, stage.last_block, format(*host.memory));
    }
  }
  return block_violation(problem, stage);
}

// What leaves `host` towards later stages under this plan.
Bytes uploaded(const Problem& problem, const Plan& plan, int host) {
  Bytes sum;
  if (host == problem.source && plan.stages.front().host != host) sum += problem.wire_bytes;
  for (std::size_t i = 1; i < plan.stages.size(); ++i) {
    if (plan.stages[i - 1].host == host) sum += problem.bytes_into(plan.stages[i].first_block);
  }
  return sum;
}

std::string host_violation(const Problem& problem, const Plan& plan, int index) {
  const ProblemHost& host = host_of(problem, index);
  bool runs = false;
  for (const Stage& stage : plan.stages) runs = runs || stage.host == index;
  if (host.used == true && !runs) return fmt::format("{} must be used", host.name);
  if (!host.upload) return {};
  const Bytes sum = uploaded(problem, plan, index);
  if (sum <= *host.upload) return {};
  return fmt::format("{} uploads {} and may upload {}", host.name, format(sum), format(*host.upload));
}

std::string route_violation(const Problem& problem, const Plan& plan) {
  try {
    static_cast<void>(cost_of(problem, plan));
  } catch (const Error& error) {
    return error.found();
  }
  return {};
}

}  // namespace

PlanCost cost_of(const Problem& problem, const Plan& plan) {
  Account account(problem, plan);
  int at = problem.source;
  for (const Stage& stage : plan.stages) {
    if (stage.host != at) account.send(at, stage.host, problem.bytes_into(stage.first_block));
    account.compute(stage);
    at = stage.host;
  }
  if (problem.workload.return_result && at != problem.source) {
    account.send(at, problem.source, result_bytes(problem));
  }
  return account.finish();
}

std::string violation(const Problem& problem, const Plan& plan) {
  std::string why = rank_violation(problem, plan);
  for (const Stage& stage : plan.stages) {
    if (why.empty()) why = stage_violation(problem, stage);
  }
  for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
    if (why.empty()) why = host_violation(problem, plan, host);
  }
  if (why.empty()) why = route_violation(problem, plan);
  return why;
}

}  // namespace kerf
