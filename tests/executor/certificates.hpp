#pragma once
// Certificates made by the script that users have: ours and a stranger's, valid and expired.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.hpp"
#include "runtime/executor/tls_identity.hpp"

namespace kerf::test {

class Certificates {
 public:
  explicit Certificates(const std::string& name)
      : folder_(std::filesystem::temp_directory_path() /
                ("kerf-" + name + "-" + std::to_string(::getpid()))) {
    const std::string script = std::string(KERF_SOURCE_DIR) + "/scripts/test-certificates.sh ";
    made_ = std::system("command -v openssl >/dev/null") == 0 &&
            run(script + path("ours") + " edge camera moon=10.9.9.9") &&
            run("KERF_CERTIFICATE_END=20200101000000Z " + script + path("ours") + " expired") &&
            run(script + path("theirs") + " stranger");
  }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;
  ~Certificates() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] TlsIdentity of(const std::string& name, const std::string& authority = "ours") const {
    return {read_file(path(authority) + "/" + name + ".crt"),
            read_file(path(authority) + "/" + name + ".key"), read_file(path("ours") + "/ca.crt")};
  }

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static bool run(const std::string& command) { return std::system((command + " >/dev/null").c_str()) == 0; }
  std::filesystem::path folder_;
  bool made_ = false;
};

}  // namespace kerf::test
