#pragma once
// So many computations at once, the others wait: first come, first served, whichever thread they come on.
//
//   const ComputeSlots::Lease lease = slots.take("cameras");
//   compute();                                   // lease.waited() tells how long it stood in line

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "runtime/split/load_meter.hpp"

namespace kerf {

class ComputeSlots {
 public:
  ComputeSlots(int workers, Clock clock);

  class Lease {
   public:
    Lease(ComputeSlots& slots, std::string group, Seconds waited)
        : slots_(&slots), group_(std::move(group)), waited_(waited) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { slots_->give_back(group_); }
    [[nodiscard]] Seconds waited() const { return waited_; }

   private:
    ComputeSlots* slots_;
    std::string group_;
    Seconds waited_;
  };

  // `group` says whose work it is, for the load.
  [[nodiscard]] Lease take(const std::string& group);
  [[nodiscard]] double load_by_others(const std::string& group) const;
  [[nodiscard]] int waiting() const;

 private:
  void give_back(const std::string& group);

  const Clock clock_;
  mutable std::mutex mutex_;
  int free_;
  std::deque<std::condition_variable*>
      line_;  // those who wait, in order; the first is called when a slot is for it
  LoadMeter load_;
};

}  // namespace kerf
