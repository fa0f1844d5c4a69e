#pragma once
// Platform files by hand, one for each thing that a file may do, as text.

#include <ostream>
#include <string>
#include <vector>

namespace kerf::test {

struct SamplePlatform {
  std::string name, text;
};

inline void PrintTo(const SamplePlatform& sample, std::ostream* out) {
  *out << sample.name;
}

[[nodiscard]] const std::vector<SamplePlatform>& sample_platforms();

// The elements given, inside <platform version="4.1">.
[[nodiscard]] std::string platform_file(const std::string& elements);

}  // namespace kerf::test
