#pragma once
// Slices that take the time they are told to on a clock that only they move.

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "calibrate/measure/sampler.hpp"

namespace kerf::test {

class FakeRunner final : public SliceRunner {
 public:
  enum class Act { kLoad, kUnload, kRun };
  struct Event {
    Act act;
    std::size_t slice;
    Seconds at;
  };

  explicit FakeRunner(std::vector<Seconds> run_times) : run_times_(std::move(run_times)) {}

  Seconds load_time{0.1};
  Seconds pause;             // before each run
  std::size_t sessions = 1;  // all alike
  std::size_t room = 1000;   // sessions held at once
  std::function<double(std::size_t, int)> luck = [](auto, auto) {
    return 1.0;
  };  // factor of the slice's n-th run

  [[nodiscard]] bool has_room(std::size_t) override { return loaded_.size() < room; }
  void load(std::size_t slice) override {
    events_.push_back({Act::kLoad, slice, now_});
    loaded_.insert(slice);
    most_loaded_ = std::max(most_loaded_, loaded_.size());
    now_ += load_time;
  }
  void unload(std::size_t slice) override {
    events_.push_back({Act::kUnload, slice, now_});
    loaded_.erase(slice);
  }
  [[nodiscard]] std::vector<Visit> run(std::size_t slice, int times) override {
    Visit visit;
    for (int i = 0; i < times; ++i) {
      now_ += pause;
      events_.push_back({Act::kRun, slice, now_});
      const Seconds took = run_times_[slice] * luck(slice, runs_[slice]++);
      now_ += took;
      visit.push_back(took.value());
    }
    return std::vector(sessions, visit);
  }

  [[nodiscard]] MeasuringClock clock() const {
    return [this] { return now_; };
  }
  [[nodiscard]] Seconds now() const { return now_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] std::size_t most_loaded() const { return most_loaded_; }
  [[nodiscard]] std::vector<std::size_t> ran() const {
    std::vector<std::size_t> slices;
    for (const Event& event : events_) {
      if (event.act == Act::kRun) slices.push_back(event.slice);
    }
    return slices;
  }
  [[nodiscard]] int count(Act act, std::size_t slice) const {
    int times = 0;
    for (const Event& event : events_) times += event.act == act && event.slice == slice;
    return times;
  }

 private:
  std::vector<Seconds> run_times_;
  Seconds now_{1000};  // a steady clock begins anywhere
  std::vector<Event> events_;
  std::set<std::size_t> loaded_;
  std::map<std::size_t, int> runs_;
  std::size_t most_loaded_ = 0;
};

}  // namespace kerf::test
