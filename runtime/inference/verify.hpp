#pragma once
// Proves that cutting changes nothing: for every cut, head and tail are run one after the other and the
// crossing tensors and outputs compared with those of the whole model, on two seeded inputs; then all blocks
// as one chain. The whole model's outputs must differ between the two inputs, or the comparison would prove
// nothing.

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "models/cuts.hpp"

namespace kerf {

inline constexpr int kWholeChain = -1;  // CutCheck::cut of the chain of all blocks

struct CutCheck {
  int cut = 0;
  double worst = 0;  // largest |a - b| / max(|b| over the tensor), over crossing tensors and outputs
  std::string worst_tensor;
  std::string problem;  // a difference no number expresses: NaN, another shape; empty where there is none
  bool passed = false;
};

struct VerifyReport {
  std::vector<CutCheck> cuts;   // inner cuts 1 .. n-1; then the whole chain block by block as kWholeChain
  bool outputs_differ = false;  // between the two inputs
  // Sessions that fuse differently add in another order: 6e-6 is the most seen on PP-OCRv4's three networks.
  // A wrong cut makes differences of the order of 1.
  double tolerance = 1e-4;
  [[nodiscard]] bool passed() const;
};

// Checks as many cuts side by side as there are threads; each holds one session at a time, which runs on one
// thread. Beside them: the weights, and values at cuts up to a quarter of a gigabyte an input (or of one cut
// where that is more).
[[nodiscard]] VerifyReport verify(const Graph& graph, const Chain& chain, int threads,
                                  const ProgressReport& progress, const StopRequested& stop);

}  // namespace kerf
