#pragma once
// `kerf serve` as a process of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace kerf::test {

// `kerf-run serve` with these arguments; killed, not asked, when it goes.
class ServerProcess {
 public:
  explicit ServerProcess(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{KERF_RUN_PROGRAM, "serve"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::array<int, 2> out{};
    EXPECT_EQ(::pipe(out.data()), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::close(out[0]);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    char letter = 0;
    std::string line;
    while (::read(out[0], &letter, 1) == 1 && letter != '\n') line += letter;
    ::close(out[0]);
    EXPECT_THAT(line, testing::StartsWith("listening on "));
    address_ = line.substr(std::min<std::size_t>(line.size(), 13));
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  pid_t child_ = -1;
  std::string address_;
};

}  // namespace kerf::test
