#pragma once
// How busy a host's workers are, and with whose work. A share is the busy time of the last seconds, older
// ones counting less (weights fall by e every `memory`), over the time that the workers had.

#include <map>
#include <string>
#include <string_view>

#include "base/quantity.hpp"

namespace kerf {

class LoadMeter {
 public:
  explicit LoadMeter(int workers, Seconds memory = Seconds(5));

  // A worker begins and ends work of that group. At most 64 groups are told apart; what comes then counts as
  // "".
  void begin(const std::string& group, Seconds now);
  void end(const std::string& group, Seconds now);

  // 0 to 1: the share of the workers' time that went to groups other than this one.
  [[nodiscard]] double share_of_others(const std::string& group, Seconds now) const;

 private:
  struct Group {
    int running = 0;
    Seconds busy;  // decayed, as of `at`
    Seconds at;
  };
  [[nodiscard]] Seconds busy(const Group& group, Seconds now) const;
  [[nodiscard]] double share_of(Seconds busy, Seconds now) const;
  Group& group(const std::string& name, Seconds now);
  [[nodiscard]] std::map<std::string, Group>::const_iterator find(const std::string& name) const;

  int workers_;
  Seconds memory_;
  Seconds since_;
  bool started_ = false;
  std::map<std::string, Group> groups_;
};

}  // namespace kerf
