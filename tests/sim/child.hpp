#pragma once
// SimGrid allows one engine per process: what a test does with it, it does in a child of its own.

#include <functional>
#include <string>
#include <vector>

namespace kerf::test {

// The numbers that `work` returns, to the bit, from a forked child. Throws what() of an exception that leaves
// `work` as std::runtime_error, and when the child dies.
[[nodiscard]] std::vector<double> in_child(const std::function<std::vector<double>()>& work);

// What a child prints on stdout and stderr while it does `work`.
[[nodiscard]] std::string output_of_child(const std::function<void()>& work);

}  // namespace kerf::test
