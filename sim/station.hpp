#pragma once
// The workers of one host instance: jobs wait first come first served for any of them.

#include <cassert>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/quantity.hpp"

namespace kerf {

struct Job {
  std::int64_t request = -1;  // -1: of another tenant
  double ready = 0;           // the date it came
  Seconds service;
};

class Station {
 public:
  explicit Station(int workers) : free_(workers) {}

  // The job, when it can start at once.
  [[nodiscard]] std::optional<Job> admit(const Job& job) {
    if (free_ == 0) {
      waiting_.push_back(job);
      return std::nullopt;
    }
    --free_;
    return job;
  }

  // A worker is done; the job that it takes on now.
  [[nodiscard]] std::optional<Job> release() {
    if (waiting_.empty()) {
      ++free_;
      return std::nullopt;
    }
    const Job next = waiting_.front();
    waiting_.pop_front();
    return next;
  }

 private:
  int free_;
  std::deque<Job> waiting_;
};

}  // namespace kerf
