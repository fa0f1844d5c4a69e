#include "cli/flag_text.hpp"

#include <fmt/format.h>

#include "base/file.hpp"

namespace kerf::cli {

std::pair<std::string, std::string> parse_setting(const std::string& text, const std::string& name,
                                                  const std::string& example) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(ErrorCode::kUsage, name, fmt::format("\"{}\"", text), "NAME=VALUE",
                fmt::format("try {} {}", name, example));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::optional<TlsIdentity> read_identity(const TlsFiles& files) {
  if (files.certificate.empty() && files.key.empty() && files.authority.empty()) return std::nullopt;
  if (files.certificate.empty() || files.key.empty() || files.authority.empty()) {
    throw Error(ErrorCode::kUsage, "--tls-cert, --tls-key, --tls-ca", "not all three are given",
                "all three PEM files, or none", "scripts/test-certificates.sh makes some for trying");
  }
  return TlsIdentity{read_file(files.certificate), read_file(files.key), read_file(files.authority)};
}

}  // namespace kerf::cli
