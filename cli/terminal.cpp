#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"

namespace kerf::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Written by the signal handler alone, read by stop_on_interrupt's function: the one global that C++ signals
// need.
volatile std::sig_atomic_t interrupted = 0;

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

class ProgressLine {
 public:
  explicit ProgressLine(std::string_view task) : task_(task), on_terminal_(::isatty(STDERR_FILENO) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    if (on_terminal_ && shown_) std::fputs("\r\033[K", stderr);
  }

  void show(double done, double total, std::string_view what) {
    const auto now = Clock::now();
    const bool due =
        now - last_ >= (on_terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(15));
    if (!due) return;
    last_ = now;
    shown_ = true;
    const double share = total > 0 ? done / total : 0;
    const double spent = std::chrono::duration<double>(now - start_).count();
    const std::string left = share > 0.01 ? clock_text(spent * (1 - share) / share) + " left" : "estimating";
    const std::string line = fmt::format("{}: {:3.0f} %  {}  {}", task_, 100 * share, left, what);
    if (on_terminal_) {
      fmt::print(stderr, "\r\033[K{:.110}", line);
      std::fflush(stderr);
    } else {
      fmt::print(stderr, "{}\n", line);
    }
  }

 private:
  std::string task_;
  bool on_terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace

ProgressReport terminal_progress(std::string_view task) {
  return [line = std::make_shared<ProgressLine>(task)](double done, double total, std::string_view what) {
    line->show(done, total, what);
  };
}

Log log_to_stderr(std::string name) {
  return [name = std::move(name)](std::string_view line) {
    const std::string text = fmt::format("{}: {}\n", name, line);
    std::fwrite(text.data(), 1, text.size(), stderr);  // at once, whichever thread
  };
}

StopRequested stop_on_interrupt() {
  struct sigaction action {};
  // A second Ctrl-C ends the program at once.
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return [] { return interrupted != 0; };
}

int run_app(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    // Data that did not reach its file or pipe is an error too.
    if (std::fflush(stdout) != 0) {
      throw Error(ErrorCode::kLimit, "standard output", "cannot be written (disk full or pipe closed)");
    }
    return 0;
  } catch (const CLI::ParseError& usage) {
    return app.exit(usage) == 0 ? 0 : static_cast<int>(ErrorCode::kUsage);
  } catch (const Error& error) {
    std::fflush(stdout);
    fmt::print(stderr, "kerf: {}\n", error.what());
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "kerf: out of memory\n");
    return static_cast<int>(ErrorCode::kLimit);
  } catch (const std::exception& bug) {
    fmt::print(stderr, "kerf: a fault of ours: {}\n", bug.what());
    return static_cast<int>(ErrorCode::kBug);
  }
}

}  // namespace kerf::cli
