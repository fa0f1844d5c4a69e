// Our view of a platform file against SimGrid's own, for every ordered pair of hosts.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.hpp"
#include "platforms/platform.hpp"
#include "tests/platforms/random_platform.hpp"
#include "tests/platforms/sample_platforms.hpp"
#include "tests/platforms/simgrid_view.hpp"

namespace kerf::test {
namespace {

class Scratch {
 public:
  Scratch()
      : file_(std::filesystem::temp_directory_path() /
              ("kerf-platform-" + std::to_string(::getpid()) + ".xml")) {}
  ~Scratch() { std::filesystem::remove(file_); }
  const std::filesystem::path& write(const std::string& text) {
    std::ofstream(file_) << text;
    return file_;
  }

 private:
  std::filesystem::path file_;
};

void expect_same_links(const Platform& ours, const SimgridView& simgrid) {
  for (const Link& link : ours.links()) {
    const auto theirs = simgrid.links.find(link.name);
    ASSERT_NE(theirs, simgrid.links.end()) << "SimGrid has no link " << link.name;
    EXPECT_EQ(link.bandwidth.value(), theirs->second.bandwidth) << link.name;
    EXPECT_EQ(link.latency.value(), theirs->second.latency) << link.name;
    EXPECT_EQ(link.shared, !theirs->second.fatpipe) << link.name;
  }
}

void expect_same_hosts(const Platform& ours, const SimgridView& simgrid) {
  EXPECT_EQ(ours.hosts().size(), simgrid.hosts.size());
  for (const PlatformHost& host : ours.hosts()) {
    const auto theirs = simgrid.hosts.find(host.name);
    ASSERT_NE(theirs, simgrid.hosts.end()) << "SimGrid has no host " << host.name;
    EXPECT_EQ(host.speed, theirs->second.speed) << host.name;
    EXPECT_EQ(host.cores, theirs->second.cores) << host.name;
  }
}

// `ordered`: false where SimGrid's list is not in the order of travel (docs/platforms.md).
void expect_same_routes(const Platform& ours, const SimgridView& simgrid, bool ordered) {
  for (const auto& [ends, theirs] : simgrid.routes) {
    SCOPED_TRACE(ends.first + " to " + ends.second);
    const HostId from = ours.find_host(ends.first);
    const HostId to = ours.find_host(ends.second);
    ASSERT_TRUE(ours.has_route(from, to));
    ASSERT_TRUE(theirs.found);
    std::vector<std::string> names;
    double latency = 0;
    for (const LinkId id : ours.route(from, to)) {
      const Link& link = ours.links()[static_cast<std::size_t>(id)];
      names.push_back(link.name);
      latency += link.latency.value();
    }
    std::vector<std::string> expected = theirs.links;
    if (!ordered) {
      std::sort(names.begin(), names.end());
      std::sort(expected.begin(), expected.end());
    }
    ASSERT_EQ(names, expected);
    EXPECT_NEAR(latency, theirs.latency, 1e-12 * std::max(1.0, latency));
  }
}

void expect_same(const std::filesystem::path& file) {
  const SimgridView simgrid = load_in_simgrid(file);
  ASSERT_TRUE(simgrid.complete) << simgrid.said;
  const Platform ours = read_platform(file);
  expect_same_links(ours, simgrid);
  expect_same_hosts(ours, simgrid);
  expect_same_routes(ours, simgrid, read_file(file).find("\"Dijkstra") == std::string::npos);
}

class ShippedFile : public testing::TestWithParam<const char*> {};
TEST_P(ShippedFile, IsReadAsSimGridReadsIt) {
  expect_same(std::filesystem::path(KERF_SOURCE_DIR) / "platforms" / (std::string(GetParam()) + ".xml"));
}
INSTANTIATE_TEST_SUITE_P(All, ShippedFile,
                         testing::Values("chain", "shared-uplink", "two-edges", "wifi-cell"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class Sample : public testing::TestWithParam<SamplePlatform> {};
TEST_P(Sample, IsReadAsSimGridReadsIt) {
  Scratch scratch;
  expect_same(scratch.write(GetParam().text));
}
INSTANTIATE_TEST_SUITE_P(All, Sample, testing::ValuesIn(sample_platforms()),
                         [](const auto& parameter) { return parameter.param.name; });

// A fork copies the sanitizer's large tables each time.
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kSeeds = 60;
#else
constexpr std::uint64_t kSeeds = 300;
#endif

TEST(RandomPlatforms, AreReadAsSimGridReadsThem) {
  Scratch scratch;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::string text = random_platform(seed);
    expect_same(scratch.write(text));
    ASSERT_FALSE(HasFailure()) << "seed " << seed << "\n" << text;
  }
}

}  // namespace
}  // namespace kerf::test
