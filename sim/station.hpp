#pragma once
// The workers of one host instance: jobs wait first come first served for any of them.
//
// Where jobs that run at the same time slow each other down, their ends move whenever a job begins or ends: a
// shared station keeps what is left of each and says when the next one ends (processor sharing with the rates
// that the profile's rows for several sessions give).

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

struct Job {
  std::int64_t request = -1;  // -1: of another tenant
  double ready = 0;           // the date it came
  Seconds service;            // when nothing else runs
  // [k - 1]: how many times longer it takes while k jobs run, itself included; of a shared station only. It
  // must outlive the job.
  const std::vector<double>* slowdown = nullptr;
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

// The running jobs of a shared station.
class SharedProcessor {
 public:
  struct Finished {
    Job job;
    double start = 0;
    bool alone = true;  // nothing else ran meanwhile
  };

  void begin(const Job& job, double date) {
    advance(date);
    running_.push_back({{job, date, running_.empty()}, job.service.value()});
    if (running_.size() > 1) {
      for (Running& other : running_) other.what.alone = false;
    }
  }
  // Infinite where nothing runs.
  [[nodiscard]] double next_end() const {
    return running_.empty() ? std::numeric_limits<double>::infinity() : date_ + time_left(*next());
  }
  // The job that ends at next_end(), which is now; of several the one that began first.
  [[nodiscard]] Finished end(double date) {
    assert(!running_.empty());
    const auto done = running_.begin() + (next() - running_.cbegin());
    const Finished finished = done->what;
    advance(date);
    running_.erase(done);
    return finished;
  }

 private:
  struct Running {
    Finished what;
    double left = 0;  // seconds of it alone
  };

  [[nodiscard]] double time_left(const Running& running) const {
    return running.left * (*running.what.job.slowdown)[running_.size() - 1];
  }
  [[nodiscard]] std::vector<Running>::const_iterator next() const {
    return std::min_element(running_.begin(), running_.end(), [this](const Running& a, const Running& b) {
      return time_left(a) < time_left(b);
    });
  }
  void advance(double date) {
    for (Running& running : running_) {
      const double done = (date - date_) / (*running.what.job.slowdown)[running_.size() - 1];
      running.left = std::max(0.0, running.left - done);
    }
    date_ = date;
  }

  std::vector<Running> running_;
  double date_ = 0;
};

}  // namespace kerf
