#pragma once
// Slices in ONNX Runtime. A WeightStore holds one copy of the model's weights, aligned, which every Session borrows; it
// must outlive them. A Session is one slice ready to run; run() may be called from one thread at a time.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/slicer.hpp"

namespace kerf {

// A tensor's value: dense, row-major, little-endian.
struct Value {
  ElementType type = ElementType::kUndefined;
  std::vector<std::int64_t> shape;
  std::string bytes;
};

using Values = std::map<std::string, Value>;  // by tensor name

class WeightStore {
 public:
  explicit WeightStore(const Graph& graph);  // the graph must outlive it
  ~WeightStore();
  // The weight's elements, 64-byte aligned; loaded on first use.
  [[nodiscard]] const void* data(TensorId tensor);
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] Bytes loaded() const;

 private:
  struct Buffers;
  const Graph& graph_;
  std::unique_ptr<Buffers> buffers_;
};

struct SessionOptions {
  int threads = 1;
};

class Session {
 public:
  // Error(kUnsupported) names the operator that the runtime does not know; Error(kLimit) when memory runs out.
  Session(WeightStore& weights, const Slice& slice, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Fixes the inputs for time_run(); a missing one, a wrong type or shape is Error(kBadInput).
  void bind(const Values& inputs);
  [[nodiscard]] Values run(const Values& inputs);
  // Runs on the bound inputs and returns the wall time of the run alone.
  [[nodiscard]] Seconds time_run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string runtime_version();  // "onnxruntime 1.30.0"

// Inputs for the graph: pseudo-random, reproducible by seed; floats in [-1, 1), integers small and non-negative.
[[nodiscard]] Values random_inputs(const Graph& graph, std::uint64_t seed);

}  // namespace kerf
