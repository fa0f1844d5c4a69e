#pragma once
// The sampler's slices as sessions of ONNX Runtime: made from the graph when loaded, run on the values at
// cuts recorded from one run of the whole model, kept as long as memory bears them. Concurrent sessions are
// threads that run the same ONNX Runtime session at the same time, as a server's workers do.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "calibrate/measure/sampler.hpp"
#include "calibrate/profile/profile.hpp"
#include "models/cuts.hpp"
#include "runtime/inference/session.hpp"

namespace kerf {

class SliceSessions final : public SliceRunner {
 public:
  // Graph, chain and plan must outlive it. Records the inputs: one run of the whole model. `pause` is slept
  // before each run of a lone session.
  SliceSessions(const Graph& graph, const Chain& chain, std::span<const PlannedSlice> plan,
                const RunMode& mode, Seconds pause, std::uint64_t seed);

  [[nodiscard]] bool has_room(std::size_t slice) override;
  void load(std::size_t slice) override;
  void unload(std::size_t slice) override;
  [[nodiscard]] std::vector<Visit> run(std::size_t slice, int times) override;

  // What SliceMeasurement::load and ::memory say, of a slice that was loaded and run.
  [[nodiscard]] Seconds load_time(std::size_t slice) const { return facts_[slice].load; }
  [[nodiscard]] Bytes memory(std::size_t slice) const { return facts_[slice].memory; }

 private:
  struct Facts {
    Seconds load;
    Bytes memory;
  };

  const Graph& graph_;
  const Chain& chain_;
  std::span<const PlannedSlice> plan_;
  RunMode mode_;
  Seconds pause_;
  SessionOptions options_;
  WeightStore weights_;
  Values recorded_;  // of every tensor that crosses a cut; sessions borrow them
  Bytes most_memory_;
  std::vector<Bytes> copied_weights_;  // of each block: what every session with it copies
  std::vector<std::optional<Session>> sessions_;
  std::vector<Facts> facts_;  // of each slice
};

}  // namespace kerf
