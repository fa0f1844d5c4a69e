#include "calibrate/measure/slice_sessions.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <set>

#include "runtime/inference/recording.hpp"

namespace kerf {
namespace {

constexpr Bytes kRecordedAtOnce{256e6};
constexpr Bytes kAllowance{1e9};  // beside three times the model's weights
constexpr Bytes kReserve{100e6};  // of the allowance, for what is not seen coming
constexpr Bytes kEmptySession{4e6};
constexpr double kTransientCopies = 2.5;  // of what a session copies, while it is made

// What the process has in memory now.
Bytes resident() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident_pages = 0;
  file >> pages >> resident_pages;
  return Bytes(resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

std::vector<Bytes> copied_weights(const Graph& graph, const Chain& chain, const WeightStore& weights) {
  std::vector<Bytes> result;
  for (const Block& block : chain.blocks) {
    std::set<TensorId> copied;
    for (int n = block.first_node; n < block.end_node; ++n) {
      for (const TensorId id : graph.nodes[static_cast<std::size_t>(n)].inputs) {
        if (id < 0 || graph.tensors[static_cast<std::size_t>(id)].weight < 0) continue;
        if (!weights.packed_once(id)) copied.insert(id);
      }
    }
    Bytes bytes;
    for (const TensorId id : copied) bytes += graph.tensors[static_cast<std::size_t>(id)].bytes();
    result.push_back(bytes);
  }
  return result;
}

}  // namespace

SliceSessions::SliceSessions(const Graph& graph, const Chain& chain, std::span<const PlannedSlice> plan,
                             int threads, std::uint64_t seed)
    : graph_(graph), chain_(chain), plan_(plan), options_{threads}, weights_(graph), sessions_(plan.size()) {
  copied_weights_ = copied_weights(graph, chain, weights_);
  const std::array inputs{random_inputs(graph, seed)};
  Bytes recorded_bytes;
  for (const CutRange& cuts : groups_of_cuts(graph, chain, kRecordedAtOnce)) {
    for (Values& values : record(weights_, graph, chain, cuts, inputs, options_)) recorded_.merge(values);
  }
  for (const auto& [name, value] : recorded_)
    recorded_bytes += Bytes(static_cast<double>(value.bytes.size()));
  most_memory_ = 3 * graph.weight_bytes() + kAllowance - kReserve + recorded_bytes;
}

bool SliceSessions::has_room(std::size_t slice) {
  const PlannedSlice& planned = plan_[slice];
  Bytes copied;
  for (int b = planned.first_block; b <= planned.last_block; ++b)
    copied += copied_weights_[static_cast<std::size_t>(b)];
  return resident() + kEmptySession + kTransientCopies * copied <= most_memory_;
}

void SliceSessions::load(std::size_t slice) {
  const PlannedSlice& planned = plan_[slice];
  const Slice model = make_slice(graph_, chain_, planned.first_block, planned.last_block);
  sessions_[slice].emplace(weights_, model, options_);
  sessions_[slice]->bind(recorded_);
}

void SliceSessions::unload(std::size_t slice) {
  sessions_[slice].reset();
}

Seconds SliceSessions::run(std::size_t slice) {
  return sessions_[slice]->time_run();
}

}  // namespace kerf
