#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "cli/command.hpp"

namespace kerf::cli {

void check_plain_name(const std::string& name, const std::string& flag, const std::string& what,
                      const std::string& example) {
  const bool plain =
      !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
      });
  if (plain) return;
  throw Error(ErrorCode::kUsage, flag, fmt::format("\"{}\"", name),
              fmt::format("{}: letters, digits, '-', '_' and '.'", what),
              fmt::format("try {} {}", flag, example));
}

}  // namespace kerf::cli
