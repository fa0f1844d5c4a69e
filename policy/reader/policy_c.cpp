// policy.h in terms of kerf::Policy. Every text a Policy hands out ends with a zero byte (FlatBuffers'
// verifier saw it).

#include <cstdlib>
#include <new>
#include <utility>

#include "policy/reader/policy.h"
#include "policy/reader/policy_reader.hpp"

struct kerf_policy {
  kerf::Policy policy;
};

namespace {

const char* text_or_null(std::string_view text) noexcept {
  return text.empty() ? nullptr : text.data();
}

static_assert(static_cast<int>(kerf::PolicyStatus::kOutOfMemory) == KERF_POLICY_OUT_OF_MEMORY);
static_assert(static_cast<int>(kerf::PolicyReason::kNotOpen) == KERF_POLICY_NOT_OPEN);

}  // namespace

kerf_policy* kerf_policy_open(const void* bytes, size_t size, kerf_policy_status* status) noexcept {
  kerf::Policy policy;
  kerf::PolicyStatus found = policy.open(bytes, size);
  void* memory = found == kerf::PolicyStatus::kOk ? std::malloc(sizeof(kerf_policy)) : nullptr;
  if (found == kerf::PolicyStatus::kOk && memory == nullptr) found = kerf::PolicyStatus::kOutOfMemory;
  if (status != nullptr) *status = static_cast<kerf_policy_status>(found);
  return memory == nullptr ? nullptr : new (memory) kerf_policy{std::move(policy)};
}

void kerf_policy_close(kerf_policy* policy) noexcept {
  if (policy == nullptr) return;
  policy->~kerf_policy();
  std::free(policy);
}

kerf_policy_answer kerf_policy_query(const kerf_policy* policy, const double* values, size_t count) noexcept {
  const kerf::PolicyAnswer answer =
      policy == nullptr ? kerf::Policy().query(values, count) : policy->policy.query(values, count);
  return {answer.plan,
          answer.latency,
          answer.margin,
          answer.fallback,
          static_cast<kerf_policy_reason>(answer.reason),
          answer.axis,
          answer.cell};
}

size_t kerf_policy_axes(const kerf_policy* policy) noexcept {
  return policy == nullptr ? 0 : policy->policy.axes();
}

kerf_policy_axis kerf_policy_axis_at(const kerf_policy* policy, size_t axis) noexcept {
  if (axis >= kerf_policy_axes(policy)) return {};
  const kerf::PolicyAxisInfo found = policy->policy.axis(axis);
  return {found.name.data(), found.key.data(), found.unit.data(), found.numeric,
          found.logarithmic, found.size,       found.lowest,      found.highest};
}

double kerf_policy_axis_point(const kerf_policy* policy, size_t axis, size_t point) noexcept {
  return policy == nullptr ? 0 : policy->policy.axis_point(axis, point);
}

const char* kerf_policy_axis_label(const kerf_policy* policy, size_t axis, size_t point) noexcept {
  return policy == nullptr ? nullptr : text_or_null(policy->policy.axis_label(axis, point));
}

size_t kerf_policy_plans(const kerf_policy* policy) noexcept {
  return policy == nullptr ? 0 : policy->policy.plans();
}

const char* kerf_policy_plan_text(const kerf_policy* policy, size_t plan) noexcept {
  return policy == nullptr ? nullptr : text_or_null(policy->policy.plan_text(plan));
}

int32_t kerf_policy_fallback_plan(const kerf_policy* policy) noexcept {
  return policy == nullptr ? -1 : policy->policy.info().fallback_plan;
}

const char* kerf_policy_model_hash(const kerf_policy* policy) noexcept {
  return policy == nullptr ? nullptr : policy->policy.info().model_hash.data();
}

const char* kerf_policy_status_text(kerf_policy_status status) noexcept {
  return kerf::to_string(static_cast<kerf::PolicyStatus>(status));
}

const char* kerf_policy_reason_text(kerf_policy_reason reason) noexcept {
  return kerf::to_string(static_cast<kerf::PolicyReason>(reason));
}
