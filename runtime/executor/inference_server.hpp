#pragma once
// A server of the Open Inference Protocol: models by name, each a function from request to reply. Requests
// are checked against the model's signature first; what does not fit is refused with the reason. Functions
// run on the server's own worker threads, several at once, and may throw Error: the client gets its text.
// Beyond `queue` waiting requests further ones are refused at once.
//
//   InferenceServer server({echo_model(Bytes(64e6))}, {.listen = "127.0.0.1:0"});
//   log("listening on " + server.address());
//   ...
//   server.stop(Seconds(1));

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/quantity.hpp"
#include "runtime/executor/infer_message.hpp"
#include "runtime/executor/tls_identity.hpp"

namespace kerf {

// The second argument tells whether the client has given up (or the server is stopping): long work may look
// and throw.
using InferFunction = std::function<InferReply(const InferRequest&, const StopRequested&)>;

struct ServedModel {
  std::string name;
  std::string version;   // "1"
  std::string platform;  // what runs it, "onnxruntime_onnx"; free text
  std::vector<TensorSignature> inputs;
  std::vector<TensorSignature> outputs;
  InferFunction infer;  // called by several threads at once
};

struct ServerOptions {
  std::string listen = "127.0.0.1:8470";  // port 0: any free one
  std::optional<TlsIdentity> tls;  // clients without a certificate that its authority signed are turned away
  bool insecure =
      false;  // without TLS needed for anything but loopback: nothing is encrypted, anybody may call
  Bytes largest_message{64e6};  // of a request
  int workers = 4;              // requests computed at once
  int queue = 64;               // requests that may wait for a worker
  // Requests, waiting or under way, of one client, known by its certificate or else its connection: further
  // ones are refused at once.
  int per_client = 1 << 20;
  Seconds patience{120};  // a request must have arrived, and its reply been taken, within; then it is cut off
};

class InferenceServer {
 public:
  // Listens when it returns. Error(kUsage) for an address that is none, that is in use, or that is open to
  // others with neither TLS nor `insecure`; for certificates that are none.
  InferenceServer(std::vector<ServedModel> models, const ServerOptions& options);
  InferenceServer(const InferenceServer&) = delete;
  InferenceServer& operator=(const InferenceServer&) = delete;
  ~InferenceServer();  // stop(0)

  [[nodiscard]] const std::string& address() const;  // "127.0.0.1:43211": with the port that was picked

  // Takes no new requests, gives those under way so much time, then cancels them. Returns when all have
  // ended.
  void stop(Seconds grace);

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace kerf
