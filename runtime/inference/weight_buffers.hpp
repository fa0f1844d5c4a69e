#pragma once
// Inside runtime/inference only: what a WeightStore holds, as sessions see it.

#include <map>
#include <memory>
#include <new>

#include "runtime/inference/onnx_runtime.hpp"
#include "runtime/inference/weight_store.hpp"

namespace kerf {

struct WeightStore::Buffers {
  static constexpr std::align_val_t kAlignment{64};

  struct Free {
    void operator()(char* memory) const { ::operator delete[](memory, kAlignment); }
  };
  struct Weight {
    std::unique_ptr<char[], Free> memory;
    Ort::Value tensor{nullptr};  // a view of the memory
    // Only ever the right operand of matrix products. ONNX Runtime replaces no such weight when it optimises,
    // so that sessions can be told to use this very instance and then share its packed form; others may be
    // rewritten under their own name, and are handed over as data only.
    bool packable = false;
  };
  struct ReleasePacked {
    void operator()(OrtPrepackedWeightsContainer* packed) const {
      Ort::GetApi().ReleasePrepackedWeightsContainer(packed);
    }
  };

  explicit Buffers(const Graph& model);
  const Weight& weight(TensorId tensor);

  const Graph& graph;
  std::map<TensorId, Weight> weights;
  std::unique_ptr<OrtPrepackedWeightsContainer, ReleasePacked> packed;
  double bytes = 0;
};

}  // namespace kerf
