#include "runtime/split/host_link.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "runtime/executor/echo_model.hpp"
#include "runtime/split/tensors.hpp"

namespace kerf {
namespace {

// Whether a failure says something of the host, and not of this one request or of a host beyond.
bool is_the_hosts(InferenceFailure failure) {
  return failure != InferenceFailure::kRefused && failure != InferenceFailure::kBeyond;
}

constexpr Seconds kMeasureWithin{10};
constexpr int kRounds = 3;     // of measuring, for a median that is right
constexpr Seconds kLook{0.1};  // between looks at whether a measurement is due

std::optional<Seconds> held_by_the_host(const InferReply& reply) {
  const auto found = reply.parameters.find(std::string(kHeldParameter));
  const auto* const held =
      found == reply.parameters.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return held == nullptr ? std::nullopt : std::optional(Seconds(static_cast<double>(*held) * 1e-9));
}

bool same(const std::vector<TensorSignature>& a, const std::vector<TensorSignature>& b) {
  const auto stands_in_b = [&](const TensorSignature& wanted) {
    return std::any_of(b.begin(), b.end(), [&](const TensorSignature& each) {
      return each.name == wanted.name && each.datatype == wanted.datatype && each.shape == wanted.shape;
    });
  };
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), stands_in_b);
}

std::string describe(const std::vector<TensorSignature>& signatures) {
  std::vector<std::string> texts;
  for (const TensorSignature& each : signatures) {
    texts.push_back(fmt::format("{} {} {}", each.name, each.datatype, to_text(each.shape)));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::string_view to_text(InferenceFailure failure) {
  switch (failure) {
    case InferenceFailure::kUnreachable:
      return "unreachable";
    case InferenceFailure::kDeadline:
      return "deadline";
    case InferenceFailure::kOverloaded:
      return "overloaded";
    case InferenceFailure::kNotServed:
      return "not served";
    case InferenceFailure::kRefused:
      return "refused";
    case InferenceFailure::kMalformed:
      return "malformed";
    case InferenceFailure::kCancelled:
      return "cancelled";
    case InferenceFailure::kBeyond:
      return "beyond";
    case InferenceFailure::kBroken:
      break;
  }
  return "broken";
}

HostLink::HostLink(std::string name, std::string address, HostLinkOptions options, Clock clock, Log log)
    : name_(std::move(name)),
      address_(std::move(address)),
      options_(std::move(options)),
      clock_(std::move(clock)),
      log_(std::move(log)),
      breaker_(options_.first_retry, options_.longest_retry),
      client_(std::make_shared<InferenceClient>(address_, options_.client)),
      watcher_([this] { watch(); }) {}

HostLink::~HostLink() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

void HostLink::expect(std::vector<ExpectedModel> models) {
  const std::lock_guard lock(mutex_);
  expected_ = std::move(models);
}

bool HostLink::is_up() const {
  const std::lock_guard lock(mutex_);
  return breaker_.is_up();
}

std::shared_ptr<InferenceClient> HostLink::client() const {
  const std::lock_guard lock(mutex_);
  return client_;
}

void HostLink::check(Seconds within) {
  const std::shared_ptr<InferenceClient> used = client();
  try {
    ask(*used, within);
  } catch (const InferenceError& error) {
    went_down(error, used);
    throw;
  }
}

void HostLink::ask(const InferenceClient& client, Seconds within) const {
  std::vector<ExpectedModel> expected;
  {
    const std::lock_guard lock(mutex_);
    expected = expected_;
  }
  if (!client.is_ready(within)) {
    throw InferenceError(InferenceFailure::kUnreachable, address_, "the server is not ready");
  }
  for (const ExpectedModel& wanted : expected) {
    const ModelDescription found = client.describe_model(wanted.name, within);
    const bool right_version =
        std::find(found.versions.begin(), found.versions.end(), wanted.version) != found.versions.end();
    if (!right_version && !options_.any_version) {
      throw InferenceError(
          InferenceFailure::kNotServed, address_,
          fmt::format("serves {} of version {}", wanted.name, fmt::join(found.versions, ", ")),
          fmt::format("version {}, the hash of the model here", wanted.version),
          "give both hosts the same model file and --shape");
    }
    if (!same(found.inputs, wanted.inputs) || !same(found.outputs, wanted.outputs)) {
      throw InferenceError(InferenceFailure::kNotServed, address_,
                           fmt::format("serves {} from {} to {}", wanted.name, describe(found.inputs),
                                       describe(found.outputs)),
                           fmt::format("from {} to {}", describe(wanted.inputs), describe(wanted.outputs)));
    }
  }
}

InferReply HostLink::infer(InferRequest request, const std::vector<TensorSignature>* gives, Seconds within,
                           const StopRequested& stop) {
  std::shared_ptr<InferenceClient> used;
  {
    const std::lock_guard lock(mutex_);
    if (!breaker_.is_up()) {
      throw InferenceError(InferenceFailure::kUnreachable, address_,
                           fmt::format("{} failed before and has not come back yet", name_));
    }
    used = client_;
  }
  if (!options_.workload.empty()) {
    request.parameters.insert_or_assign(std::string(kWorkloadParameter), options_.workload);
  }
  try {
    InferReply reply = exchange(*used, request, within, stop);
    const std::string fault = gives == nullptr ? "" : mismatch(reply.outputs, *gives, "output");
    if (!fault.empty()) throw InferenceError(InferenceFailure::kMalformed, address_, "the reply: " + fault);
    const std::lock_guard lock(mutex_);
    breaker_.worked();
    return reply;
  } catch (const InferenceError& error) {
    const bool we_stopped = stop && error.failure() == InferenceFailure::kCancelled && stop();
    if (is_the_hosts(error.failure()) && !we_stopped) went_down(error, used);
    throw;
  }
}

InferReply HostLink::exchange(const InferenceClient& client, const InferRequest& request, Seconds within,
                              const StopRequested& stop) {
  const PathMonitor::Passage passage = path_.enter(clock_());
  InferReply reply;
  try {
    reply = client.infer(request, within, stop);
  } catch (...) {
    path_.give_up(passage);
    throw;
  }
  path_.leave(passage, clock_(), held_by_the_host(reply), bytes_of(request.inputs), bytes_of(reply.outputs));
  remember_loads(reply);
  return reply;
}

void HostLink::remember_loads(const InferReply& reply) {
  constexpr std::size_t kMostHosts = 64;  // whatever a server says
  const HostLoads loads = parse_host_loads(text_parameter(reply.parameters, kLoadParameter));
  const std::lock_guard lock(mutex_);
  for (const auto& [host, load] : loads) {
    if (loads_.size() < kMostHosts || loads_.contains(host)) loads_.insert_or_assign(host, load);
  }
}

void HostLink::tell(Observations& observations) const {
  observations.paths.insert_or_assign(name_, path_.state());
  const std::lock_guard lock(mutex_);
  for (const auto& [host, load] : loads_) observations.loads.insert_or_assign(host, load);
}

void HostLink::keep_measuring() {
  for (int round = 0; round < kRounds && is_up(); ++round) measure(client());
  const std::lock_guard lock(mutex_);
  measuring_ = true;
  changed_.notify_all();
}

// Nothing there, so much there, so much back.
void HostLink::measure(const std::shared_ptr<InferenceClient>& used) {
  const Seconds begun = clock_();
  try {
    const auto send = [&](Bytes up, Bytes down) {
      InferRequest request = echo_request(noise_payload(static_cast<std::size_t>(up.value())), down);
      if (!options_.workload.empty()) {
        request.parameters.emplace(std::string(kWorkloadParameter), options_.workload);
      }
      static_cast<void>(exchange(*used, request, kMeasureWithin, {}));
    };
    send(Bytes(0), Bytes(0));
    const Bytes size = path_.probe_size();
    send(size, Bytes(0));
    send(Bytes(0), size);
  } catch (const InferenceError& error) {
    const bool has_no_echo = error.failure() == InferenceFailure::kNotServed;
    if (is_the_hosts(error.failure()) && !has_no_echo) went_down(error, used);
  } catch (const std::exception& fault) {  // no memory, say: another time
    log_(fmt::format("{} could not be measured: {}", name_, fault.what()));
  }
  path_.probed(begun, clock_());
}

// What failed on an old connection says nothing of the new one.
void HostLink::went_down(const InferenceError& error, const std::shared_ptr<InferenceClient>& used) {
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    news = breaker_.is_up() && used == client_;
    if (news) breaker_.fail(clock_());
  }
  if (!news) return;
  path_.forget();
  changed_.notify_all();
  log_(fmt::format("{} is down ({}): {}", name_, to_text(error.failure()), error.what()));
}

void HostLink::watch() {
  std::unique_lock lock(mutex_);
  const auto pause = [&](Seconds time) {
    changed_.wait_for(lock, std::chrono::duration<double>(time.value()), [this] { return ending_; });
  };
  while (!ending_) {
    if (breaker_.is_up() && !measuring_) {
      changed_.wait(lock, [this] { return ending_ || measuring_ || !breaker_.is_up(); });
    } else if (breaker_.is_up()) {
      if (path_.probe_is_due(clock_())) {
        lock.unlock();
        measure(client());
        lock.lock();
      } else {
        pause(kLook);
      }
    } else if (const Seconds left = breaker_.retry_at() - clock_(); left > Seconds(0)) {
      pause(std::min(left, options_.longest_retry));
    } else {
      lock.unlock();
      const bool well = probe();
      lock.lock();
      if (!well) breaker_.fail(clock_());
    }
  }
}

// Over a connection of its own: the old one may hang on a link that was cut, and TCP tries less and less
// often.
bool HostLink::probe() {
  try {
    auto fresh = std::make_shared<InferenceClient>(address_, options_.client);
    ask(*fresh, options_.probe_within);
    bool measuring = false;
    {
      const std::lock_guard lock(mutex_);
      measuring = measuring_;
    }
    // What the path can do now is known before anything is sent there again.
    for (int round = 0; measuring && round < kRounds; ++round) measure(fresh);
    {
      const std::lock_guard lock(mutex_);
      client_ = std::move(fresh);
      breaker_.seems_well();
    }
    log_(fmt::format("{} is back", name_));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace kerf
