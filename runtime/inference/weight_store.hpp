#pragma once
// One copy of a model's weights, for all sessions of its slices. Weights are read on first use, aligned as
// vector instructions like them, and borrowed by every Session; so the store must outlive the sessions. What
// ONNX Runtime packs for a matrix product is packed once and shared too; a convolution's weights are laid out
// anew by each session, because the layout depends on what the session fuses. Not thread-safe: create
// sessions from one thread, at least until every weight has been read; from then on nothing here changes.
//
//   WeightStore weights(graph);
//   Session head(weights, make_slice(graph, chain, 0, 11));
//   Session tail(weights, make_slice(graph, chain, 12, 40));

#include <memory>

#include "models/graph.hpp"

namespace kerf {

class WeightStore {
 public:
  explicit WeightStore(const Graph& graph);  // the graph must outlive it
  WeightStore(const WeightStore&) = delete;
  WeightStore& operator=(const WeightStore&) = delete;
  ~WeightStore();

  // The weight's elements, 64-byte aligned; read on first use.
  [[nodiscard]] const void* data(TensorId tensor);
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] Bytes loaded() const;
  // Whether all sessions use this weight, packed once, as it is; of any other, each session may make its own
  // copy.
  [[nodiscard]] bool packed_once(TensorId weight) const;

 private:
  friend class Session;
  struct Buffers;
  const Graph& graph_;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace kerf
