#pragma once
// The closed form: what a plan costs when nothing queues.
//
//   latency = sum over stages  compute(first..last)
//                              [+ decode on the first stage, where the input was sent to it]
//           + sum over moves   delay + overhead + bytes / bandwidth
//           + the way back     the same for the result, from the last stage to the source
//                              (unless return_result = false)
//
// A plan that starts on another host than the source first sends the input (wire bytes) there. The terms are
// added in the order in which they happen, here and in the search, so that both find the same bits.

#include <string>
#include <vector>

#include "planner/plans/plan.hpp"
#include "scenarios/problem.hpp"

namespace kerf {

struct SliceCost {
  Stage stage;
  Seconds seconds;
};

struct TransferCost {
  int from = 0;
  int to = 0;
  Bytes bytes;
  Seconds seconds;
};

struct PlanCost {
  Plan plan;
  Seconds latency, compute, transfer;
  Joules energy;  // busy power while computing, send power while a transfer's bytes leave; idle power is not
                  // counted
  double price = 0;  // of the hosts' busy time and of the bytes over links
  std::vector<SliceCost> slices;
  std::vector<TransferCost> transfers;  // in order, the way back last
};

// The time of one stage: its slice, and the decoding of the input where the first stage received it from the
// source.
[[nodiscard]] inline Seconds stage_time(const Problem& problem, const Stage& stage) {
  const Seconds slice =
      problem.hosts[static_cast<std::size_t>(stage.host)].compute(stage.first_block, stage.last_block);
  return stage.first_block == 0 && stage.host != problem.source ? slice + problem.decode : slice;
}

// Error(kInfeasible) where two hosts that the plan joins have no route.
[[nodiscard]] PlanCost cost_of(const Problem& problem, const Plan& plan);

// Why the plan is none that the search would consider: the constraint it breaks ("camera must run block 3
// (conv2)"), a step that [plans] does not allow, a missing route. "" when there is nothing against it.
[[nodiscard]] std::string violation(const Problem& problem, const Plan& plan);
// The part of it that is about [plans] alone: the order of hosts, how often each comes, the number of slices.
[[nodiscard]] std::string rule_violation(const Problem& problem, const Plan& plan);

}  // namespace kerf
