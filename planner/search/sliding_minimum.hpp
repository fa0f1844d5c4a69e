#pragma once
// The least of the numbers in a window that only moves one way, as numbers join it at one end and leave at
// the other: a queue of rising candidates. O(1) a number.
//
//   SlidingMinimum window;
//   window.push(key, 7);
//   window.drop([](int place) { return place < 5; });   // the oldest, as far as that holds
//   if (!window.empty()) use(window.least());

#include <cstddef>
#include <vector>

namespace kerf {

class SlidingMinimum {
 public:
  struct Candidate {
    double key;
    int place;
  };

  void clear() {
    queue_.clear();
    head_ = 0;
  }
  [[nodiscard]] bool empty() const { return head_ == queue_.size(); }
  // The latest of equals. Needs !empty().
  [[nodiscard]] const Candidate& least() const { return queue_[head_]; }

  void push(double key, int place) {
    // What is no less and leaves the window sooner is never the least again.
    while (!empty() && queue_.back().key >= key) queue_.pop_back();
    queue_.push_back({key, place});
  }
  template <class HasLeft>
  void drop(const HasLeft& has_left) {
    while (!empty() && has_left(queue_[head_].place)) ++head_;
  }

 private:
  std::vector<Candidate> queue_;  // from head_ on
  std::size_t head_ = 0;
};

}  // namespace kerf
