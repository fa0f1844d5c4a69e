#pragma once
// How long-lived work tells what happened: one line a call, without its end. A function handed in, so that no
// library writes to a stream on its own. Called by several threads.

#include <functional>
#include <string_view>

namespace kerf {

using Log = std::function<void(std::string_view line)>;

}  // namespace kerf
