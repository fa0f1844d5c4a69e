#pragma once
// A platform file drawn from a seed: zones in zones with every routing, clusters, asymmetrical routes,
// split-duplex links and bypasses, with a route between any two hosts. It avoids the forms in which
// SimGrid 3.32 itself crashes or errs (docs/platforms.md lists them).

#include <cstdint>
#include <string>

namespace kerf::test {

[[nodiscard]] std::string random_platform(std::uint64_t seed);

}  // namespace kerf::test
