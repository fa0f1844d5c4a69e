#include "calibrate/measure/machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

namespace kerf {
namespace {

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string trimmed(std::string text) {
  constexpr const char* kAround = " \t\"'";
  text.erase(0, text.find_first_not_of(kAround));
  text.erase(text.find_last_not_of(kAround) + 1);
  return text;
}

}  // namespace

std::string value_behind(const std::string& text, const std::string& key, char separator) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && trimmed(line.substr(0, at)) == key) return trimmed(line.substr(at + 1));
  }
  return {};
}

std::string machine_name() {
  const std::string processors = text_of("/proc/cpuinfo");
  std::string name = value_behind(processors, "model name", ':');
  if (name.empty()) name = value_behind(processors, "Model", ':');  // boards with ARM cores
  if (name.empty()) {
    utsname system{};
    ::uname(&system);
    name = system.machine;
  }
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const int cores = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
  return fmt::format("{}, {} {}", name, cores, cores == 1 ? "core" : "cores");
}

std::string system_name() {
  const std::string distribution = value_behind(text_of("/etc/os-release"), "PRETTY_NAME", '=');
  utsname system{};
  ::uname(&system);
  const std::string kernel = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  return distribution.empty() ? kernel : fmt::format("{}, {}", distribution, kernel);
}

Seconds waited_for_processor() {
  // Nanoseconds run, nanoseconds waited, turns (the kernel's sched-stats document).
  std::ifstream file("/proc/thread-self/schedstat");
  double ran = 0;
  double waited = 0;
  file >> ran >> waited;
  return file ? Seconds(waited * 1e-9) : Seconds(0);
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace kerf
