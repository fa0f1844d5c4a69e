#pragma once
// A network whose slices run on several hosts, as a program on the device uses it: inputs go in, answers come
// out, whatever happens to the other hosts.
//
//   SplitNetwork network(store, options, steady_clock(), log);
//   network.use_policy("policy.kerf", {.axes = {.main_host = "edge"}});
//   Answer answer = network.infer(owned(inputs));
//
// An input is kept until its answer is here. Where another host fails (gone, cut off, too late, out of
// memory, an answer that is none), the device computes the rest itself, from the last tensors that it has:
// for that, whatever a plan gives to other hosts is loaded here too. The host that failed is left alone until
// a probe finds it well (host_link.hpp).
//
// With a policy table every request is looked up under the condition of the moment: round trip and goodput of
// the paths, from the messages that go there anyway (path_estimator.hpp), and the load that the hosts'
// replies tell. Plans change with hysteresis (plan_chooser.hpp), between slices that are loaded already: a
// matter of microseconds. Every change is logged with its reason. A table that replaces the file is taken
// whole, with all it needs loaded first, or not at all.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/split/compute_pool.hpp"
#include "runtime/split/plan_chooser.hpp"
#include "runtime/split/plan_deck.hpp"

namespace kerf {

struct SplitNetworkOptions {
  std::string name;                          // this device's, in plans
  std::map<std::string, std::string> hosts;  // addresses of those that plans go to from here
  int workers = 1;                           // slices computed here at once
  Seconds deadline{30};                      // of what other hosts do for one request
  HostLinkOptions link;
  // Bytes sent in the input tensors' place where a plan begins elsewhere, and the seed of the random input
  // that they stand for (raw_input.hpp).
  std::optional<Bytes> raw_input;
  std::uint64_t raw_seed = 1;
};

struct PolicyUse {
  ObservationOptions axes = {};
  ChooserOptions chooser = {};
  Seconds look_every{1};  // whether the file was replaced
};

struct Answer {
  LiveTensors outputs;
  std::string plan;  // as it began
  // "" where it went as planned; otherwise why the device computed the rest: "unreachable", "deadline",
  // "down" (not tried), ... (docs/runtime.md)
  std::string reason;
  Seconds started;  // by the clock: when the device's first work on it began
  std::vector<StageReport> stages;
  Bytes sent, received;  // of tensors
};

class SplitNetwork {
 public:
  // The store must outlive it. Error(kUsage) for addresses that are none.
  SplitNetwork(SliceStore& store, SplitNetworkOptions options, Clock clock, Log log);
  SplitNetwork(const SplitNetwork&) = delete;
  SplitNetwork& operator=(const SplitNetwork&) = delete;
  ~SplitNetwork();

  // One of the two before the first request; again at any time. From the next request on: what the plans need
  // is loaded, and with a policy the paths are measured, before they return.
  // Errors are DeckBuilder's; what use_policy() cannot read is Error(kBadInput).
  void use_plan(const std::string& plan);
  void use_policy(const std::string& file, const PolicyUse& use);

  // Takes the file anew if its content is another, as happens by itself every `look_every`. Where it is no
  // good, the table in use stays, the log says why (once), and it is false.
  bool refresh_policy();

  // Asks every host that plans go to for what they need of it: InferenceError for the first that lacks
  // something.
  void check_hosts(Seconds within);

  // Blocks until the answer is here; any number of threads. The inputs' owners keep their memory for as long
  // as the transport needs it, which may be longer than this call. Error only for inputs that are wrong, or
  // when this device itself cannot compute.
  [[nodiscard]] Answer infer(const LiveTensors& inputs, const StopRequested& stop = {});

  [[nodiscard]] int switches() const;  // changes of plan so far

 private:
  void put_in_use(std::shared_ptr<const PlanDeck> deck);
  void watch_file();

  [[nodiscard]] std::shared_ptr<const PreparedPlan> choose();
  void log_choice(const PlanDeck& deck, std::optional<std::int32_t> before, const PolicyAnswer& answer,
                  std::int32_t chosen, const double* values, Seconds took) const;

  void compute_here(const LoadedSlice& slice, LiveTensors& tensors, Answer& answer);
  void compute_there(const PlanStep& step, LiveTensors& tensors, Answer& answer, const StopRequested& stop);
  [[nodiscard]] InferRequest request_for(const PlanStep& step, const LiveTensors& tensors) const;
  [[nodiscard]] bool admit(const PlanStep& step);
  void tell_route(const PlanStep& step, const InferenceError* error);

  SliceStore& store_;
  const SplitNetworkOptions options_;
  const Clock clock_;
  const Log log_;
  ComputePool pool_;
  std::map<std::string, std::unique_ptr<HostLink>> links_;
  DeckBuilder builder_;

  std::mutex refreshing_;  // of the file: one at a time
  std::string file_, file_hash_, complaint_;
  PolicyUse use_;

  mutable std::mutex mutex_;
  std::shared_ptr<const PlanDeck> deck_;
  PlanChooser chooser_{{}};
  std::optional<std::int32_t> in_use_;  // of the deck's plans, with a policy
  int switches_ = 0;
  std::map<std::string, Breaker> routes_;  // through more than one host: "edge:13-40,cloud:41-60"
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread watcher_;  // looks at the file
};

}  // namespace kerf
