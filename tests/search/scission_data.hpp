#pragma once
// Scission's published measurements and its own answers. The files are no part of the project (see the README
// of their folder): they are looked for beside the source tree and where $KERF_SHARED points; a test that
// does not find them skips.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace kerf::testing {

// The folder of the answers, or an empty path.
inline std::filesystem::path scission_answers() {
  const std::filesystem::path source = KERF_SOURCE_DIR;
  std::vector<std::filesystem::path> roots{source / ".." / "shared", source / ".." / ".." / "shared"};
  if (const char* shared = std::getenv("KERF_SHARED")) roots.insert(roots.begin(), shared);
  for (const std::filesystem::path& root : roots) {
    const std::filesystem::path folder = root / "data" / "scission" / "expected";
    if (std::filesystem::exists(folder)) return folder;
  }
  return {};
}

// The tier that one of Scission's flags is about: "-e" and "--edge-upload" are about the edge.
inline std::string tier_of_flag(const std::string& flag) {
  const char letter = flag[flag.find_first_not_of('-')];
  return letter == 'd' ? "device" : letter == 'e' ? "edge" : "cloud";
}

}  // namespace kerf::testing
