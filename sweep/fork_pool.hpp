#pragma once
// Work in child processes: a few workers, each of which prepares once (builds a simulator) and then forks a
// fresh child for every item, so that an item's result depends on nothing that ran before it. Results come
// back to the caller in the order of the items, whatever the number of workers.
//
// The caller must be single-threaded and must not have prepared anything itself. Workers end when the caller
// does, however it ends. They ignore Ctrl-C: the caller decides.

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "base/progress.hpp"

namespace kerf {

// Runs in a child; what it returns is handed to Receive. A thrown Error is thrown again in the caller.
using ForkedWork = std::function<std::string(std::size_t item)>;
// Runs once in each worker.
using Prepare = std::function<ForkedWork()>;
using Receive = std::function<void(std::size_t item, std::string result)>;

// Error(kInterrupted) when `stop` says so, after every finished result that is next in order was received;
// Error(kBug) when a child dies of a signal (named, with the item).
void run_forked(std::span<const std::size_t> items, int workers, const Prepare& prepare,
                const Receive& receive, const StopRequested& stop);

}  // namespace kerf
