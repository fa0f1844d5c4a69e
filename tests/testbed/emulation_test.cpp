// Namespaces, links and teardown on this machine. Needs root and network namespaces; elsewhere these tests
// say why they are skipped. Each emulation lives in a process of its own, since a process can have but one.

#include "testbed/emulation.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "base/error.hpp"
#include "testbed/real_runs.hpp"
#include "tests/testbed/small_scenario.hpp"

namespace kerf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;
constexpr int kPort = 9000;

// Runs `body` in a child. What it throws is printed and fails the test.
int in_child(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
      ::_exit(0);
    } catch (const std::exception& failure) {
      fprintf(stderr, "%s\n", failure.what());
      ::_exit(1);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

// "" where namespaces can be made here, else why not.
std::string why_not() {
  static const std::string why = [] {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return std::string("no pipe");
    const int code = in_child([&] {
      try {
        static_cast<void>(make_namespaces({"a"}));
      } catch (const Error& error) {
        static_cast<void>(::write(ends[1], error.what(), std::strlen(error.what())));
        throw;
      }
    });
    ::close(ends[1]);
    std::array<char, 500> text{};
    const ssize_t size = code == 0 ? 0 : ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    return std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }();
  return why;
}

class EmulationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!why_not().empty()) GTEST_SKIP() << why_not();
  }
};

sockaddr_in address_of(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  ::inet_pton(AF_INET, text.c_str(), &address.sin_addr);
  return address;
}

// A process that listens on the host before this returns, takes `bytes` and ends with 0.
pid_t start_sink(const NamespaceHost& host, std::size_t bytes) {
  std::array<int, 2> ready{};
  require(::pipe(ready.data()) == 0, "pipe");
  const pid_t sink = ::fork();
  if (sink == 0) {
    enter(host.network);
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const int again = 1;  // the connection of a sink before this one may still linger
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    const sockaddr_in address = address_of(host.address);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(2);
    ::listen(listener, 1);
    static_cast<void>(::write(ready[1], "x", 1));
    const int connection = ::accept(listener, nullptr, nullptr);
    std::array<char, 65536> buffer{};
    std::size_t total = 0;
    for (ssize_t got = 1; got > 0; total += static_cast<std::size_t>(std::max<ssize_t>(got, 0)))
      got = ::read(connection, buffer.data(), buffer.size());
    ::_exit(total == bytes ? 0 : 3);
  }
  ::close(ready[1]);  // so that a sink that fails is an end of file
  char byte = 0;
  require(::read(ready[0], &byte, 1) == 1, "the sink does not listen");
  ::close(ready[0]);
  return sink;
}

// How long `bytes` take from one host to another, connection set up included.
double seconds_to_send(const NamespaceHost& from, const NamespaceHost& to, std::size_t bytes) {
  const pid_t sink = start_sink(to, bytes);
  const auto begin = Clock::now();
  const pid_t source = ::fork();
  if (source == 0) {
    enter(from.network);
    const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = address_of(to.address);
    if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(2);
    const std::string content(bytes, 'x');
    for (std::size_t sent = 0; sent < bytes;) {
      const ssize_t now = ::write(connection, content.data() + sent, bytes - sent);
      if (now <= 0) ::_exit(3);
      sent += static_cast<std::size_t>(now);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(source, &status, 0);
  require(status == 0, "the source failed");
  ::waitpid(sink, &status, 0);
  require(status == 0, "not all bytes arrived");
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// 100 kB over 1 MB/s with 5 ms each way can by no means take less than 10 + 100 ms; over another pair of
// hosts nothing is in the way.
TEST_F(EmulationTest, BytesArriveAndNeverFasterThanTheLinkAllows) {
  EXPECT_EQ(0, in_child([] {
              const std::vector<NamespaceHost> hosts = make_namespaces({"a", "b", "c"});
              const NetworkProcess network(hosts,
                                           {{.rate = BytesPerSecond(1e6), .delay = Seconds(0.005)},
                                            {.rate = BytesPerSecond(1e9), .delay = {}}},
                                           {{}, {0}, {1}, {0}, {}, {}, {1}, {}, {}}, {});
              require(seconds_to_send(hosts[0], hosts[1], 100'000) >= 0.115, "faster than the link");
              require(seconds_to_send(hosts[0], hosts[2], 100'000) > 0, "a second pair of hosts");
            }));
}

TEST_F(EmulationTest, LinksChangeWhileTheyStand) {
  EXPECT_EQ(
      0, in_child([] {
        const std::vector<NamespaceHost> hosts = make_namespaces({"a", "b"});
        const std::vector<WireLink> slow{{.rate = BytesPerSecond(2e5), .delay = Seconds(0.02)}};
        NetworkProcess network(hosts, {{.rate = BytesPerSecond(1e9), .delay = {}}}, {{}, {0}, {0}, {}}, {});
        require(seconds_to_send(hosts[0], hosts[1], 40'000) > 0, "as made");
        network.set(slow);
        require(seconds_to_send(hosts[0], hosts[1], 40'000) >= 0.26, "faster than the changed link");
      }));
}

TEST_F(EmulationTest, HostsAreThoseOfTheProblem) {
  SmallScenario small;
  EXPECT_EQ(
      0, in_child([&] {
        const std::shared_ptr<const Problem> problem = small.problem();
        const Emulation emulation(*problem, {.throttle = {{"camera", 2.0}}, .processors = {}, .traces = {}});
        require(emulation.address(problem->instance(0, 0)) == "10.97.0.1", "cam-0's address");
        require(emulation.address(problem->instance(2, 1)) == "10.97.0.4", "the cloud's address");
        // A command runs in its host's network and control group.
        ChildProcess program(emulation.on(
            problem->instance(0, 1),
            {.words = {"sh", "-c", "echo groups $(cat /proc/self/cgroup); echo processors $(nproc)"},
             .log = {},
             .processors = {},
             .group = {}}));
        const std::string groups = program.await_line("groups ", Seconds(20), {});
        require(groups.find("kerf-") != std::string::npos && groups.find("-cam-1") != std::string::npos,
                groups.c_str());
        require(program.await_line("processors ", Seconds(20), {}) == "1", "one processor");
        require(program.await_end(Seconds(20), {}) == 0, "its exit code");
      }));
}

// The testbed is ended by kill -9 while a program that it started, and what that program has started itself,
// are running on an emulated host. All of them hold the pipe: its end is theirs.
TEST_F(EmulationTest, NothingOutlivesAKilledTestbed) {
  SmallScenario small;
  std::array<int, 2> held{};
  ASSERT_EQ(::pipe(held.data()), 0);
  std::fflush(nullptr);
  const pid_t testbed = ::fork();
  if (testbed == 0) {
    ::close(held[0]);
    const std::shared_ptr<const Problem> problem = small.problem();
    const Emulation emulation(*problem, {.throttle = {{"edge", 3.0}}, .processors = {}, .traces = {}});
    ChildProcess program(emulation.on(
        problem->instance(1, 0),
        {.words = {"sh", "-c", "sleep 1000 & echo up; wait"}, .log = {}, .processors = {}, .group = {}}));
    static_cast<void>(program.await_line("up", Seconds(20), {}));
    static_cast<void>(::write(held[1], "x", 1));
    for (;;) ::pause();
  }
  ::close(held[1]);
  char byte = 0;
  ASSERT_EQ(::read(held[0], &byte, 1), 1) << "the testbed did not come up";
  const CpuController controller = find_cpu_controller(read_file("/proc/mounts"));
  const std::filesystem::path group = controller.root / ("kerf-" + std::to_string(testbed) + "-edge");
  EXPECT_TRUE(std::filesystem::exists(group));

  ::kill(testbed, SIGKILL);
  ::waitpid(testbed, nullptr, 0);
  EXPECT_EQ(::read(held[0], &byte, 1), 0);  // waits until the last of them is gone
  ::close(held[0]);

  // The control group is empty now, and removed by whoever cleans up next.
  remove_leftovers(controller);
  EXPECT_FALSE(std::filesystem::exists(group));
}

TEST_F(EmulationTest, ProgramsThatFailAreQuoted) {
  SmallScenario small;
  EXPECT_EQ(0, in_child([&] {
              const std::shared_ptr<const Problem> problem = small.problem();
              const Emulation emulation(*problem, {});
              ChildProcess program(emulation.on(problem->instance(0, 0),
                                                {.words = {"sh", "-c", "echo no such weights >&2; exit 30"},
                                                 .log = small.folder() / "edge.log",
                                                 .processors = {},
                                                 .group = {}}));
              try {
                static_cast<void>(program.await_line("listening on ", Seconds(20), {}));
                throw std::runtime_error("it said so");
              } catch (const Error& error) {
                require(std::strstr(error.what(), "no such weights") != nullptr, error.what());
              }
              require(program.await_end(Seconds(20), {}) == 30, "its exit code");
            }));
}

TEST_F(EmulationTest, ACommandRunsOnAHostAndFindsAPeer) {
  SmallScenario small;
  // Stands for an executor: says that it listens, and stays.
  write_file(small.folder() / "echo", "#!/bin/sh\necho \"$4\"\nsleep 1000\n");
  std::filesystem::permissions(small.folder() / "echo", std::filesystem::perms::owner_all);
  EXPECT_EQ(0, in_child([&] {
              TestbedOptions options;
              options.out = small.folder();
              std::filesystem::create_directories(small.folder() / "log");
              options.executor = small.folder() / "echo";
              const std::vector<std::string> words{"sh", "-c", "test {edge} = 10.97.0.3:8470"};
              require(run_on_host(small.file(), options, "camera", words, {}) == 0, "the peer's address");
              try {
                static_cast<void>(run_on_host(small.file(), options, "nobody", words, {}));
                throw std::runtime_error("accepted");
              } catch (const Error& error) {
                require(error.code() == ErrorCode::kUsage, error.what());
              }
            }));
}

// No root needed: refused before anything is made.
TEST(Emulation, CannotBeFasterThanThisMachineNorHaveOtherTenants) {
  SmallScenario small;
  const auto refusal = [&](const std::string& setting) {
    small.file().set(setting);
    try {
      const Emulation emulation(*small.problem(), {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal("hosts.edge.utilization=0.5"), HasSubstr("hosts.edge: other tenants"));
  EXPECT_THAT(refusal("hosts.edge.slowdown=0.5"),
              HasSubstr("hosts.edge: a slowdown of 0.5: faster than this machine"));
}

// A swept count once ended in std::out_of_range under the second condition, a swept slowdown kept the first
// quota, and other tenants were left out. No root needed either.
TEST(Emulation, ConditionsThatNeedOtherHostsAreRefusedBeforeAnythingRuns) {
  SmallScenario small;
  std::string other = kSmallPlatform;
  other.replace(other.find("50MBps"), 6, "40MBps");
  write_file(small.folder() / "other.xml", other);
  TestbedOptions options;
  options.out = small.folder() / "out";
  const auto refusal = [&](const std::string& axis) {
    write_file(small.folder() / "swept.toml", kSmallScenario + axis + "\n");
    try {
      static_cast<void>(run_testbed(ScenarioFile(small.folder() / "swept.toml"), options,
                                    [](const Scenario&, const Problem& problem) {
                                      return std::vector{
                                          parse_plan("camera:0-3", problem.host_names(), problem.blocks)};
                                    },
                                    {}, {}));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal(R"("hosts.camera.count" = [1, 2])"),
              HasSubstr("hosts.camera: a count of 1 under one condition, of 2 under another"));
  EXPECT_THAT(refusal(R"("hosts.edge.slowdown" = [1, 4])"),
              AllOf(HasSubstr("hosts.edge: a slowdown of 1 under one condition, of 4 under another"),
                    HasSubstr("--set hosts.edge.slowdown=... and an --out of its own")));
  EXPECT_THAT(refusal(R"("hosts.cloud.utilization" = [0.0, 0.5])"),
              HasSubstr("hosts.cloud: a utilization of 0 under one condition, of 0.5 under another"));
  EXPECT_THAT(refusal(R"("platform.file" = ["platform.xml", "other.xml"])"),
              HasSubstr("other.xml: another platform than"));
  EXPECT_FALSE(std::filesystem::exists(options.out));
}

TEST(Emulation, AThrottledHostMayHaveAnySlowdown) {
  SmallScenario small;
  const std::shared_ptr<const Problem> first = small.problem();
  small.file().set("hosts.edge.slowdown=4");
  const std::shared_ptr<const Problem> other = small.problem();
  EXPECT_THROW(refuse_other_hosts(*first, *other, {}), Error);
  EXPECT_NO_THROW(
      refuse_other_hosts(*first, *other, {.throttle = {{"edge", 3.0}}, .processors = {}, .traces = {}}));
}

TEST(Emulation, WiresHaveTheNominalRateNotTheGoodput) {
  SmallScenario small;
  const std::shared_ptr<const Problem> problem = small.problem();
  const std::vector<WireLink> wires = wires_of(*problem);
  for (std::size_t i = 0; i < wires.size(); ++i) {
    if (problem->links[i].name != "uplink_UP") continue;
    EXPECT_EQ(wires[i].rate, BytesPerSecond(1e6));
    EXPECT_EQ(problem->links[i].bandwidth, BytesPerSecond(0.95e6));
    EXPECT_EQ(wires[i].delay, Seconds(0.005));
  }
}

TEST(Namespaces, PacketsAreForTheHostOfTheirAddress) {
  std::string packet(20, '\0');
  packet[0] = 0x45;
  packet[16] = 10;
  packet[17] = 97;
  packet[19] = 2;
  EXPECT_EQ(destination(packet.data(), packet.size(), 3), 1U);
  EXPECT_EQ(destination(packet.data(), packet.size(), 1), 1U);  // for none
  EXPECT_EQ(destination(packet.data(), 19, 3), 3U);             // cut short
  packet[0] = 0x60;                                             // IPv6
  EXPECT_EQ(destination(packet.data(), packet.size(), 3), 3U);
}

}  // namespace
}  // namespace kerf
