#include "testbed/control_groups.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr const char* kPrefix = "kerf-";
constexpr int kQuota = 1000;  // us in each period

bool has_word(std::string text, std::string_view word, char separator) {
  std::ranges::replace(text, separator, ' ');
  std::istringstream words(text);
  for (std::string each; words >> each;) {
    if (each == word) return true;
  }
  return false;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const std::filesystem::path& file, const std::string& value) {
  std::ofstream stream(file);
  stream << value;
  stream.flush();
  if (stream) return;
  throw Error(ErrorCode::kUnsupported, file.string(), fmt::format("cannot be set to \"{}\"", value),
              "a cpu controller that root may use",
              "give a profile that was measured on the slow machine itself");
}

// The process number in a group's name; 0 where it is none of ours.
pid_t owner(const std::string& name) {
  if (!name.starts_with(kPrefix)) return 0;
  pid_t number = 0;
  const char* begin = name.data() + std::string_view(kPrefix).size();
  const auto [end, failure] = std::from_chars(begin, name.data() + name.size(), number);
  return failure == std::errc() && end != name.data() + name.size() && *end == '-' ? number : 0;
}

bool alive(pid_t process) {
  return ::kill(process, 0) == 0 || errno == EPERM;
}

// A process that was killed leaves its group a moment after its last file is closed.
bool remove_when_empty(const std::filesystem::path& folder) {
  using namespace std::chrono_literals;
  constexpr int kTries = 200;
  for (int tries = 0; tries < kTries; ++tries) {
    if (::rmdir(folder.c_str()) == 0) return true;
    if (errno != EBUSY) return false;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace

CpuController find_cpu_controller(std::string_view mounts) {
  std::istringstream lines{std::string(mounts)};
  CpuController unified;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string device, point, kind, options;
    words >> device >> point >> kind >> options;
    if (kind == "cgroup" && has_word(options, "cpu", ',')) return {.root = point, .unified = false};
    if (kind == "cgroup2" &&
        has_word(text_of(std::filesystem::path(point) / "cgroup.controllers"), "cpu", ' '))
      unified = {.root = point, .unified = true};
  }
  if (!unified.root.empty()) return unified;
  throw Error(ErrorCode::kUnsupported, "/proc/mounts", "no control groups with the cpu controller",
              "cgroup v1 with cpu, or v2 with cpu among cgroup.controllers",
              "give a profile that was measured on the slow machine itself, and no slowdown");
}

ControlGroup::ControlGroup(const CpuController& controller, const std::string& host, double slowdown,
                           int processors)
    : folder_(controller.root / fmt::format("{}{}-{}", kPrefix, ::getpid(), host)),
      unified_(controller.unified),
      quota_(kQuota * processors),
      period_(std::lround(kQuota * slowdown)) {
  if (controller.unified) write(controller.root / "cgroup.subtree_control", "+cpu");
  std::error_code failure;
  std::filesystem::create_directory(folder_, failure);
  if (failure) {
    throw Error(ErrorCode::kUnsupported, folder_.string(),
                fmt::format("cannot be made ({})", failure.message()), "control groups that root may make");
  }
  if (!unified_) write(folder_ / "cpu.cfs_period_us", fmt::format("{}", period_));
  throttle(true);
}

void ControlGroup::throttle(bool slow) const {
  if (unified_) {
    write(folder_ / "cpu.max", fmt::format("{} {}", slow ? fmt::format("{}", quota_) : "max", period_));
  } else {
    write(folder_ / "cpu.cfs_quota_us", fmt::format("{}", slow ? quota_ : -1));
  }
}

ControlGroup::~ControlGroup() {
  if (!folder_.empty()) static_cast<void>(remove_when_empty(folder_));  // if not even then: --clean takes it
}

ControlGroup::ControlGroup(ControlGroup&& other) noexcept
    : folder_(std::exchange(other.folder_, {})),
      unified_(other.unified_),
      quota_(other.quota_),
      period_(other.period_) {}

int remove_leftovers(const CpuController& controller) {
  std::vector<std::filesystem::path> gone;
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(controller.root)) {
    const pid_t process = owner(entry.path().filename().string());
    if (process > 0 && !alive(process)) gone.push_back(entry.path());
  }
  int removed = 0;
  for (const std::filesystem::path& folder : gone) removed += remove_when_empty(folder) ? 1 : 0;
  return removed;
}

}  // namespace kerf
