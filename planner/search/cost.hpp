#pragma once
// The closed form: what a plan costs when nothing queues.
//
//   latency = sum over stages  compute(first..last) [+ decode on the first stage, where the input was sent to it]
//           + sum over moves   delay + overhead + bytes / bandwidth
//           + the way back     the same for the result, from the last stage to the source (unless return_result = false)
//
// A plan that starts on another host than the source first sends the input (wire bytes) there.

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
  Joules energy;  // busy power while computing, send power while a transfer's bytes leave; idle power is not counted
  std::vector<SliceCost> slices;
  std::vector<TransferCost> transfers;  // in order, the way back last
};

// Error(kInfeasible) where two hosts that the plan joins have no route.
[[nodiscard]] PlanCost cost_of(const Problem& problem, const Plan& plan);

// Why the plan breaks a constraint ("camera must run block 3 (conv2)"), or "" when it keeps all of them.
[[nodiscard]] std::string violation(const Problem& problem, const Plan& plan);

}  // namespace kerf
