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
    cost_.price += host_of(problem_, stage.host).price * time.value();
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
    cost_.price += path->price * bytes.value();
  }

  [[nodiscard]] PlanCost finish() { return std::move(cost_); }

 private:
  const Problem& problem_;
  PlanCost cost_;
};

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

}  // namespace kerf
