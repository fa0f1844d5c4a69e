#pragma once
// Whether something that failed should be tried again: after a while that doubles with every failure, and
// starts over once it has worked. Not thread-safe.

#include <algorithm>

#include "base/quantity.hpp"

namespace kerf {

class Breaker {
 public:
  Breaker(Seconds first, Seconds longest) : first_(first), longest_(longest) {}

  [[nodiscard]] bool is_up() const { return up_; }
  // When it may be tried again; now or earlier where it may already.
  [[nodiscard]] Seconds retry_at() const { return retry_at_; }

  void fail(Seconds now) {
    up_ = false;
    retry_at_ = now + wait_;
    wait_ = std::min(wait_ * 2, longest_);
  }
  // It seems to work again. The next failure still waits longer than the last: only worked() proves it.
  void seems_well() { up_ = true; }
  void worked() {
    up_ = true;
    wait_ = first_;
  }
  // For what is tried by doing: true when it is up, and once each time that a wait has passed.
  [[nodiscard]] bool admit(Seconds now) {
    if (up_) return true;
    if (now < retry_at_) return false;
    retry_at_ = now + wait_;
    return true;
  }

 private:
  Seconds first_;
  Seconds longest_;
  Seconds wait_ = first_;
  Seconds retry_at_;
  bool up_ = true;
};

}  // namespace kerf
