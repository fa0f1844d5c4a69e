#include "runtime/executor/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

#include "base/error.hpp"

namespace kerf {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& where) {
  throw Error(ErrorCode::kUsage, where, fmt::format("\"{}\"", text), "an address and a port",
              "such as 127.0.0.1:8470, edge.local:8470 or [::1]:8470");
}

}  // namespace

std::string Address::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

bool Address::is_loopback() const {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

Address parse_address(std::string_view text, const std::string& where) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, where);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  Address address;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failure != std::errc{} || end != port.data() + port.size() || address.port < 0 ||
      address.port > 65535) {
    refuse(text, where);
  }
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  if (host.empty() || has_colon != brackets || host.find_first_of("[]/ \t\r\n") != std::string_view::npos) {
    refuse(text, where);
  }
  address.host = host;
  return address;
}

}  // namespace kerf
