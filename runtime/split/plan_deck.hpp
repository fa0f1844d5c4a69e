#pragma once
// The plans that a device may be told to follow, each with every slice loaded that it needs here, and the
// table that chooses among them. Immutable once built: requests under way keep the deck that they began with.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/reader/policy_reader.hpp"
#include "runtime/split/host_link.hpp"
#include "runtime/split/host_slice.hpp"
#include "runtime/split/observed_axes.hpp"
#include "runtime/split/slice_store.hpp"

namespace kerf {

// A part of a plan without a change between this device and others.
struct PlanStep {
  std::vector<HostSlice> stages;            // here: one; elsewhere: all up to where the plan comes back
  std::shared_ptr<const LoadedSlice> here;  // of a step on this device
  std::shared_ptr<const LoadedSlice>
      rest;                            // of one elsewhere: from its first block to the end, to finish here
  std::vector<TensorSignature> gives;  // what crosses the cut after it
  [[nodiscard]] bool is_here() const { return here != nullptr; }
};

struct PreparedPlan {
  std::string text;
  std::vector<PlanStep> steps;
};

struct PlanDeck {
  std::vector<std::shared_ptr<const PreparedPlan>> plans;
  std::map<std::string, std::vector<ExpectedModel>> expected;  // what other hosts have to serve
  Policy policy;                     // not open where there is one plan and no table
  std::optional<ObservedAxes> axes;  // of the policy
};

class DeckBuilder {
 public:
  // The device's name; the hosts that it has addresses of; whether raw inputs are sent (raw_input.hpp).
  DeckBuilder(SliceStore& store, std::string name, std::set<std::string> hosts, bool raw);

  // Error(kUsage) for a plan that is none, or goes from here to a host without an address.
  [[nodiscard]] std::shared_ptr<const PlanDeck> of_plan(const std::string& text);
  // `bytes` are the file's. Error(kBadInput) where they are no table, or one of another model; Error(kUsage)
  // for axes that cannot be observed and hosts without an address.
  [[nodiscard]] std::shared_ptr<const PlanDeck> of_policy(const std::string& file, const std::string& bytes,
                                                          const ObservationOptions& axes);

 private:
  void add(PlanDeck& deck, const std::vector<HostSlice>& stages);
  [[nodiscard]] PlanStep step(std::vector<HostSlice> stages, const std::string& plan);
  [[nodiscard]] ExpectedModel expected_of(const PlanStep& step) const;
  [[nodiscard]] std::vector<TensorSignature> crossing_after(int block) const;

  SliceStore& store_;
  const std::string name_;
  const std::set<std::string> hosts_;
  const bool raw_;
};

}  // namespace kerf
