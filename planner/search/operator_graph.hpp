#pragma once
// The model's graph as the planner sees it: operators in a topological order, the tensors that flow between
// them, and which block of the chain each operator belongs to. Plain numbers; whoever knows the model fills
// it in. Constants (weights) flow nowhere and are left out.

#include <vector>

#include "base/quantity.hpp"

namespace kerf {

struct OperatorTensor {
  int producer = -1;           // an operator; -1: an input of the model
  std::vector<int> consumers;  // operators, each once, all after the producer
  bool is_output = false;      // of the model
  Bytes bytes;                 // of a whole request
};

struct Operator {
  int block = 0;     // ascends, and every block has at least one
  double share = 0;  // of its block's time; the shares of a block sum to 1
};

struct OperatorGraph {
  std::vector<Operator> operators;
  std::vector<OperatorTensor> tensors;
};

}  // namespace kerf
