#pragma once
// Texts of flags. What would be bad input in a file is wrong usage on the command line.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "runtime/executor/tls_identity.hpp"

namespace kerf::cli {

// `parse` is one of base/text.hpp's.
template <class Parse>
auto flag(Parse parse, std::string_view text, std::string_view name) {
  try {
    return parse(text, name);
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, error.where(), error.found(), error.expected(), error.hint());
  }
}

// "edge=10.0.0.7:8470" into its two parts, neither empty. `name` is the flag's; `example` is what to try.
[[nodiscard]] std::pair<std::string, std::string> parse_setting(const std::string& text,
                                                                const std::string& name,
                                                                const std::string& example);

// The paths of --tls-cert, --tls-key and --tls-ca: all three, or none.
struct TlsFiles {
  std::string certificate, key, authority;
};
[[nodiscard]] std::optional<TlsIdentity> read_identity(const TlsFiles& files);

}  // namespace kerf::cli
