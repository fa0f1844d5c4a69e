#pragma once
// One connection to a server that speaks the Open Inference Protocol. It is made at the first call, kept warm
// and made again when it broke. Any number of threads may share a client; calls of one client share its
// connection.
//
//   InferenceClient edge("10.0.0.7:8470");
//   InferReply reply = edge.infer({.model = "head", .inputs = {...}}, Seconds(2));
//
// Tensors are sent from where they lie. Whatever fails is thrown as InferenceError; `where` is the address.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/quantity.hpp"
#include "runtime/executor/infer_message.hpp"
#include "runtime/executor/inference_error.hpp"
#include "runtime/executor/tls_identity.hpp"

namespace kerf {

struct ServerDescription {
  std::string name;
  std::string version;
};

struct ModelDescription {
  std::string name;
  std::vector<std::string> versions;
  std::vector<TensorSignature> inputs;
  std::vector<TensorSignature> outputs;
};

struct ClientOptions {
  Bytes largest_message{256e6};  // of a reply; the server has its own limit for requests
  std::optional<TlsIdentity> tls = {};
  bool insecure = false;  // another machine without TLS: nothing is encrypted, anybody may answer
};

[[nodiscard]] std::string transport_version();  // "gRPC 1.51.1"

class InferenceClient {
 public:
  // "HOST:PORT"; Error(kUsage) for anything else, and for another machine with neither TLS nor `insecure`.
  // Does not connect yet.
  explicit InferenceClient(std::string address, const ClientOptions& options = {});
  InferenceClient(const InferenceClient&) = delete;
  InferenceClient& operator=(const InferenceClient&) = delete;
  ~InferenceClient();

  [[nodiscard]] const std::string& address() const;

  // Each throws InferenceError when there is no answer `within` that time, even where the connection takes
  // nothing more.
  [[nodiscard]] bool is_live(Seconds within) const;  // for tests of servers: our clients ask is_ready()
  [[nodiscard]] bool is_ready(Seconds within) const;
  [[nodiscard]] bool is_ready(const std::string& model, Seconds within) const;
  [[nodiscard]] ServerDescription describe_server(Seconds within) const;
  [[nodiscard]] ModelDescription describe_model(const std::string& model, Seconds within) const;

  // Blocks until the reply is here. `stop` is asked every 50 ms where given; then the call is cancelled and
  // InferenceError(kCancelled) thrown. The payloads' memory is in use until the transport lets go of it,
  // which may be a little after a failed call: their owners keep it alive.
  [[nodiscard]] InferReply infer(const InferRequest& request, Seconds within,
                                 const StopRequested& stop = {}) const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace kerf
