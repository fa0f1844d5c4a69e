#pragma once
// The slices of one model that a host has ready to run. Each is loaded once, however many plans use it, and
// all borrow one copy of the weights.
//
//   SliceStore store(graph, chain, {.threads = 1});
//   const auto head = store.load({0, 12});
//   LiveTensors crossing = head->run(inputs);       // exactly the tensors that cross cut 13

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "models/cuts.hpp"
#include "runtime/executor/infer_message.hpp"
#include "runtime/inference/session.hpp"
#include "runtime/split/host_slice.hpp"

namespace kerf {

class LoadedSlice {
 public:
  // Loads it and runs it a few times, on zeros.
  LoadedSlice(WeightStore& weights, const Chain& chain, BlockRange blocks, const SessionOptions& options);

  [[nodiscard]] BlockRange blocks() const { return blocks_; }
  // What crosses the cut before it and the cut after it, tensors included that only pass.
  [[nodiscard]] const std::vector<TensorSignature>& takes() const { return takes_; }
  [[nodiscard]] const std::vector<TensorSignature>& gives() const { return gives_; }

  // From what takes() says to what gives() says; nothing is copied, and what passes is the same memory.
  // Others in `tensors` are left out. Several threads may run one slice.
  [[nodiscard]] LiveTensors run(const LiveTensors& tensors) const;

 private:
  void warm_up(const Graph& graph, const Chain& chain) const;

  BlockRange blocks_;
  std::vector<TensorSignature> takes_, gives_;
  std::vector<std::string> passed_;
  Session session_;
};

class SliceStore {
 public:
  // Graph and chain must outlive the store.
  SliceStore(const Graph& graph, const Chain& chain, const SessionOptions& options);

  // Loads it where it is not there yet, which takes up to seconds for a large slice. Any thread; a slice
  // lives as long as the store.
  [[nodiscard]] std::shared_ptr<const LoadedSlice> load(BlockRange blocks);

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Chain& chain() const { return chain_; }
  [[nodiscard]] int last_block() const { return static_cast<int>(chain_.blocks.size()) - 1; }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Bytes shared_weights() const;  // one copy, for all slices

 private:
  const Graph& graph_;
  const Chain& chain_;
  SessionOptions options_;
  mutable std::mutex mutex_;
  WeightStore weights_;
  std::map<BlockRange, std::shared_ptr<const LoadedSlice>> slices_;
};

// What other hosts call the slice: "ppocr-det.13-40"; its version is the graph's hash.
[[nodiscard]] std::string served_name(const Graph& graph, BlockRange blocks);

// Of this process, as the system counts it: resident.
[[nodiscard]] Bytes process_memory();

}  // namespace kerf
