#include "tests/sim/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace kerf::test {
namespace {

void write_all(int to, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t done = write(to, bytes, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) _exit(9);
    bytes += done;
    count -= static_cast<std::size_t>(done);
  }
}

std::string read_all(int from) {
  std::string all;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(from, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return all;
    all.append(buffer, static_cast<std::size_t>(got));
  }
}

// What the child writes to the descriptor that `work` gets.
std::string from_child(const std::function<void(int)>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    close(ends[0]);
    work(ends[1]);
    _exit(0);
  }
  close(ends[1]);
  std::string all = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status))
    throw std::runtime_error("the child died of signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    throw std::runtime_error("the child exited with " + std::to_string(WEXITSTATUS(status)));
  return all;
}

}  // namespace

std::vector<double> in_child(const std::function<std::vector<double>()>& work) {
  const std::string bytes = from_child([&](int to) {
    std::string answer;
    try {
      const std::vector<double> numbers = work();
      answer = "=";
      answer.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
    } catch (const std::exception& error) {
      answer = std::string("!") + error.what();
    }
    write_all(to, answer.data(), answer.size());
  });
  if (bytes.empty() || bytes[0] != '=')
    throw std::runtime_error(bytes.empty() ? "no answer" : bytes.substr(1));
  std::vector<double> numbers((bytes.size() - 1) / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data() + 1, numbers.size() * sizeof(double));
  return numbers;
}

std::string output_of_child(const std::function<void()>& work) {
  return from_child([&](int to) {
    dup2(to, STDOUT_FILENO);
    dup2(to, STDERR_FILENO);
    work();
  });
}

}  // namespace kerf::test
