#pragma once
// Threads that do jobs in the order in which they came, with room for so many waiting ones. Private to this
// folder.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kerf {

class WorkerPool {
 public:
  WorkerPool(int workers, int queue);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();  // does all jobs that wait, then returns

  // False, and nothing happens, where the queue is full. Jobs do not throw.
  [[nodiscard]] bool add(std::function<void()> job);

 private:
  void work();

  const std::size_t queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t idle_ = 0;  // workers without a job; those that jobs in the queue will go to included
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kerf
