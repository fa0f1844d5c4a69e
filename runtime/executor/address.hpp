#pragma once
// "HOST:PORT" as people write it: a name, an IPv4 address, or an IPv6 address in brackets.

#include <string>
#include <string_view>

namespace kerf {

struct Address {
  std::string host;  // without brackets
  int port = 0;      // 0 to 65535

  [[nodiscard]] std::string text() const;  // "[::1]:8470"
  [[nodiscard]] bool is_loopback() const;  // 127.0.0.0/8, ::1, localhost: reachable from this machine alone
};

// Error(kUsage) at `where`.
[[nodiscard]] Address parse_address(std::string_view text, const std::string& where);

}  // namespace kerf
