#include "testbed/control_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"

namespace kerf {
namespace {

using ::testing::HasSubstr;

// A folder that stands for a hierarchy of control groups.
std::filesystem::path fresh_folder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder =
      std::filesystem::path(KERF_BINARY_DIR) / "tests/testbed" / (std::string("groups-") + test->name());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(CpuController, IsTheFirstHierarchyWhereItStandsAlone) {
  const CpuController found = find_cpu_controller(
      "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
      "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n"
      "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n");
  EXPECT_EQ(found.root, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_FALSE(found.unified);
}

TEST(CpuController, IsTheUnifiedHierarchyWhereThatHoldsIt) {
  const std::filesystem::path folder = fresh_folder();
  const std::string mounts = "cgroup2 " + folder.string() + " cgroup2 rw,nsdelegate 0 0\n";
  write_file(folder / "cgroup.controllers", "cpuset cpu io memory\n");
  const CpuController found = find_cpu_controller(mounts);
  EXPECT_EQ(found.root, folder);
  EXPECT_TRUE(found.unified);

  write_file(folder / "cgroup.controllers", "cpuset io\n");
  try {
    static_cast<void>(find_cpu_controller(mounts));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("no control groups with the cpu controller"));
  }
}

// The kernel makes a group's files; here they are looked at before the group goes.
TEST(ControlGroup, SlowsDownFourTimes) {
  const std::filesystem::path root = fresh_folder();
  {
    const ControlGroup first({.root = root, .unified = false}, "cam-0", 4, 1);
    const std::filesystem::path folder = first.members().parent_path();
    EXPECT_EQ(folder.filename(), "kerf-" + std::to_string(::getpid()) + "-cam-0");
    EXPECT_EQ(read_file(folder / "cpu.cfs_quota_us"), "1000");
    EXPECT_EQ(read_file(folder / "cpu.cfs_period_us"), "4000");
    first.throttle(false);
    EXPECT_EQ(read_file(folder / "cpu.cfs_quota_us"), "-1");
  }
  const ControlGroup second({.root = root, .unified = true}, "edge", 2.5, 2);
  EXPECT_EQ(read_file(second.members().parent_path() / "cpu.max"), "2000 2500");
  second.throttle(false);
  EXPECT_EQ(read_file(second.members().parent_path() / "cpu.max"), "max 2500");
  second.throttle(true);
  EXPECT_EQ(read_file(second.members().parent_path() / "cpu.max"), "2000 2500");
  EXPECT_EQ(read_file(root / "cgroup.subtree_control"), "+cpu");
}

TEST(ControlGroup, OfTestbedsThatAreGoneAreRemoved) {
  const std::filesystem::path root = fresh_folder();
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  const std::filesystem::path dead = root / ("kerf-" + std::to_string(gone) + "-edge");
  const std::filesystem::path living = root / ("kerf-" + std::to_string(::getpid()) + "-edge");
  for (const auto& folder : {dead, living, root / "kerf-tools", root / "system.slice"})
    std::filesystem::create_directory(folder);
  EXPECT_EQ(remove_leftovers({.root = root, .unified = false}), 1);
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(living));
  EXPECT_TRUE(std::filesystem::exists(root / "kerf-tools"));
}

}  // namespace
}  // namespace kerf
