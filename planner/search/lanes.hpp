#pragma once
// Two doubles that are treated alike by one instruction: the compiler's portable vectors (GNU and Clang),
// which every x86-64 and arm64 processor has. Comparisons give masks: (a < b) ? x : y chooses lane by lane,
// without branches; combine masks with & and |.

#include <cstddef>

namespace kerf {

inline constexpr std::size_t kLanes = 2;
using Lanes = double __attribute__((vector_size(kLanes * sizeof(double))));

}  // namespace kerf
