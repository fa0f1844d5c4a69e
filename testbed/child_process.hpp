#pragma once
// A program that the testbed starts: where it runs (a host's network, processors, control group), its output
// line by line, its end. Whatever it says on stderr goes to a log file. It has a process group of its own, so
// that Ctrl-C is the testbed's affair; when the object goes, the whole group is ended.

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/quantity.hpp"
#include "testbed/descriptor.hpp"

namespace kerf {

struct Command {
  std::vector<std::string> words;  // the program's path, its arguments
  std::filesystem::path log;       // of its stderr, appended to; empty: the caller's
  bool speaks = true;              // false: stdin and stdout are the caller's
  const Descriptor* network = nullptr;
  std::vector<int> processors;  // empty: any
  std::filesystem::path group;  // the file to join a control group by; empty: none
};

class ChildProcess {
 public:
  // Error(kUnsupported) where the program cannot be started.
  explicit ChildProcess(const Command& command);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  // The next line of stdout that begins with `start`, without it. Error(kLimit) with the end of its log when
  // it ends or says nothing of the kind for so long; Error(kInterrupted).
  [[nodiscard]] std::string await_line(const std::string& start, Seconds longest, const StopRequested& stop);
  void say(const std::string& line);
  // Its exit code, 128 + signal. Error(kLimit) when it takes longer; Error(kInterrupted).
  [[nodiscard]] int await_end(Seconds longest, const StopRequested& stop);
  // The last lines of its log.
  [[nodiscard]] std::string last_words() const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  [[nodiscard]] bool reap();  // true once it has ended

  pid_t process_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::string name_;
  std::filesystem::path log_;
  std::size_t log_begins_ = 0;
  Descriptor input_, output_;
  std::string heard_;
};

}  // namespace kerf
