#pragma once
// The threads that compute, as many as may at once; whoever wants something computed waits in line: first
// come, first served. That it is always the same few threads also bounds memory: ONNX Runtime keeps some
// megabytes of scratch space for each thread that ever ran a session.
//
//   const Seconds waited = pool.run("cameras", [&] { results = slice.run(inputs); });

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "runtime/split/load_meter.hpp"

namespace kerf {

class ComputePool {
 public:
  ComputePool(int workers, Clock clock);
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;
  ~ComputePool();  // nobody may be in line any more

  // Returns when `work` is done, how long it stood in line; throws what it throws. `group` says whose work it
  // is, for the load. Any thread but the pool's own.
  Seconds run(const std::string& group, const std::function<void()>& work);

  [[nodiscard]] double load_by_others(const std::string& group) const;
  [[nodiscard]] int waiting() const;  // how many are in line; for tests

 private:
  struct Job;
  void serve();
  void compute(Job& job, std::unique_lock<std::mutex>& lock);

  const Clock clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job*> line_;
  bool ending_ = false;
  LoadMeter load_;
  std::vector<std::thread> threads_;
};

}  // namespace kerf
