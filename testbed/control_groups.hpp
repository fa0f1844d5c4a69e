#pragma once
// How much of a processor a host's processes may use: a group of the cpu controller (cgroup v1 or v2,
// whichever the machine has) with a quota in each period. A group is a folder; it outlives a testbed that was
// ended by kill -9, so its name carries the testbed's process number, and remove_leftovers() takes away those
// whose testbed is gone.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace kerf {

// Where the cpu controller is, and which kind it is.
struct CpuController {
  std::filesystem::path root;
  bool unified = false;  // cgroup v2
};

// From the text of /proc/mounts: the v1 hierarchy with `cpu`, or else the v2 one whose cgroup.controllers
// hold it. Error(kUnsupported) where there is neither.
[[nodiscard]] CpuController find_cpu_controller(std::string_view mounts);

// One processor's time, slowed down so many times: a quota of 1 ms, the least that there is, in each period
// of `slowdown` ms, for each of `processors`. A longer period, and so a longer pause, makes short slices more
// jittery.
class ControlGroup {
 public:
  ControlGroup(const CpuController& controller, const std::string& host, double slowdown, int processors);
  ~ControlGroup();
  ControlGroup(ControlGroup&& other) noexcept;
  ControlGroup& operator=(ControlGroup&&) = delete;

  // Throttled from the beginning; or not, while what is not to be measured is done, such as loading.
  void throttle(bool slow) const;

  // The file to which a process writes 0 in order to join.
  [[nodiscard]] std::filesystem::path members() const { return folder_ / "cgroup.procs"; }

 private:
  std::filesystem::path folder_;
  bool unified_;
  int quota_;    // microseconds
  long period_;  // microseconds
};

// Groups of testbeds that are no more; returns how many were removed.
int remove_leftovers(const CpuController& controller);

}  // namespace kerf
