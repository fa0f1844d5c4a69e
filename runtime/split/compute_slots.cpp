#include "runtime/split/compute_slots.hpp"

#include <algorithm>
#include <utility>

namespace kerf {

ComputeSlots::ComputeSlots(int workers, Clock clock)
    : clock_(std::move(clock)), free_(workers), load_(workers) {}

ComputeSlots::Lease ComputeSlots::take(const std::string& group) {
  const Seconds came = clock_();
  std::unique_lock lock(mutex_);
  if (free_ > 0) {
    --free_;
  } else {
    // Whoever gives a slot back hands it to the first in line and takes that one out of it.
    std::condition_variable called;
    line_.push_back(&called);
    called.wait(lock, [&] { return std::find(line_.begin(), line_.end(), &called) == line_.end(); });
  }
  const Seconds now = clock_();
  load_.begin(group, now);
  return {*this, group, now - came};
}

void ComputeSlots::give_back(const std::string& group) {
  const std::lock_guard lock(mutex_);
  load_.end(group, clock_());
  if (line_.empty()) {
    ++free_;
    return;
  }
  std::condition_variable* const next = line_.front();
  line_.pop_front();
  next->notify_one();
}

int ComputeSlots::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(line_.size());
}

double ComputeSlots::load_by_others(const std::string& group) const {
  const std::lock_guard lock(mutex_);
  return load_.share_of_others(group, clock_());
}

}  // namespace kerf
