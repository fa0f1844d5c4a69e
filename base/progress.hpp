#pragma once
// How long work talks to whoever started it: it reports how far it is, and asks between steps whether to
// stop. Both are plain functions handed in, so that no library prints or catches signals on its own.

#include <functional>
#include <string_view>

namespace kerf {

// done of total steps are finished (total may grow); `what` names the present one. Called often, from one
// thread.
using ProgressReport = std::function<void(double done, double total, std::string_view what)>;

// True when the user asked to stop. Work then throws Error(kInterrupted) from a consistent state.
using StopRequested = std::function<bool()>;

}  // namespace kerf
