#include "runtime/split/slice_store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "base/error.hpp"
#include "runtime/split/tensors.hpp"

namespace kerf {
namespace {

std::vector<std::string> names_of(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::vector<std::string> names;
  for (const TensorId id : tensors) names.push_back(graph.tensors[static_cast<std::size_t>(id)].name);
  return names;
}

Slice checked_slice(const Graph& graph, const Chain& chain, BlockRange blocks) {
  const int last = static_cast<int>(chain.blocks.size()) - 1;
  if (blocks.last > last) {
    throw Error(ErrorCode::kUsage, graph.name, fmt::format("blocks {}-{}", blocks.first, blocks.last),
                fmt::format("blocks of 0-{}", last), "`kerf model info` lists them");
  }
  return make_slice(graph, chain, blocks.first, blocks.last);
}

}  // namespace

LoadedSlice::LoadedSlice(WeightStore& weights, const Chain& chain, BlockRange blocks,
                         const SessionOptions& options)
    : blocks_(blocks), session_([&] {
        const Graph& graph = weights.graph();
        const Slice slice = checked_slice(graph, chain, blocks);
        takes_ = signatures_of(graph, chain.cuts[static_cast<std::size_t>(blocks.first)].tensors);
        gives_ = signatures_of(graph, chain.cuts[static_cast<std::size_t>(blocks.last) + 1].tensors);
        passed_ = names_of(graph, slice.passed);
        return Session(weights, slice, options);
      }()) {
  warm_up(weights.graph(), chain);
}

// A session's first runs take up to twice as long: memory is asked of the system, and how much is learnt.
void LoadedSlice::warm_up(const Graph& graph, const Chain& chain) const {
  constexpr int kRuns = 6;
  Values zeros;
  for (const TensorId id : chain.cuts[static_cast<std::size_t>(blocks_.first)].tensors) {
    const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    const auto bytes = static_cast<std::size_t>(tensor.bytes().value());
    zeros.emplace(tensor.name, Value{tensor.type, tensor.shape, std::string(bytes, '\0')});
  }
  try {
    for (int k = 0; k < kRuns; ++k) (void)run(borrowed(zeros));
  } catch (const Error&) {
    // Zeros may be no input that the model allows; a request will show what is wrong, if anything is.
  }
}

LiveTensors LoadedSlice::run(const LiveTensors& tensors) const {
  LiveTensors results = session_.run_in_place(tensors);
  for (const std::string& name : passed_) {
    const auto at = tensors.find(name);
    if (at == tensors.end()) {
      throw Error(ErrorCode::kBadInput, name, "no value for a tensor that crosses the cut");
    }
    results.insert(*at);
  }
  return results;
}

SliceStore::SliceStore(const Graph& graph, const Chain& chain, const SessionOptions& options)
    : graph_(graph), chain_(chain), options_(options), weights_(graph) {}

std::shared_ptr<const LoadedSlice> SliceStore::load(BlockRange blocks) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const LoadedSlice>& slice = slices_[blocks];
  if (slice == nullptr) slice = std::make_shared<const LoadedSlice>(weights_, chain_, blocks, options_);
  return slice;
}

std::size_t SliceStore::size() const {
  const std::lock_guard lock(mutex_);
  return slices_.size();
}

Bytes SliceStore::shared_weights() const {
  const std::lock_guard lock(mutex_);
  return weights_.loaded();
}

std::string served_name(const Graph& graph, BlockRange blocks) {
  return fmt::format("{}.{}-{}", graph.name, blocks.first, blocks.last);
}

Bytes process_memory() {
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return Bytes(resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

}  // namespace kerf
