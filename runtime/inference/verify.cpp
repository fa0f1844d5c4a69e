#include "runtime/inference/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "base/error.hpp"
#include "runtime/inference/recording.hpp"
#include "runtime/inference/session.hpp"

namespace kerf {
namespace {

constexpr Bytes kMostRecorded{256e6};
constexpr std::array<std::uint64_t, 2> kSeeds{1, 2};

class Verification {
 public:
  Verification(const Graph& graph, const Chain& chain, int threads, const ProgressReport& progress,
               const StopRequested& stop)
      : graph_(graph),
        chain_(chain),
        threads_(std::max(threads, 1)),
        progress_(progress),
        stop_(stop),
        weights_(graph),
        blocks_(static_cast<int>(chain.blocks.size())) {
    for (const std::uint64_t seed : kSeeds) inputs_.push_back(random_inputs(graph, seed));
  }

  VerifyReport report() {
    VerifyReport report;
    run_whole(report);
    CutCheck links{kWholeChain, 0, {}, {}, false};
    std::vector<Values> chained = inputs_;
    for (const CutRange& group : groups_of_cuts(graph_, chain_, kMostRecorded)) {
      step(group.first, "recording the whole model");
      const std::vector<Values> recorded = record(weights_, graph_, chain_, group, inputs_, options_);
      const int first = std::max(group.first, 1);
      for (int cut = first; cut <= group.last; ++cut) {
        step(first, fmt::format("block {}", cut - 1));
        run_slice(cut - 1, cut - 1, chained);
        compare(links, cut, chained, recorded);
      }
      check_cuts(first, std::min(group.last, blocks_ - 1), recorded, report.cuts);
    }
    compare(links, blocks_, chained, outputs_);
    report.cuts.push_back(std::move(links));
    for (CutCheck& check : report.cuts)
      check.passed = check.problem.empty() && check.worst <= report.tolerance;
    return report;
  }

 private:
  void step(int done, const std::string& what) const {
    if (stop_ && stop_()) {
      throw Error(ErrorCode::kInterrupted, graph_.name,
                  fmt::format("stopped at cut {} of {}", done, blocks_));
    }
    if (progress_) progress_(done, blocks_, what);
  }

  const std::string& name_of_tensor(TensorId id) const {
    return graph_.tensors[static_cast<std::size_t>(id)].name;
  }

  // The values at cut `first` become those at cut `last + 1`, for both inputs.
  void run_slice(int first, int last, std::vector<Values>& values) {
    const Slice slice = make_slice(graph_, chain_, first, last);
    Session session(weights_, slice, options_);
    for (Values& now : values) {
      Values next = session.run(now);
      for (const TensorId id : slice.passed)
        next.insert_or_assign(name_of_tensor(id), now.at(name_of_tensor(id)));
      now = std::move(next);
    }
  }

  void run_whole(VerifyReport& report) {
    outputs_ = inputs_;
    run_slice(0, blocks_ - 1, outputs_);
    report.outputs_differ = outputs_[0] != outputs_[1];
  }

  // Cuts first..last, appended in their order; `threads_` of them side by side. Only this thread reports. By
  // now every weight has been loaded (run_whole), so that sessions made at the same time change nothing they
  // share.
  void check_cuts(int first, int last, const std::vector<Values>& recorded, std::vector<CutCheck>& checks) {
    const std::size_t before = checks.size();
    checks.resize(before + static_cast<std::size_t>(std::max(last - first + 1, 0)));
    std::atomic<int> next = first;
    std::atomic<bool> failed = false;
    std::mutex one;
    std::exception_ptr failure;
    const auto work = [&](bool reports) {
      try {
        for (int cut = next++; cut <= last && !failed; cut = next++) {
          if (reports) step(cut, fmt::format("cut {}", cut));
          checks[before + static_cast<std::size_t>(cut - first)] = check_cut(cut, recorded);
        }
      } catch (...) {
        const std::lock_guard lock(one);
        if (!failed.exchange(true)) failure = std::current_exception();
      }
    };
    std::vector<std::jthread> others;
    for (int k = 1; k < threads_; ++k) others.emplace_back(work, false);
    work(true);
    others.clear();  // joins
    if (failure) std::rethrow_exception(failure);
  }

  CutCheck check_cut(int cut, const std::vector<Values>& recorded) {
    CutCheck check{cut, 0, {}, {}, false};
    std::vector<Values> values = inputs_;
    run_slice(0, cut - 1, values);
    compare(check, cut, values, recorded);
    run_slice(cut, blocks_ - 1, values);
    compare(check, blocks_, values, outputs_);
    return check;
  }

  // The tensors that cross `cut` against their references.
  void compare(CutCheck& check, int cut, const std::vector<Values>& values,
               const std::vector<Values>& references) const {
    for (std::size_t input = 0; input < values.size(); ++input) {
      for (const TensorId id : chain_.cuts[static_cast<std::size_t>(cut)].tensors) {
        const std::string& name = name_of_tensor(id);
        const Difference found = difference(values[input].at(name), references[input].at(name));
        if (check.problem.empty() &&
            (!found.problem.empty() || check.worst_tensor.empty() || found.relative > check.worst)) {
          check.worst = found.relative;
          check.worst_tensor = name;
          check.problem = found.problem;
        }
      }
    }
  }

  const Graph& graph_;
  const Chain& chain_;
  const SessionOptions options_{.threads = 1, .give_memory_back = false};
  int threads_;
  const ProgressReport& progress_;
  const StopRequested& stop_;
  WeightStore weights_;
  int blocks_;
  std::vector<Values> inputs_;   // one a seed
  std::vector<Values> outputs_;  // of the whole model
};

}  // namespace

bool VerifyReport::passed() const {
  return outputs_differ &&
         std::all_of(cuts.begin(), cuts.end(), [](const CutCheck& check) { return check.passed; });
}

VerifyReport verify(const Graph& graph, const Chain& chain, int threads, const ProgressReport& progress,
                    const StopRequested& stop) {
  return Verification(graph, chain, threads, progress, stop).report();
}

}  // namespace kerf
