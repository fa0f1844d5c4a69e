#pragma once
// How many calls may be under way, in all and of one client. Any thread. Private to this folder.

#include <map>
#include <mutex>
#include <string>

namespace kerf {

class Admission {
 public:
  Admission(int most, int most_of_one) : most_(most), most_of_one_(most_of_one) {}

  // False, and nothing is counted, where either is full.
  [[nodiscard]] bool enter(const std::string& client) {
    const std::lock_guard lock(mutex_);
    if (all_ >= most_) return false;
    int& own = of_client_[client];
    if (own >= most_of_one_) return false;  // never 0: nothing is left behind
    ++own;
    ++all_;
    return true;
  }
  void leave(const std::string& client) {
    const std::lock_guard lock(mutex_);
    const auto own = of_client_.find(client);
    if (--own->second == 0) of_client_.erase(own);
    --all_;
  }

 private:
  const int most_;
  const int most_of_one_;
  std::mutex mutex_;
  int all_ = 0;
  std::map<std::string, int> of_client_;  // none of 0
};

}  // namespace kerf
