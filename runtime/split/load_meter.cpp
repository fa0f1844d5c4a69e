#include "runtime/split/load_meter.hpp"

#include <algorithm>
#include <cmath>

namespace kerf {
namespace {

constexpr std::size_t kMostGroups = 64;

}  // namespace

LoadMeter::LoadMeter(int workers, Seconds memory) : workers_(workers), memory_(memory) {}

// d busy / dt = running - busy / memory.
Seconds LoadMeter::busy(const Group& group, Seconds now) const {
  const double decay = std::exp(-std::max(0.0, (now - group.at) / memory_));
  return group.busy * decay + memory_ * (group.running * (1 - decay));
}

// Early on there is less than all of the memory to share.
double LoadMeter::share_of(Seconds busy_time, Seconds now) const {
  const Seconds had = memory_ * (-std::expm1(-std::max(0.0, (now - since_) / memory_)));
  if (!started_ || had <= Seconds(0)) return 0;
  return std::clamp(busy_time / (had * workers_), 0.0, 1.0);
}

std::map<std::string, LoadMeter::Group>::const_iterator LoadMeter::find(const std::string& name) const {
  const auto found = groups_.find(name);
  return found != groups_.end() ? found : groups_.find("");
}

LoadMeter::Group& LoadMeter::group(const std::string& name, Seconds now) {
  if (!started_) {
    since_ = now;
    started_ = true;
  }
  const bool known = groups_.contains(name) || groups_.size() < kMostGroups;
  Group& group = groups_[known ? name : ""];
  group.busy = busy(group, now);
  group.at = now;
  return group;
}

void LoadMeter::begin(const std::string& name, Seconds now) {
  ++group(name, now).running;
}

void LoadMeter::end(const std::string& name, Seconds now) {
  Group& ended = group(name, now);
  ended.running = std::max(0, ended.running - 1);
}

double LoadMeter::share_of_others(const std::string& name, Seconds now) const {
  Seconds sum;
  const auto own = find(name);
  for (auto at = groups_.begin(); at != groups_.end(); ++at) {
    if (at != own) sum += busy(at->second, now);
  }
  return share_of(sum, now);
}

}  // namespace kerf
