#pragma once
// A slice in ONNX Runtime, ready to run: all optimisations, the CPU provider, weights borrowed from a
// WeightStore that must outlive it. A session may be run by several threads at once, but bound by one.
//
// A session takes the values of slice.inputs and gives those of slice.outputs; tensors that pass the slice
// are the caller's to hand on (models/slicer.hpp).
//
//   Session head(weights, make_slice(graph, chain, 0, 11), {.threads = 2});
//   Values crossing = head.run(inputs);

#include <memory>
#include <string>
#include <vector>

#include "base/quantity.hpp"
#include "models/slicer.hpp"
#include "runtime/inference/value.hpp"
#include "runtime/inference/weight_store.hpp"

namespace kerf {

struct SessionOptions {
  // Of one run, inside operators. Beyond one, idle threads of a session spin while it runs, as is ONNX
  // Runtime's default and what a host that serves one request after the other sees, but stop when the run
  // ends: they would steal cores from whatever session runs next.
  int threads = 1;
  // Whether what a session has freed by the time it is ready goes back to the system, for sessions that stay.
  // Where they come and go that is half the time, since the next one needs it again.
  bool give_memory_back = true;
  // Whether convolutions may work on blocks of channels, ONNX Runtime's fastest layout. Its version 1.30 then
  // loses an output of the model that is a sum's operand as well (it says "must contain a constructed
  // tensor"), which happens where inner tensors are recorded: a NASNet's.
  bool channel_blocks = true;
};

class Session {
 public:
  // Error(kUnsupported) names the operator that the runtime does not know; Error(kLimit) when memory runs
  // out.
  Session(WeightStore& weights, const Slice& slice, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Fixes the inputs for time_run(). They are borrowed: they must stay where they are until the last run on
  // them. A missing one, a wrong type or shape is Error(kBadInput). Values that the slice does not use are
  // ignored.
  void bind(const Values& inputs);
  // Runs on the bound inputs and returns the wall time of the run alone; nothing is copied, results are
  // discarded. Several threads may time runs of one session at once.
  [[nodiscard]] Seconds time_run();

  [[nodiscard]] Values run(const Values& inputs);
  // The same without copies: results lie where the runtime wrote them and own that memory. Several threads
  // may run one session so. What a missing or a wrong input is, see bind().
  [[nodiscard]] LiveTensors run_in_place(const LiveTensors& inputs) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string runtime_version();  // "onnxruntime 1.30.0"

}  // namespace kerf
