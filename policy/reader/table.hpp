#pragma once
// What an open Policy holds: its own aligned copy of the file's payload, and beside it what a query touches,
// so that a query reads no FlatBuffers offsets. Internal to the reader.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "policy/reader/axis_search.hpp"
#include "policy/reader/file_header.hpp"
#include "policy/reader/margin_code.hpp"
#include "policy/reader/policy_reader.hpp"
#include "policy_generated.h"

namespace kerf {
namespace policy_file {

struct Free {
  void operator()(void* block) const noexcept { std::free(block); }
};
// malloc, not new: a C program links the reader without the C++ library.
using Block = std::unique_ptr<char, Free>;

// At a multiple of 64 bytes; empty when there is no memory.
[[nodiscard]] Block allocate(std::size_t size) noexcept;

struct alignas(64) QueryAxis {
  // Values whose bits, as a whole number, are among these are in range, and are their own order(). Others
  // take longer: -0 and those below, those out of range, all of a named axis and of one with crowded edges.
  std::uint64_t quick_lowest = 0;
  std::uint64_t quick_count = 0;
  AxisSearch search;        // numeric axes
  std::int64_t lowest = 0;  // in order(); of a named axis: 0 and the last label's index
  std::int64_t highest = 0;
  std::uint32_t stride = 1;  // cells from one step of this axis to the next
  bool numeric = true;
};

// Whether a payload that FlatBuffers' verifier accepted also means something: sizes agree, numbers are in
// range.
[[nodiscard]] bool is_consistent(const flat::Policy& policy) noexcept;

}  // namespace policy_file

struct Policy::Table {
  policy_file::Block payload;
  policy_file::Block edges;
  const flat::Policy* root = nullptr;
  const flat::Cell* narrow = nullptr;  // one of the two
  const flat::WideCell* wide = nullptr;
  const float* predictions = nullptr;
  std::size_t cells = 0;
  std::size_t axis_count = 0;
  std::int32_t no_plan = 0;
  std::int32_t fallback_plan = 0;
  std::array<policy_file::QueryAxis, policy_file::kMostAxes> axes;

  // -1 where no plan is feasible.
  [[nodiscard]] std::int32_t plan(std::size_t cell) const noexcept {
    const std::int32_t number = narrow != nullptr ? narrow[cell].plan() : wide[cell].plan();
    return number == no_plan ? -1 : number;
  }
  [[nodiscard]] float margin(std::size_t cell) const noexcept {
    const std::size_t code = narrow != nullptr ? narrow[cell].margin() : wide[cell].margin();
    return policy_file::kMargins[code];
  }

  [[nodiscard]] PolicyAnswer answer(std::size_t cell) const noexcept {
    const std::int32_t number = plan(cell);
    const auto place = static_cast<std::int64_t>(cell);
    if (number < 0) [[unlikely]]
      return fall_back(PolicyReason::kNoFeasiblePlan, -1, place);
    const float latency = flatbuffers::EndianScalar(predictions[cell]);
    return {number, latency, margin(cell), false, PolicyReason::kFromTable, -1, place};
  }
  // Of any values, one an axis: in range or not, names and crowded edges too.
  [[nodiscard, gnu::noinline]] PolicyAnswer answer_any(const double* values) const noexcept;

  // Out of line: the usual answer comes from the table.
  [[nodiscard, gnu::cold, gnu::noinline]] PolicyAnswer fall_back(PolicyReason reason, std::int64_t axis,
                                                                 std::int64_t cell) const noexcept;
  [[nodiscard, gnu::cold, gnu::noinline]] PolicyAnswer refuse(std::size_t axis, double value) const noexcept;
};

}  // namespace kerf
