#include "runtime/split/compute_pool.hpp"

#include <exception>
#include <utility>

namespace kerf {

struct ComputePool::Job {
  const std::string& group;
  const std::function<void()>& work;
  Seconds came;
  Seconds waited = {};
  bool done = false;
  std::exception_ptr failure = {};
  std::condition_variable finished = {};
};

ComputePool::ComputePool(int workers, Clock clock) : clock_(std::move(clock)), load_(workers) {
  for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { serve(); });
}

ComputePool::~ComputePool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Seconds ComputePool::run(const std::string& group, const std::function<void()>& work) {
  Job job{group, work, clock_()};
  std::unique_lock lock(mutex_);
  line_.push_back(&job);
  changed_.notify_one();
  job.finished.wait(lock, [&] { return job.done; });
  if (job.failure) std::rethrow_exception(job.failure);
  return job.waited;
}

void ComputePool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !line_.empty(); });
    if (line_.empty()) return;
    Job* const job = line_.front();
    line_.pop_front();
    compute(*job, lock);
  }
}

void ComputePool::compute(Job& job, std::unique_lock<std::mutex>& lock) {
  const Seconds begun = clock_();
  job.waited = begun - job.came;
  load_.begin(job.group, begun);
  lock.unlock();
  try {
    job.work();
  } catch (...) {
    job.failure = std::current_exception();
  }
  lock.lock();
  load_.end(job.group, clock_());
  job.done = true;
  job.finished.notify_one();
}

double ComputePool::load_by_others(const std::string& group) const {
  const std::lock_guard lock(mutex_);
  return load_.share_of_others(group, clock_());
}

int ComputePool::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(line_.size());
}

}  // namespace kerf
