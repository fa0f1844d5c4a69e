#include "runtime/split/split_network.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <exception>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "runtime/split/raw_input.hpp"
#include "runtime/split/tensors.hpp"

namespace kerf {
namespace {

std::set<std::string> names_of(const std::map<std::string, std::string>& hosts) {
  std::set<std::string> names;
  for (const auto& [name, address] : hosts) names.insert(name);
  return names;
}

}  // namespace

SplitNetwork::SplitNetwork(SliceStore& store, SplitNetworkOptions options, Clock clock, Log log)
    : store_(store),
      options_(std::move(options)),
      clock_(std::move(clock)),
      log_(std::move(log)),
      pool_(options_.workers, clock_),
      builder_(store, options_.name, names_of(options_.hosts), options_.raw_input.has_value()) {
  for (const auto& [name, address] : options_.hosts) {
    links_.emplace(name, std::make_unique<HostLink>(name, address, options_.link, clock_, log_));
  }
}

SplitNetwork::~SplitNetwork() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

// ---- Which plans

void SplitNetwork::put_in_use(std::shared_ptr<const PlanDeck> deck) {
  for (const auto& [name, link] : links_) {
    const auto expected = deck->expected.find(name);
    link->expect(expected == deck->expected.end() ? std::vector<ExpectedModel>{} : expected->second);
  }
  const std::lock_guard lock(mutex_);
  deck_ = std::move(deck);
  chooser_ = PlanChooser(use_.chooser);
  in_use_.reset();
}

void SplitNetwork::use_plan(const std::string& plan) {
  put_in_use(builder_.of_plan(plan));
}

void SplitNetwork::use_policy(const std::string& file, const PolicyUse& use) {
  {
    const std::lock_guard lock(refreshing_);
    const std::string bytes = read_file(file);
    std::shared_ptr<const PlanDeck> deck = builder_.of_policy(file, bytes, use.axes);
    file_ = file;
    file_hash_ = hex(xxh64(bytes));
    use_ = use;
    put_in_use(std::move(deck));
  }
  for (const auto& [name, link] : links_) link->keep_measuring();
  if (!watcher_.joinable()) watcher_ = std::thread([this] { watch_file(); });
}

bool SplitNetwork::refresh_policy() {
  const std::lock_guard lock(refreshing_);
  try {
    const std::string bytes = read_file(file_);
    std::string hash = hex(xxh64(bytes));
    if (hash == file_hash_) return true;
    put_in_use(builder_.of_policy(file_, bytes, use_.axes));
    file_hash_ = std::move(hash);
    complaint_.clear();
    log_(fmt::format("{} was replaced: the new table is in use", file_));
    return true;
  } catch (const std::exception& error) {
    if (complaint_ != error.what()) log_(fmt::format("{}; the table in use stays", error.what()));
    complaint_ = error.what();
    return false;
  }
}

void SplitNetwork::watch_file() {
  const std::chrono::duration<double> pause(use_.look_every.value());
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, pause, [this] { return ending_; })) {
    lock.unlock();
    refresh_policy();
    lock.lock();
  }
}

void SplitNetwork::check_hosts(Seconds within) {
  for (const auto& [name, link] : links_) link->check(within);
}

// ---- Which plan for this request

std::shared_ptr<const PreparedPlan> SplitNetwork::choose() {
  std::shared_ptr<const PlanDeck> deck;
  {
    const std::lock_guard lock(mutex_);
    deck = deck_;
  }
  if (!deck->policy.is_open()) return deck->plans.front();

  constexpr std::size_t kMostAxes = 32;  // of any table
  std::array<double, kMostAxes> values{};
  Observations observations;
  for (const auto& [name, link] : links_) link->tell(observations);
  deck->axes->fill(observations, values.data());

  const Seconds begun = clock_();
  const PolicyAnswer answer = deck->policy.query(values.data(), deck->axes->size());
  std::unique_lock lock(mutex_);
  if (deck != deck_) return deck->plans[static_cast<std::size_t>(answer.plan)];  // replaced this very moment
  const std::int32_t chosen = chooser_.choose(answer, begun);
  const std::optional<std::int32_t> before = std::exchange(in_use_, chosen);
  const auto plan = deck->plans[static_cast<std::size_t>(chosen)];
  if (before == chosen) return plan;
  if (before) ++switches_;
  lock.unlock();
  log_choice(*deck, before, answer, chosen, values.data(), clock_() - begun);
  return plan;
}

void SplitNetwork::log_choice(const PlanDeck& deck, std::optional<std::int32_t> before,
                              const PolicyAnswer& answer, std::int32_t chosen, const double* values,
                              Seconds took) const {
  const auto text = [&](std::int32_t plan) { return deck.plans[static_cast<std::size_t>(plan)]->text; };
  const std::string why = answer.fallback ? fmt::format("the table's fallback: {}", to_string(answer.reason))
                                          : fmt::format("every other plan costs {:.3g} % more",
                                                        100 * static_cast<double>(answer.margin));
  log_(fmt::format("{}{} at {} ({}; switched in {})", before ? text(*before) + " -> " : "plan ", text(chosen),
                   deck.axes->describe(values), why, format(took)));
}

int SplitNetwork::switches() const {
  const std::lock_guard lock(mutex_);
  return switches_;
}

// ---- One request

Answer SplitNetwork::infer(const LiveTensors& inputs, const StopRequested& stop) {
  const std::shared_ptr<const PreparedPlan> plan = choose();
  Answer answer;
  answer.plan = plan->text;
  answer.started = clock_();
  LiveTensors tensors = inputs;
  for (const PlanStep& step : plan->steps) {
    if (step.is_here()) {
      compute_here(*step.here, tensors, answer);
      continue;
    }
    try {
      compute_there(step, tensors, answer, stop);
    } catch (const InferenceError& error) {
      if (stop && stop()) throw;
      answer.reason = to_text(error.failure());
    }
    if (answer.reason.empty()) continue;
    compute_here(*step.rest, tensors, answer);
    break;
  }
  answer.outputs = std::move(tensors);
  return answer;
}

void SplitNetwork::compute_here(const LoadedSlice& slice, LiveTensors& tensors, Answer& answer) {
  const BlockRange blocks = slice.blocks();
  StageReport report{{options_.name, blocks.first, blocks.last}, {}, {}};
  report.queued = pool_.run(options_.link.workload, [&] {
    const Seconds begun = clock_();
    if (answer.stages.empty() && answer.sent == Bytes(0)) answer.started = begun;
    tensors = slice.run(tensors);
    report.compute = clock_() - begun;
  });
  answer.stages.push_back(std::move(report));
}

InferRequest SplitNetwork::request_for(const PlanStep& step, const LiveTensors& tensors) const {
  const HostSlice& first = step.stages.front();
  InferRequest request;
  request.model = served_name(store_.graph(), {first.first_block, first.last_block});
  request.version = options_.link.any_version ? "" : store_.graph().hash;
  if (step.stages.size() > 1) {
    request.parameters.emplace(std::string(kNextParameter), to_text(std::span(step.stages).subspan(1)));
  }
  if (first.first_block == 0 && options_.raw_input) {
    request.model = raw_name(request.model);
    request.inputs = {raw_input(options_.raw_seed, *options_.raw_input)};
  } else {
    request.inputs = to_wire(tensors);
  }
  return request;
}

void SplitNetwork::compute_there(const PlanStep& step, LiveTensors& tensors, Answer& answer,
                                 const StopRequested& stop) {
  if (!admit(step)) {
    answer.reason = "down";
    return;
  }
  InferRequest request = request_for(step, tensors);
  answer.sent += bytes_of(request.inputs);
  try {
    InferReply reply =
        links_.at(step.stages.front().host)->infer(std::move(request), &step.gives, options_.deadline, stop);
    tell_route(step, nullptr);
    answer.received += bytes_of(reply.outputs);
    for (StageReport& report : parse_stage_reports(text_parameter(reply.parameters, kStagesParameter))) {
      answer.stages.push_back(std::move(report));
    }
    tensors = from_wire(std::move(reply.outputs));
  } catch (const InferenceError& error) {
    tell_route(step, &error);
    throw;
  }
}

bool SplitNetwork::admit(const PlanStep& step) {
  if (!links_.at(step.stages.front().host)->is_up()) return false;
  if (step.stages.size() == 1) return true;
  const std::lock_guard lock(mutex_);
  const auto route = routes_.find(to_text(step.stages));
  return route == routes_.end() || route->second.admit(clock_());
}

// A chain whose first host is well may be broken further on; only a request can tell.
void SplitNetwork::tell_route(const PlanStep& step, const InferenceError* error) {
  if (step.stages.size() == 1) return;
  const std::string route = to_text(step.stages);
  const std::lock_guard lock(mutex_);
  const auto known = routes_.find(route);
  if (error == nullptr) {
    if (known == routes_.end()) return;
    log_(fmt::format("{} works again", route));
    routes_.erase(known);
    return;
  }
  if (error->failure() != InferenceFailure::kBeyond) return;
  if (known == routes_.end()) log_(fmt::format("{} is broken: {}", route, error->what()));
  routes_.try_emplace(route, options_.link.first_retry, options_.link.longest_retry)
      .first->second.fail(clock_());
}

}  // namespace kerf
