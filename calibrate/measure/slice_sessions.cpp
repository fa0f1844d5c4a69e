#include "calibrate/measure/slice_sessions.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <exception>
#include <fstream>
#include <set>
#include <thread>

#include "calibrate/measure/steady_clock.hpp"
#include "runtime/inference/recording.hpp"

namespace kerf {
namespace {

constexpr Bytes kRecordedAtOnce{256e6};
constexpr Bytes kAllowance{1e9};  // beside three times the model's weights
constexpr Bytes kReserve{
    350e6};  // of the allowance, for what is not seen coming: ResNet-50 took 320 MB of it
constexpr Bytes kEmptySession{4e6};
constexpr double kTransientCopies = 2.5;  // of what a session copies, while it is made
constexpr double kTransientShared = 2;    // of what it will share in the end: a copy, and its packed form

// What the process has in memory now.
Bytes resident() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident_pages = 0;
  file >> pages >> resident_pages;
  return Bytes(resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

// What the C library has given out and not got back; 0 under allocators that do not say, as sanitizers'.
Bytes allocated() {
  const struct mallinfo2 info = ::mallinfo2();
  return Bytes(static_cast<double>(info.uordblks + info.hblkhd));
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
                             const RunMode& mode, Seconds pause, std::uint64_t seed)
    : graph_(graph),
      chain_(chain),
      plan_(plan),
      mode_(mode),
      pause_(pause),
      options_{.threads = mode.threads, .give_memory_back = false},
      weights_(graph),
      sessions_(plan.size()),
      facts_(plan.size()) {
  copied_weights_ = copied_weights(graph, chain, weights_);
  const std::array inputs{random_inputs(graph, seed)};
  for (const CutRange& cuts : groups_of_cuts(graph, chain, kRecordedAtOnce)) {
    for (Values& values : record(weights_, graph, chain, cuts, inputs, options_)) recorded_.merge(values);
  }
  most_memory_ = 3 * graph.weight_bytes() + kAllowance - kReserve;
  ::malloc_trim(0);
}

bool SliceSessions::has_room(std::size_t slice) {
  const PlannedSlice& planned = plan_[slice];
  Bytes copied;
  Bytes shared;
  for (int b = planned.first_block; b <= planned.last_block; ++b) {
    const auto block = static_cast<std::size_t>(b);
    copied += copied_weights_[block];
    shared += chain_.blocks[block].weights - copied_weights_[block];
  }
  const Bytes needed = kEmptySession + kTransientCopies * copied + kTransientShared * shared;
  const auto fits = [&] { return resident() + needed <= most_memory_; };
  if (fits()) return true;
  // Only now: memory that is given back after every session must be asked for again, page by page, which took
  // longer than making the sessions.
  ::malloc_trim(0);
  return fits();
}

void SliceSessions::load(std::size_t slice) {
  const PlannedSlice& planned = plan_[slice];
  const Slice model = make_slice(graph_, chain_, planned.first_block, planned.last_block);
  for (const TensorId weight : model.weights) (void)weights_.data(weight);
  const Bytes before = allocated();
  const auto start = std::chrono::steady_clock::now();
  Session& session = sessions_[slice].emplace(weights_, model, options_);
  facts_[slice].load =
      Seconds(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  const Bytes own = std::max(allocated() - before, Bytes(0));
  session.bind(recorded_);
  Bytes activations;
  for (int b = planned.first_block; b <= planned.last_block; ++b) {
    activations = std::max(activations, chain_.blocks[static_cast<std::size_t>(b)].activations);
  }
  facts_[slice].memory = own + activations;
}

void SliceSessions::unload(std::size_t slice) {
  sessions_[slice].reset();
}

// All sessions keep running until each has its runs, so that none ends in quiet.
std::vector<Visit> SliceSessions::run(std::size_t slice, int times) {
  Session& session = *sessions_[slice];
  const auto wanted = static_cast<std::size_t>(times);
  if (mode_.sessions == 1) {
    Visit visit;
    while (visit.size() < wanted) {
      rest(pause_);
      visit.push_back(session.time_run().value());
    }
    return {visit};
  }
  const auto count = static_cast<std::size_t>(mode_.sessions);
  std::vector<Visit> visits(count);
  std::vector<std::exception_ptr> failures(count);
  std::barrier start(mode_.sessions);
  std::atomic<int> unfinished = mode_.sessions;
  const auto work = [&](std::size_t worker) {
    start.arrive_and_wait();
    try {
      while (visits[worker].size() < wanted) visits[worker].push_back(session.time_run().value());
      --unfinished;
      while (unfinished > 0) (void)session.time_run();
    } catch (...) {
      failures[worker] = std::current_exception();
      unfinished = 0;
    }
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t worker = 0; worker < count; ++worker) workers.emplace_back(work, worker);
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return visits;
}

}  // namespace kerf
