#pragma once
// Proves that cutting changes nothing: for every cut, head and tail are run one after the other and the crossing tensors
// and outputs compared with those of the whole model, on two seeded inputs. The whole model's outputs must differ
// between the two inputs, or the comparison would prove nothing.

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "models/cuts.hpp"

namespace kerf {

struct CutCheck {
  int cut = 0;
  double worst = 0;          // largest |a - b| / max(|b| over the tensor), over crossing tensors and outputs
  std::string worst_tensor;
  bool passed = false;
};

struct VerifyReport {
  std::vector<CutCheck> cuts;   // inner cuts 1 .. n-1; then the whole chain block by block as cut -1
  bool outputs_differ = false;  // between the two inputs
  double tolerance = 1e-4;
  [[nodiscard]] bool passed() const;
};

[[nodiscard]] VerifyReport verify(const Graph& graph, const Chain& chain, int threads, const ProgressReport& progress,
                                  const StopRequested& stop);

}  // namespace kerf
