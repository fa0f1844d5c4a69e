#pragma once
// The sampler's slices as sessions of ONNX Runtime: made from the graph when loaded, run on the values at
// cuts recorded from one run of the whole model, kept as long as memory bears them.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "calibrate/measure/sampler.hpp"
#include "models/cuts.hpp"
#include "runtime/inference/session.hpp"

namespace kerf {

class SliceSessions final : public SliceRunner {
 public:
  // Graph, chain and plan must outlive it. Records the inputs: one run of the whole model.
  SliceSessions(const Graph& graph, const Chain& chain, std::span<const PlannedSlice> plan, int threads,
                std::uint64_t seed);

  [[nodiscard]] bool has_room(std::size_t slice) override;
  void load(std::size_t slice) override;
  void unload(std::size_t slice) override;
  [[nodiscard]] Seconds run(std::size_t slice) override;

 private:
  const Graph& graph_;
  const Chain& chain_;
  std::span<const PlannedSlice> plan_;
  SessionOptions options_;
  WeightStore weights_;
  Values recorded_;  // of every tensor that crosses a cut; sessions borrow them
  Bytes most_memory_;
  std::vector<Bytes> copied_weights_;  // of each block: what every session with it copies
  std::vector<std::optional<Session>> sessions_;
};

}  // namespace kerf
