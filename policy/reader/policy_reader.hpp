#pragma once
// The light side of a policy table: condition -> plan, looked up at run time on a device. Needs no other library, throws
// nothing, allocates only in open(). A Policy is immutable after open(): any number of threads may query it.
//
//   kerf::Policy policy;
//   if (policy.open(bytes, size) != kerf::PolicyStatus::kOk) ...        // verified: checksum, structure, ranges
//   const double at[] = {2.5e6, 0.040, 0.3};                            // one value an axis, in the axis's base unit
//   const kerf::PolicyAnswer answer = policy.query(at, 3);
//
// The table is a grid of cells over axes. A numeric axis has ascending points and, between each two, an edge; a value
// belongs to the cell whose edges enclose it (an edge belongs to the upper cell). Values outside the axis's outermost
// cells by more than the outermost half cell, NaN, and cells with no feasible plan are answered with the fallback plan.
// A named axis (platform.file) is matched by the index of its label. Only comparisons decide, so the same cell is found
// on every machine. Format: docs/policy.md.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kerf {

enum class PolicyStatus : std::int32_t {
  kOk = 0,
  kTruncated = 1,       // shorter than its header says
  kNotAPolicy = 2,      // other magic
  kWrongVersion = 3,    // made by another version of the format
  kDamaged = 4,         // checksum differs
  kMalformed = 5,       // checksum right, structure wrong
  kOutOfMemory = 6,
};
[[nodiscard]] const char* to_string(PolicyStatus status) noexcept;

enum class PolicyReason : std::int32_t {
  kFromTable = 0,
  kBelowRange = 1,     // of axis PolicyAnswer::axis
  kAboveRange = 2,
  kNotANumber = 3,
  kUnknownLabel = 4,
  kNoFeasiblePlan = 5,
  kWrongAxisCount = 6,
  kNotOpen = 7,
};
[[nodiscard]] const char* to_string(PolicyReason reason) noexcept;

struct PolicyAnswer {
  std::int32_t plan = -1;     // number of the plan; -1 only when not open
  float latency = 0;          // seconds predicted in that cell (of the objective's statistic); NaN for a fallback
  float margin = 0;           // how much more the runner-up costs, relative; at most 65.534; NaN for a fallback
  bool fallback = false;
  PolicyReason reason = PolicyReason::kFromTable;
  std::int32_t axis = -1;     // the axis that was out of range
};

struct PolicyAxisInfo {
  std::string_view name;  // "goodput"
  std::string_view key;   // "network.uplink.bandwidth"
  std::string_view unit;  // base unit: "B/s", "s", ""
  bool numeric = true;
  std::size_t size = 0;   // points or labels
};

struct PolicyInfo {
  std::string_view scenario, model, model_hash, objective, made_by;
  std::size_t cells = 0;
  std::size_t plans = 0;
  std::int32_t fallback_plan = 0;
};

class Policy {
 public:
  Policy() = default;
  ~Policy();
  Policy(Policy&& other) noexcept;
  Policy& operator=(Policy&& other) noexcept;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  // Copies `size` bytes and checks every one of them. On failure the policy stays as it was.
  [[nodiscard]] PolicyStatus open(const void* bytes, std::size_t size) noexcept;
  [[nodiscard]] bool is_open() const noexcept { return table_ != nullptr; }

  // values[i] is in axis i's base unit, or a label's index as a number for a named axis.
  [[nodiscard]] PolicyAnswer query(const double* values, std::size_t count) const noexcept;

  [[nodiscard]] PolicyInfo info() const noexcept;
  [[nodiscard]] std::size_t axes() const noexcept;
  [[nodiscard]] PolicyAxisInfo axis(std::size_t index) const noexcept;
  [[nodiscard]] double axis_point(std::size_t axis, std::size_t point) const noexcept;           // numeric axes
  [[nodiscard]] std::string_view axis_label(std::size_t axis, std::size_t point) const noexcept;  // as the sweep wrote it
  [[nodiscard]] std::size_t plans() const noexcept;
  [[nodiscard]] std::string_view plan_text(std::size_t plan) const noexcept;  // "camera:0-12,edge:13-40"

 private:
  struct Table;
  Table* table_ = nullptr;
};

}  // namespace kerf
