#include "testbed/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "testbed/namespaces.hpp"

namespace kerf {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 50;
constexpr std::size_t kLastWords = 1500;

std::size_t size_of(const std::filesystem::path& file) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw Error(ErrorCode::kLimit, "pipe", std::generic_category().message(errno), "",
                "close some programs, or let more files be open (ulimit -n)");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// In the child, between fork and exec. What cannot be done ends it, and stands in its log.
[[noreturn]] void become(const Command& command, int input, int output) {
  ::setpgid(0, 0);
  if (command.speaks) {
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
  }
  if (!command.log.empty()) {
    const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    ::dup2(log, STDERR_FILENO);
  }
  try {
    if (command.network != nullptr) enter(*command.network);
    if (!command.group.empty()) {
      const Descriptor group(::open(command.group.c_str(), O_WRONLY | O_CLOEXEC));
      if (::write(group.get(), "0", 1) != 1)
        throw Error(ErrorCode::kUnsupported, command.group.string(), "cannot be joined");
    }
    if (!command.processors.empty()) {
      cpu_set_t set;
      CPU_ZERO(&set);
      for (const int processor : command.processors) CPU_SET(static_cast<std::size_t>(processor), &set);
      if (::sched_setaffinity(0, sizeof set, &set) != 0)
        throw Error(ErrorCode::kUsage, command.words[0], "this machine has no such processor");
    }
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    std::fflush(stderr);
    ::_exit(126);
  }
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  ::execvp(words[0], words.data());
  fmt::print(stderr, "{}: cannot be started ({})\n", command.words[0],
             std::generic_category().message(errno));
  std::fflush(stderr);
  ::_exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const Command& command)
    : name_(command.words.front()), log_(command.log), log_begins_(size_of(command.log)) {
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  std::fflush(nullptr);
  process_ = ::fork();
  if (process_ < 0) {
    throw Error(ErrorCode::kLimit, "fork", std::generic_category().message(errno), "",
                "close some programs, or let more processes run (ulimit -u)");
  }
  if (process_ == 0) become(command, input.read.get(), output.write.get());
  ::setpgid(process_, process_);
  if (!command.speaks) return;
  input_ = std::move(input.write);
  output_ = std::move(output.read);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      status_(other.status_),
      ended_(other.ended_),
      name_(std::move(other.name_)),
      log_(std::move(other.log_)),
      log_begins_(other.log_begins_),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      heard_(std::move(other.heard_)) {}

ChildProcess::~ChildProcess() {
  if (process_ < 0) return;
  ::kill(-process_, SIGKILL);
  while (!ended_ && ::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool ChildProcess::reap() {
  if (!ended_ && ::waitpid(process_, &status_, WNOHANG) == process_) ended_ = true;
  return ended_;
}

std::string ChildProcess::last_words() const {
  if (log_.empty()) return {};
  std::string text = read_file(log_).substr(log_begins_);
  if (text.size() > kLastWords) text.erase(0, text.size() - kLastWords);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string ChildProcess::await_line(const std::string& start, Seconds longest, const StopRequested& stop) {
  const auto deadline = Clock::now() + std::chrono::duration<double>(longest.value());
  std::array<char, 4096> buffer{};
  for (;;) {
    for (std::size_t end = heard_.find('\n'); end != std::string::npos; end = heard_.find('\n')) {
      const std::string line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      if (line.starts_with(start)) return line.substr(start.size());
    }
    if (stop && stop()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    pollfd ready{output_.get(), POLLIN, 0};
    if (::poll(&ready, 1, kPollMs) > 0) {
      const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
      if (got > 0) heard_.append(buffer.data(), static_cast<std::size_t>(got));
      if (got == 0) {
        throw Error(ErrorCode::kLimit, name_,
                    fmt::format("ended before it said \"{}\": {}", start, last_words()));
      }
    }
    if (Clock::now() > deadline) {
      throw Error(ErrorCode::kLimit, name_,
                  fmt::format("did not say \"{}\" within {} s: {}", start, longest.value(), last_words()));
    }
  }
}

void ChildProcess::say(const std::string& line) {
  const std::string text = line + "\n";
  // A program that has ended is found out by await_end().
  static_cast<void>(::write(input_.get(), text.data(), text.size()));
}

int ChildProcess::await_end(Seconds longest, const StopRequested& stop) {
  const auto deadline = Clock::now() + std::chrono::duration<double>(longest.value());
  std::array<char, 4096> buffer{};
  while (!reap()) {
    if (stop && stop()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    if (Clock::now() > deadline)
      throw Error(ErrorCode::kLimit, name_,
                  fmt::format("did not end within {} s: {}", longest.value(), last_words()));
    pollfd ready{output_.get(), POLLIN, 0};
    if (::poll(&ready, output_.open() ? 1 : 0, kPollMs) > 0 &&
        ::read(output_.get(), buffer.data(), buffer.size()) <= 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));  // closed, and not yet ended
    }
  }
  return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

}  // namespace kerf
