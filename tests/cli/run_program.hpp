#pragma once
// Runs one of the programs as a user would and keeps what it said.

#include <filesystem>
#include <string>
#include <vector>

namespace kerf {

struct Ran {
  int exit_code = -1;  // 128 + signal when it died of one
  std::string out, err;
};

struct RunOptions {
  std::filesystem::path folder = ".";  // where it runs
  long most_file_bytes = -1;           // a file that grows beyond fails as on a full disk; -1: no limit
};

// `kerf` with these arguments.
[[nodiscard]] Ran run_kerf(const std::vector<std::string>& arguments, const RunOptions& options = {});

}  // namespace kerf
