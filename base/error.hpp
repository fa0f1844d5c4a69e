#pragma once
// The one exception of the project. Whatever a user or a file can cause is thrown as Error and ends as one
// message on stderr and one exit code; our own bugs are asserts. Third-party exceptions are translated where
// the library is used.
//
//   throw Error(ErrorCode::kBadInput, "cameras.toml:12:9", "rate is \"4\"",
//               "a number of requests with its unit", "write rate = \"4/s\"");

#include <stdexcept>
#include <string>

namespace kerf {

// The values are the exit codes of the command line.
enum class ErrorCode {
  kUsage = 2,          // the command line is wrong
  kInfeasible = 10,    // no plan satisfies the constraints
  kLimit = 20,         // out of time, memory or disk
  kBadInput = 30,      // a file's content is wrong
  kUnsupported = 31,   // correct input that this version cannot treat
  kBug = 39,           // our fault
  kInterrupted = 130,  // the user pressed Ctrl-C
};

class Error : public std::runtime_error {
 public:
  // where: file:line:column, a node, a flag. found / expected / hint: short phrases without a full stop; any
  // but `found` may be empty.
  Error(ErrorCode code, std::string where, std::string found, std::string expected = {},
        std::string hint = {});

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] const std::string& found() const { return found_; }
  [[nodiscard]] const std::string& expected() const { return expected_; }
  [[nodiscard]] const std::string& hint() const { return hint_; }
  [[nodiscard]] int exit_code() const { return static_cast<int>(code_); }

 private:
  ErrorCode code_;
  std::string where_, found_, expected_, hint_;
};

}  // namespace kerf
