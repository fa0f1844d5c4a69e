#pragma once
// Threads that do jobs in the order in which they came. How many may wait is for others to say. Private to
// this folder.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kerf {

class WorkerPool {
 public:
  explicit WorkerPool(int workers);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();  // does all jobs that wait, then returns

  void add(std::function<void()> job);  // which does not throw

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kerf
