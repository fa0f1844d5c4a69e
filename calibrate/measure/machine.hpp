#pragma once
// What a profile says about the machine it was measured on, as the system itself names it.

#include <string>

#include "base/quantity.hpp"

namespace kerf {

[[nodiscard]] std::string machine_name();  // "AMD EPYC, 2 cores": those that this process may use
[[nodiscard]] std::string system_name();   // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-13-amd64 x86_64"
[[nodiscard]] std::string utc_now();       // "2026-11-22T10:00:00Z"

// How long this thread has stood ready to run while others had the processors, since it began: what tells a
// busy machine from a slow one. 0 where the system does not say.
[[nodiscard]] Seconds waited_for_processor();

// The value behind `key` in text of the form "key : value" (as /proc/cpuinfo) or key="value" (as
// /etc/os-release); "" where there is none.
[[nodiscard]] std::string value_behind(const std::string& text, const std::string& key, char separator);

}  // namespace kerf
