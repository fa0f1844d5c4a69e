#pragma once
// Another host as this one sees it: a warm connection, whether the host is well, what it is expected to
// serve, and what the path to it can do.
//
// A host that fails is down: nothing is sent to it until it has answered a probe, over a new connection, that
// it is ready and serves the expected models under the expected hashes. Probes come after 0.1 s, then at
// doubling distances of at most 2 s; what is asked of it meanwhile fails at once. Any number of threads may
// share a link.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "runtime/executor/inference_client.hpp"
#include "runtime/split/breaker.hpp"
#include "runtime/split/path_monitor.hpp"
#include "runtime/split/stage_report.hpp"

namespace kerf {

struct ExpectedModel {
  std::string name;
  std::string version;  // the hash
  std::vector<TensorSignature> inputs, outputs;
};

struct HostLinkOptions {
  ClientOptions client;
  // A server that is not ours and knows no hashes is taken by its tensors alone.
  bool any_version = false;
  Seconds first_retry{0.1};
  Seconds longest_retry{2};
  Seconds probe_within{2};
  std::string workload = {};  // whose load this is (stage_report.hpp)
};

class HostLink {
 public:
  // Error(kUsage) for an address that is none. Does not connect yet.
  HostLink(std::string name, std::string address, HostLinkOptions options, Clock clock, Log log);
  HostLink(const HostLink&) = delete;
  HostLink& operator=(const HostLink&) = delete;
  ~HostLink();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& address() const { return address_; }
  void expect(std::vector<ExpectedModel> models);

  // Connects and asks for everything expected. InferenceError says what is missing or other; the host is down
  // then.
  void check(Seconds within);
  [[nodiscard]] bool is_up() const;

  // Whatever fails is InferenceError: kUnreachable at once while the host is down, kMalformed for a reply
  // without the tensors that `gives` says (nullptr: any will do). The request carries the link's workload.
  [[nodiscard]] InferReply infer(InferRequest request, const std::vector<TensorSignature>* gives,
                                 Seconds within, const StopRequested& stop);

  // Measures the path now, with some messages to the host's echo, and from then on whenever other messages
  // have not told for a while. A host without an echo is measured by other messages alone. What fails, fails
  // silently: the host is down.
  void keep_measuring();
  // Adds what is known of the path and of the loads of hosts that replies told of.
  void tell(Observations& observations) const;

 private:
  [[nodiscard]] std::shared_ptr<InferenceClient> client() const;
  void ask(const InferenceClient& client, Seconds within) const;
  void went_down(const InferenceError& error, const std::shared_ptr<InferenceClient>& used);
  void watch();
  bool probe();
  void measure(const std::shared_ptr<InferenceClient>& used);
  void remember_loads(const InferReply& reply);
  [[nodiscard]] InferReply exchange(const InferenceClient& client, const InferRequest& request,
                                    Seconds within, const StopRequested& stop);

  const std::string name_;
  const std::string address_;
  const HostLinkOptions options_;
  const Clock clock_;
  const Log log_;
  PathMonitor path_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool measuring_ = false;
  Breaker breaker_;
  HostLoads loads_;
  std::vector<ExpectedModel> expected_;
  std::shared_ptr<InferenceClient> client_;
  std::thread watcher_;  // probes while the host is down, and measures while it is up
};

[[nodiscard]] std::string_view to_text(InferenceFailure failure);  // "unreachable", "deadline", ...

}  // namespace kerf
