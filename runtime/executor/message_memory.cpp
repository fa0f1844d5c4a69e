#include "runtime/executor/message_memory.hpp"

#include <cstdlib>  // __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace kerf {

void keep_message_memory() {
#ifdef __GLIBC__
  constexpr int kLargestKept = 32 << 20;  // glibc's own most
  ::mallopt(M_MMAP_THRESHOLD, kLargestKept);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kLargestKept);
  // Freed memory serves only the heap that it came from: fewer heaps, less of it. Messages are few and large,
  // so threads do not wait for one another here.
  ::mallopt(M_ARENA_MAX, 2);
#endif
}

}  // namespace kerf
