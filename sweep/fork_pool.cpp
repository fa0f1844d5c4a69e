#include "sweep/fork_pool.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace kerf {
namespace {

constexpr int kItemsAhead =
    2;  // handed to a worker before it has finished the former, so that it never waits

enum class FrameKind : std::uint32_t { kResult, kError, kDied };

struct FrameHeader {
  std::uint64_t item = 0;
  FrameKind kind = FrameKind::kResult;
  std::int32_t code = 0;  // of the error, or the signal
  std::uint64_t size = 0;
};

bool write_all(int descriptor, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int descriptor, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::read(descriptor, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void send_frame(int descriptor, std::uint64_t item, FrameKind kind, std::int32_t code,
                const std::string& payload) {
  const FrameHeader header{item, kind, code, payload.size()};
  if (!write_all(descriptor, &header, sizeof header) ||
      !write_all(descriptor, payload.data(), payload.size())) {
    ::_exit(1);  // the caller is gone
  }
}

// An Error's four texts, separated by a byte that no text holds.
std::string pack(const Error& error) {
  return error.where() + '\0' + error.found() + '\0' + error.expected() + '\0' + error.hint();
}

Error unpack(std::int32_t code, const std::string& packed) {
  std::vector<std::string> texts(1);
  for (const char c : packed) {
    if (c == '\0') {
      texts.emplace_back();
    } else {
      texts.back() += c;
    }
  }
  texts.resize(4);
  return Error(static_cast<ErrorCode>(code), texts[0], texts[1], texts[2], texts[3]);
}

// Calls `body`; an exception becomes a frame and the process ends.
template <class Body>
auto guarded(int results, std::uint64_t item, const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Error& error) {
    send_frame(results, item, FrameKind::kError, error.exit_code(), pack(error));
  } catch (const std::exception& other) {
    send_frame(results, item, FrameKind::kError, static_cast<int>(ErrorCode::kBug),
               pack(Error(ErrorCode::kBug, "", other.what())));
  }
  ::_exit(0);
}

[[noreturn]] void worker_main(int commands, int results, const Prepare& prepare) {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  std::optional<ForkedWork> work;
  std::uint64_t item = 0;
  while (read_all(commands, &item, sizeof item)) {
    if (!work) work = guarded(results, item, prepare);
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string result = guarded(results, item, [&] { return (*work)(item); });
      send_frame(results, item, FrameKind::kResult, 0, result);
      ::_exit(0);
    }
    if (child < 0) {
      send_frame(results, item, FrameKind::kError, static_cast<int>(ErrorCode::kLimit),
                 pack(Error(ErrorCode::kLimit, "fork", std::strerror(errno), "", "use fewer --jobs")));
      ::_exit(0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) send_frame(results, item, FrameKind::kDied, WTERMSIG(status), "");
  }
  ::_exit(0);
}

class Worker {
 public:
  // `others` are the pipes of earlier workers, which this one must not keep open.
  Worker(const Prepare& prepare, const std::vector<Worker>& others) {
    int command_pipe[2];
    int result_pipe[2];
    if (::pipe(command_pipe) != 0 || ::pipe(result_pipe) != 0) {
      throw Error(ErrorCode::kLimit, "pipe", std::strerror(errno), "", "use fewer --jobs");
    }
    std::fflush(nullptr);  // or the child would print it again
    process_ = ::fork();
    if (process_ < 0) throw Error(ErrorCode::kLimit, "fork", std::strerror(errno), "", "use fewer --jobs");
    if (process_ == 0) {
      ::setpgid(0, 0);  // the worker and its children end together
      for (const Worker& other : others) {
        ::close(other.commands_);
        ::close(other.results_);
      }
      ::close(command_pipe[1]);
      ::close(result_pipe[0]);
      worker_main(command_pipe[0], result_pipe[1], prepare);
    }
    ::setpgid(process_, process_);  // whichever of the two comes first
    ::close(command_pipe[0]);
    ::close(result_pipe[1]);
    commands_ = command_pipe[1];
    results_ = result_pipe[0];
  }
  Worker(Worker&& other) noexcept
      : process_(std::exchange(other.process_, -1)),
        commands_(std::exchange(other.commands_, -1)),
        results_(std::exchange(other.results_, -1)),
        under_way_(other.under_way_) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker& operator=(Worker&&) = delete;
  ~Worker() {
    if (process_ < 0) return;
    ::close(commands_);  // an idle worker ends by itself
    ::close(results_);
    if (under_way_ > 0) ::kill(-process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  [[nodiscard]] int results() const { return results_; }
  [[nodiscard]] bool has_room() const { return under_way_ < kItemsAhead; }
  void give(std::uint64_t item) {
    ++under_way_;
    // A worker that died is found out by read(): its pipe is at its end.
    static_cast<void>(write_all(commands_, &item, sizeof item));
  }
  // Throws what the child threw.
  std::pair<std::size_t, std::string> take() {
    FrameHeader header;
    if (!read_all(results_, &header, sizeof header)) {
      throw Error(ErrorCode::kBug, "a worker process", "ended without a word");
    }
    std::string payload(header.size, '\0');
    if (!read_all(results_, payload.data(), payload.size())) {
      throw Error(ErrorCode::kBug, "a worker process", "ended in the middle of a result");
    }
    --under_way_;
    if (header.kind == FrameKind::kError) throw unpack(header.code, payload);
    if (header.kind == FrameKind::kDied) {
      throw Error(header.code == SIGKILL ? ErrorCode::kLimit : ErrorCode::kBug,
                  fmt::format("condition {}", header.item),
                  fmt::format("its process died of signal {} ({})", header.code, ::strsignal(header.code)),
                  "", header.code == SIGKILL ? "memory may have run out; use fewer --jobs" : "");
    }
    return {header.item, std::move(payload)};
  }

 private:
  pid_t process_ = -1;
  int commands_ = -1;
  int results_ = -1;
  int under_way_ = 0;
};

}  // namespace

void run_forked(std::span<const std::size_t> items, int workers, const Prepare& prepare,
                const Receive& receive, const StopRequested& stop) {
  // A worker that dies must end in an Error, not in our own SIGPIPE.
  struct IgnorePipeSignal {
    void (*former)(int) = std::signal(SIGPIPE, SIG_IGN);
    ~IgnorePipeSignal() { std::signal(SIGPIPE, former); }
  } const ignore_pipe_signal;

  std::vector<Worker> pool;
  const std::size_t count = std::min(static_cast<std::size_t>(std::max(1, workers)), items.size());
  pool.reserve(count);
  for (std::size_t i = 0; i < count; ++i) pool.emplace_back(prepare, pool);

  std::map<std::size_t, std::size_t> place;  // of an item in `items`
  for (std::size_t i = 0; i < items.size(); ++i) place.emplace(items[i], i);
  std::map<std::size_t, std::string> waiting;  // results by place, until all before them are here
  std::size_t next_to_give = 0;
  std::size_t next_to_receive = 0;

  while (next_to_receive < items.size()) {
    if (stop && stop()) throw Error(ErrorCode::kInterrupted, "", "interrupted");
    // One item each before a second for anyone, so that few items spread evenly.
    for (int ahead = 0; ahead < kItemsAhead; ++ahead) {
      for (Worker& worker : pool) {
        if (next_to_give < items.size() && worker.has_room()) worker.give(items[next_to_give++]);
      }
    }
    std::vector<pollfd> ready;
    for (const Worker& worker : pool) ready.push_back({worker.results(), POLLIN, 0});
    if (::poll(ready.data(), ready.size(), 200) <= 0) continue;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if ((ready[i].revents & (POLLIN | POLLHUP)) == 0) continue;
      auto [item, result] = pool[i].take();
      waiting.emplace(place.at(item), std::move(result));
    }
    for (auto first = waiting.find(next_to_receive); first != waiting.end();
         first = waiting.find(next_to_receive)) {
      receive(items[next_to_receive], std::move(first->second));
      waiting.erase(first);
      ++next_to_receive;
    }
  }
}

}  // namespace kerf
