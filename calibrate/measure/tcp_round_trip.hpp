#pragma once
// How long the network alone takes there and back.

#include <string>

#include "base/quantity.hpp"

namespace kerf {

// Opens a TCP connection to "HOST:PORT" and closes it again: what the kernel measured from its first packet
// to the answer, which the other side's kernel gives without asking any program. Resolution 1 us.
// Error(kBadInput) where the name is unknown or nobody answers `within` that time. Linux only.
[[nodiscard]] Seconds tcp_round_trip(const std::string& address, Seconds within);

// What the kernel does on connections: "cubic, slow start after idle on"; "" where it does not say.
[[nodiscard]] std::string tcp_settings();

}  // namespace kerf
