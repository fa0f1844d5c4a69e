#pragma once
// The far end of a link: a `kerf serve --echo`, reached over one warm connection. Errors say what is the
// matter with the address: nobody there, no server of this kind, no echo peer, gone in the middle.

#include <string>

#include "calibrate/measure/link_sampler.hpp"
#include "runtime/executor/inference_client.hpp"

namespace kerf {

class EchoPeer final : public LinkPeer {
 public:
  // Connects, and makes sure of what answers. `pause` is slept before each exchange.
  EchoPeer(const std::string& address, Seconds pause, StopRequested stop);

  Seconds exchange(Bytes up, Bytes down) override;
  // The kernel's own figure for the handshake of a further, plain TCP connection.
  Seconds round_trip() override;

  [[nodiscard]] const std::string& description() const {
    return description_;
  }  // "10.0.0.7:8470, kerf 0.1.0"

 private:
  InferenceClient client_;
  Seconds pause_;
  StopRequested stop_;
  std::string description_;
};

}  // namespace kerf
