#include "runtime/split/plan_deck.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "runtime/split/policy_plans.hpp"
#include "runtime/split/raw_input.hpp"
#include "runtime/split/tensors.hpp"

namespace kerf {

DeckBuilder::DeckBuilder(SliceStore& store, std::string name, std::set<std::string> hosts, bool raw)
    : store_(store), name_(std::move(name)), hosts_(std::move(hosts)), raw_(raw) {}

std::shared_ptr<const PlanDeck> DeckBuilder::of_plan(const std::string& text) {
  const auto deck = std::make_shared<PlanDeck>();
  add(*deck, parse_host_slices(text, 0, store_.last_block(), "plan"));
  return deck;
}

std::shared_ptr<const PlanDeck> DeckBuilder::of_policy(const std::string& file, const std::string& bytes,
                                                       const ObservationOptions& axes) {
  const auto deck = std::make_shared<PlanDeck>();
  const PolicyStatus status = deck->policy.open(bytes.data(), bytes.size());
  if (status != PolicyStatus::kOk) {
    throw Error(ErrorCode::kBadInput, file, to_string(status), "a table that kerf sweep wrote",
                "`kerf policy verify` says more");
  }
  const auto plans = plans_of(deck->policy, file, store_.graph(), store_.last_block());
  deck->axes.emplace(deck->policy, axes, hosts_, file);
  for (const auto& stages : plans) add(*deck, stages);
  return deck;
}

void DeckBuilder::add(PlanDeck& deck, const std::vector<HostSlice>& stages) {
  PreparedPlan plan{to_text(stages), {}};
  for (auto at = stages.begin(); at != stages.end();) {
    const bool here = at->host == name_;
    const auto end =
        here ? at + 1
             : std::find_if(at, stages.end(), [&](const HostSlice& stage) { return stage.host == name_; });
    plan.steps.push_back(step({at, end}, plan.text));
    at = end;
  }
  for (const PlanStep& each : plan.steps) {
    if (each.is_here()) continue;
    ExpectedModel model = expected_of(each);
    std::vector<ExpectedModel>& expected = deck.expected[each.stages.front().host];
    const bool known = std::any_of(expected.begin(), expected.end(),
                                   [&](const ExpectedModel& other) { return other.name == model.name; });
    if (!known) expected.push_back(std::move(model));
  }
  deck.plans.push_back(std::make_shared<const PreparedPlan>(std::move(plan)));
}

PlanStep DeckBuilder::step(std::vector<HostSlice> stages, const std::string& plan) {
  PlanStep step;
  const HostSlice& first = stages.front();
  if (first.host == name_) {
    step.here = store_.load({first.first_block, first.last_block});
  } else {
    if (!hosts_.contains(first.host)) {
      throw Error(ErrorCode::kUsage, plan,
                  fmt::format("no address of {}, where the plan goes from {}", first.host, name_),
                  hosts_.empty() ? "an address" : fmt::format("one of {}", fmt::join(hosts_, ", ")),
                  fmt::format("give --host {}=ADDRESS:PORT", first.host));
    }
    step.rest = store_.load({first.first_block, store_.last_block()});
  }
  step.gives = crossing_after(stages.back().last_block);
  step.stages = std::move(stages);
  return step;
}

std::vector<TensorSignature> DeckBuilder::crossing_after(int block) const {
  return signatures_of(store_.graph(), store_.chain().cuts[static_cast<std::size_t>(block) + 1].tensors);
}

// Of the step's first host; those beyond are that host's to ask.
ExpectedModel DeckBuilder::expected_of(const PlanStep& step) const {
  const HostSlice& first = step.stages.front();
  ExpectedModel model;
  model.name = served_name(store_.graph(), {first.first_block, first.last_block});
  model.version = store_.graph().hash;
  model.inputs = step.rest->takes();
  model.outputs = crossing_after(first.last_block);
  if (raw_ && first.first_block == 0) {
    model.name = raw_name(model.name);
    model.inputs = {raw_signature()};
  }
  return model;
}

}  // namespace kerf
