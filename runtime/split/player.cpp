#include "runtime/split/player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "planner/plans/arrivals.hpp"

namespace kerf {
namespace {

// Requests whose turn has come, for threads that answer one at a time. A thread is added whenever all are
// busy, so that as many requests are under way as have arisen.
class Crew {
 public:
  explicit Crew(std::function<void(int request, Seconds arrived)> answer) : answer_(std::move(answer)) {}
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void add(int request, Seconds arrived) {
    constexpr std::size_t kMostThreads = 256;
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(request, arrived);
    if (waiting_.size() > idle_ && threads_.size() < kMostThreads) {
      threads_.emplace_back([this] { work(); });
    } else {
      changed_.notify_one();
    }
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      --idle_;
      if (waiting_.empty()) return;
      const auto [request, arrived] = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      answer_(request, arrived);
      lock.lock();
    }
  }

  std::function<void(int, Seconds)> answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<int, Seconds>> waiting_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

double worst_difference(const LiveTensors& outputs, const Values& reference) {
  double worst = 0;
  for (const auto& [name, expected] : reference) {
    const auto found = outputs.find(name);
    const Difference each =
        found == outputs.end() ? Difference{0, "is missing"} : difference(copied(found->second), expected);
    if (!each.problem.empty()) {
      throw Error(ErrorCode::kBadInput, name, each.problem, "the whole model's answer");
    }
    worst = std::max(worst, each.relative);
  }
  return worst;
}

class Play {
 public:
  Play(SplitNetwork& network, const LiveTensors& inputs, const PlayOptions& options, const Clock& clock,
       const StopRequested& stop)
      : network_(network),
        inputs_(inputs),
        options_(options),
        arrivals_(options.workload, options.device + 1),
        clock_(clock),
        stop_(stop),
        played_(static_cast<std::size_t>(arrivals_.requests())),
        start_(clock()) {}

  std::vector<PlayedRequest> run() {
    if (arrivals_.open()) {
      run_open();
    } else {
      run_closed();
    }
    std::erase_if(played_, [](const auto& request) { return !request.has_value(); });
    std::vector<PlayedRequest> result;
    for (auto& request : played_) result.push_back(std::move(*request));
    return result;
  }

 private:
  [[nodiscard]] Seconds now() const { return clock_() - start_; }
  [[nodiscard]] bool stopping() const { return stop_ && stop_(); }

  void run_open() {
    Crew crew([this](int request, Seconds arrived) { answer(request, arrived); });
    Seconds date;
    for (int request = 0; request < arrivals_.requests(); ++request) {
      date += arrivals_.gap(options_.device, request);
      if (!wait_until(date)) return;
      crew.add(request, date);
    }
  }

  // False when it was told to stop.
  [[nodiscard]] bool wait_until(Seconds date) const {
    while (!stopping()) {
      const Seconds left = date - now();
      if (left <= Seconds(0)) return true;
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left.value(), 0.05)));
    }
    return false;
  }

  // Each of so many chains sends its next request when its last is answered.
  void run_closed() {
    std::vector<std::thread> chains;
    for (int chain = 0; chain < std::min(arrivals_.in_flight(), arrivals_.requests()); ++chain) {
      chains.emplace_back([this] {
        for (int request = take(); request < arrivals_.requests(); request = take()) {
          if (!wait_until(now() + options_.rest)) return;
          answer(request, now());
        }
      });
    }
    for (std::thread& chain : chains) chain.join();
  }
  [[nodiscard]] int take() {
    const std::lock_guard lock(mutex_);
    return next_++;
  }

  void answer(int number, Seconds arrived) {
    PlayedRequest request;
    request.request = number;
    request.warmup = !arrivals_.counts(number);
    request.arrived = arrived;
    try {
      request.answer = network_.infer(inputs_, stop_);
    } catch (const std::exception& error) {
      if (stopping()) {  // never handed over: those whose turn comes later must not wait for it
        const std::lock_guard lock(mutex_);
        turn_.notify_all();
        return;
      }
      request.error = error.what();
    }
    request.answered = now();
    request.answer.started -= start_;
    hand_over(std::move(request));
  }

  void hand_over(PlayedRequest request) {
    std::unique_lock lock(mutex_);
    if (options_.ordered) {
      turn_.wait(lock, [&] { return due_ == request.request || stopping(); });
      request.answered = std::max(request.answered, now());
      ++due_;
      turn_.notify_all();
    }
    lock.unlock();
    if (options_.reference != nullptr && request.error.empty()) {
      try {
        request.difference = worst_difference(request.answer.outputs, *options_.reference);
      } catch (const Error&) {
        request.difference = std::numeric_limits<double>::infinity();
      }
    }
    request.answer.outputs.clear();
    lock.lock();
    played_[static_cast<std::size_t>(request.request)] = std::move(request);
  }

  SplitNetwork& network_;
  const LiveTensors& inputs_;
  const PlayOptions& options_;
  const ArrivalProcess arrivals_;
  const Clock& clock_;
  const StopRequested& stop_;
  std::mutex mutex_;
  std::condition_variable turn_;
  int due_ = 0;   // whose answer is handed over next
  int next_ = 0;  // request to arise next, of closed arrivals
  std::vector<std::optional<PlayedRequest>> played_;
  const Seconds start_;
};

}  // namespace

std::vector<PlayedRequest> play(SplitNetwork& network, const LiveTensors& inputs, const PlayOptions& options,
                                const Clock& clock, const StopRequested& stop) {
  return Play(network, inputs, options, clock, stop).run();
}

}  // namespace kerf
