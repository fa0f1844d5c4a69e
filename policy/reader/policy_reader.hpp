#pragma once
// The light side of a policy table: condition -> plan, looked up at run time on a device. Needs no other
// library, throws nothing, allocates only in open(). A Policy is immutable after open(): any number of
// threads may query it. Installed as <kerf/policy_reader.hpp> (C++17); <kerf/policy.h> is the same for C.
//
//   kerf::Policy policy;
//   if (policy.open(bytes, size) != kerf::PolicyStatus::kOk) ...  // checksum, structure, ranges
//   const double at[] = {2.5e6, 0.040, 0.3};  // one value an axis, in the axis's base unit
//   const kerf::PolicyAnswer answer = policy.query(at, 3);
//
// The table is a grid of cells over axes. A numeric axis has ascending points and, between each two, an edge;
// a value belongs to the cell whose edges enclose it (an edge belongs to the upper cell). The outermost
// points reach outwards as far as inwards: beyond that, for NaN, and in cells with no feasible plan the
// answer is the fallback plan and says why. An axis of one point was not varied and takes any finite value
// (none below zero where the point is not). A named axis (platform.file) is matched by the index of its
// label. Only comparisons decide, so the same cell is found on every machine. Format: docs/policy.md.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kerf {

enum class PolicyStatus : std::int32_t {
  kOk = 0,
  kTruncated = 1,     // shorter than its header says
  kNotAPolicy = 2,    // other magic
  kWrongVersion = 3,  // made by another version of the format
  kDamaged = 4,       // checksum differs, or bytes follow the end
  kMalformed = 5,     // checksum right, structure wrong
  kOutOfMemory = 6,
};
[[nodiscard]] const char* to_string(PolicyStatus status) noexcept;

enum class PolicyReason : std::int32_t {
  kFromTable = 0,
  kBelowRange = 1,  // of axis PolicyAnswer::axis
  kAboveRange = 2,
  kNotANumber = 3,
  kUnknownLabel = 4,
  kNoFeasiblePlan = 5,
  kWrongAxisCount = 6,
  kNotOpen = 7,
};
[[nodiscard]] const char* to_string(PolicyReason reason) noexcept;

struct PolicyAnswer {
  std::int32_t plan = -1;  // number of the plan; -1 only when not open
  float latency = 0;  // seconds predicted in that cell (of the objective's statistic); NaN for a fallback
  // How much more the runner-up costs, relative: 0.1 is 10 % more. Rounded down, by less than 1/16 of itself
  // or by less than 1/4096; at most 120; infinite where no other plan is feasible; NaN for a fallback.
  float margin = 0;
  bool fallback = false;
  PolicyReason reason = PolicyReason::kFromTable;
  std::int32_t axis = -1;  // the first axis whose value was refused
  std::int64_t cell = -1;  // row-major number of the cell, the last axis fastest; -1 where no cell was found
};

struct PolicyAxisInfo {
  std::string_view name;  // "goodput"
  std::string_view key;   // "network.uplink.bandwidth"
  std::string_view unit;  // base unit: "B/s", "s", ""
  bool numeric = true;
  bool logarithmic = false;
  std::size_t size = 0;  // points or labels
  double lowest = 0;     // numeric: the least and the greatest value that is answered from the table
  double highest = 0;
};

struct PolicyInfo {
  std::string_view scenario, model, model_hash, objective, made_by;
  std::size_t cells = 0;
  std::size_t plans = 0;
  std::int32_t fallback_plan = 0;
  std::size_t profile_hashes = 0;
  std::size_t platform_hashes = 0;
  // What the table's answer costs more than the best plan, relative, at conditions off the grid; 0
  // conditions: not measured.
  std::uint32_t regret_conditions = 0;
  double regret_mean = 0;
  double regret_worst = 0;
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

  // Text lives as long as the Policy and ends with a zero byte. What is asked beyond the end is empty, 0 or
  // -1.
  [[nodiscard]] PolicyInfo info() const noexcept;
  [[nodiscard]] std::size_t axes() const noexcept;
  [[nodiscard]] PolicyAxisInfo axis(std::size_t index) const noexcept;
  [[nodiscard]] double axis_point(std::size_t axis, std::size_t point) const noexcept;  // numeric axes
  [[nodiscard]] std::string_view axis_label(std::size_t axis,
                                            std::size_t point) const noexcept;  // as the sweep wrote it
  [[nodiscard]] std::size_t plans() const noexcept;
  [[nodiscard]] std::string_view plan_text(std::size_t plan) const noexcept;  // "camera:0-12,edge:13-40"
  [[nodiscard]] std::int32_t cell_plan(std::size_t cell) const noexcept;      // -1: nothing is feasible there
  [[nodiscard]] std::string_view profile_hash(std::size_t index) const noexcept;
  [[nodiscard]] std::string_view platform_hash(std::size_t index) const noexcept;

 private:
  struct Table;
  Table* table_ = nullptr;
};

}  // namespace kerf
