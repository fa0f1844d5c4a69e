#pragma once
// The memory that messages come and go in. gRPC takes it in pieces of 64 kB for what arrives, and a tensor
// that a model needs in one place takes one piece more. glibc returns what is freed at the top of a heap to
// the system at once, so that the next message has every page mapped and cleared anew: a quarter of the time
// that a message of a megabyte takes.

namespace kerf {

// Has the C library keep what messages free for the next ones: for the whole process, at most 64 MB at the
// top of each of two heaps; larger single tensors than 32 MB go back at once. (By itself glibc does as much
// once a program has freed one piece of 32 MB, with eight heaps a processor.) To be called by a program
// before its first thread; where the C library is another, nothing happens.
void keep_message_memory();

}  // namespace kerf
