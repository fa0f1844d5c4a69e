// Writes the sample table: the golden file, and what the consumer test reads.
//   build/dev/tests/policy/write_sample tests/policy/golden.kerf

#include <cstdio>
#include <exception>

#include "base/file.hpp"
#include "tests/policy/sample.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_sample FILE\n", stderr);
    return 2;
  }
  try {
    kerf::write_file(argv[1], kerf::encode_policy(kerf::test::sample()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
