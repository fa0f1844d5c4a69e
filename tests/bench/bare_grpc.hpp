#pragma once
// Bare gRPC, as a program has it that sets nothing: a message goes to a server on loopback and comes back.
// Client and server live in a process of their own, which does one call each time that it is told to: what
// another program sets for itself (how memory is kept, say) is not theirs.
//
//   int main(int argc, char** argv) {
//     if (const auto code = BareGrpc::main_of_peer(argc, argv)) return *code;
//     ...
//   BareGrpc stub("stub", 1'200'000);
//   double milliseconds = stub();

#include <cstddef>
#include <optional>
#include <string>

namespace kerf_bench {

class BareGrpc {
 public:
  // "stub": a unary call of generated stubs, whose message is one field of `bytes`, as it is usually done.
  // "buffer": the message is a buffer as the transport has it, passed along and never brought into one place:
  // the least that gRPC can do. "stub+", "buffer+": the same with memory kept as our programs keep it
  // (message_memory.hpp).
  BareGrpc(const std::string& kind, std::size_t bytes);
  BareGrpc(const BareGrpc&) = delete;
  BareGrpc& operator=(const BareGrpc&) = delete;
  ~BareGrpc();

  double operator()();  // one call; milliseconds. Aborts when the reply is not as long as the request

  // The exit code where this process was started as a peer, when it has ended.
  [[nodiscard]] static std::optional<int> main_of_peer(int argc, char** argv);

 private:
  int child_ = -1;
  int to_ = -1, from_ = -1;
};

}  // namespace kerf_bench
