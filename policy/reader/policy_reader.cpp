#include "policy/reader/policy_reader.hpp"

#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/hash.hpp"
#include "policy/reader/table.hpp"

namespace kerf {
namespace {

using namespace policy_file;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

PolicyStatus check_header(const char* bytes, std::size_t size) noexcept {
  const std::size_t shared = size < kMagic.size() ? size : kMagic.size();
  if (shared > 0 && std::memcmp(bytes, kMagic.data(), shared) != 0) return PolicyStatus::kNotAPolicy;
  if (size < kHeaderSize) return PolicyStatus::kTruncated;
  const FileHeader header = parse_header(bytes);
  if (header.version != kVersion) return PolicyStatus::kWrongVersion;
  const std::uint64_t found = size - kHeaderSize;
  if (found < header.payload_size) return PolicyStatus::kTruncated;
  if (found > header.payload_size || header.reserved != 0) return PolicyStatus::kDamaged;
  if (xxh64({bytes + kHeaderSize, size - kHeaderSize}) != header.checksum) return PolicyStatus::kDamaged;
  return found < kMostBytes - kHeaderSize ? PolicyStatus::kOk : PolicyStatus::kMalformed;
}

bool is_flatbuffer(const char* payload, std::size_t size) noexcept {
  flatbuffers::Verifier::Options limits;
  limits.max_depth = 4;
  limits.max_tables = 1 + kMostAxes;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(payload), size, limits);
  return flat::VerifyPolicyBuffer(verifier);
}

std::string_view view(const flatbuffers::String* text) noexcept {
  return {text->c_str(), text->size()};
}

using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

std::string_view text_at(const Texts& texts, std::size_t index) noexcept {
  return index < texts.size() ? view(texts.Get(static_cast<flatbuffers::uoffset_t>(index)))
                              : std::string_view("");
}

std::size_t edge_count(const flat::Axis& axis) noexcept {
  return axis.numeric() ? axis.edges()->size() : 0;
}

void set_quick_range(QueryAxis& axis) noexcept {
  if (!axis.search.is_sparse() || axis.highest < 0) return;
  axis.quick_lowest = static_cast<std::uint64_t>(axis.lowest < 0 ? 0 : axis.lowest);
  axis.quick_count = static_cast<std::uint64_t>(axis.highest) - axis.quick_lowest + 1;
}

}  // namespace

namespace policy_file {

Block allocate(std::size_t size) noexcept {
  constexpr std::size_t kCacheLine = 64;
  const std::size_t whole = (size / kCacheLine + 1) * kCacheLine;
  return Block(static_cast<char*>(std::aligned_alloc(kCacheLine, whole)));
}

}  // namespace policy_file

PolicyAnswer Policy::Table::fall_back(PolicyReason reason, std::int64_t axis,
                                      std::int64_t cell) const noexcept {
  return {fallback_plan, kNaN, kNaN, true, reason, static_cast<std::int32_t>(axis), cell};
}

PolicyAnswer Policy::Table::answer_any(const double* values) const noexcept {
  std::size_t cell = 0;
  for (std::size_t i = 0; i < axis_count; ++i) {
    const QueryAxis& axis = axes[i];
    const std::int64_t place = order(values[i]);
    if (place < axis.lowest || place > axis.highest) return refuse(i, values[i]);
    if (axis.numeric) {
      cell += axis.search.cell(place);
    } else {
      const auto label = static_cast<std::uint32_t>(values[i]);
      if (static_cast<double>(label) != values[i]) return refuse(i, values[i]);
      cell += std::size_t{label} * axis.stride;
    }
  }
  return answer(cell);
}

PolicyAnswer Policy::Table::refuse(std::size_t axis, double value) const noexcept {
  PolicyReason reason = PolicyReason::kUnknownLabel;
  if (value != value) {
    reason = PolicyReason::kNotANumber;
  } else if (axes[axis].numeric) {
    reason = order(value) < axes[axis].lowest ? PolicyReason::kBelowRange : PolicyReason::kAboveRange;
  }
  return fall_back(reason, static_cast<std::int64_t>(axis), -1);
}

const char* to_string(PolicyStatus status) noexcept {
  switch (status) {
    case PolicyStatus::kOk:
      return "whole and sound";
    case PolicyStatus::kTruncated:
      return "truncated";
    case PolicyStatus::kNotAPolicy:
      return "not a policy table";
    case PolicyStatus::kWrongVersion:
      return "made by another version of the format";
    case PolicyStatus::kDamaged:
      return "damaged";
    case PolicyStatus::kMalformed:
      return "malformed";
    case PolicyStatus::kOutOfMemory:
      return "out of memory";
  }
  return "unknown";
}

const char* to_string(PolicyReason reason) noexcept {
  switch (reason) {
    case PolicyReason::kFromTable:
      return "from the table";
    case PolicyReason::kBelowRange:
      return "below the table's range";
    case PolicyReason::kAboveRange:
      return "above the table's range";
    case PolicyReason::kNotANumber:
      return "not a number";
    case PolicyReason::kUnknownLabel:
      return "unknown label";
    case PolicyReason::kNoFeasiblePlan:
      return "no plan is feasible here";
    case PolicyReason::kWrongAxisCount:
      return "wrong number of values";
    case PolicyReason::kNotOpen:
      return "no table is open";
  }
  return "unknown";
}

Policy::~Policy() {
  if (table_ == nullptr) return;
  table_->~Table();
  std::free(table_);
}

Policy::Policy(Policy&& other) noexcept : table_(std::exchange(other.table_, nullptr)) {}

Policy& Policy::operator=(Policy&& other) noexcept {
  Policy taken(std::move(other));
  std::swap(table_, taken.table_);
  return *this;
}

PolicyStatus Policy::open(const void* bytes, std::size_t size) noexcept {
  const char* file = static_cast<const char*>(bytes);
  if (const PolicyStatus status = check_header(file, size); status != PolicyStatus::kOk) return status;

  // FlatBuffers reads numbers in place, so they must lie where the machine can load them.
  const std::size_t payload_size = size - kHeaderSize;
  Block payload = allocate(payload_size);
  if (!payload) return PolicyStatus::kOutOfMemory;
  std::memcpy(payload.get(), file + kHeaderSize, payload_size);
  if (!is_flatbuffer(payload.get(), payload_size)) return PolicyStatus::kMalformed;
  const flat::Policy& root = *flat::GetPolicy(payload.get());
  if (!is_consistent(root)) return PolicyStatus::kMalformed;

  std::size_t edges_size = 0;
  for (const flat::Axis* axis : *root.axes()) edges_size += AxisSearch::storage_size(edge_count(*axis));
  Block edges = allocate(edges_size);
  Block memory = allocate(sizeof(Table));
  if (!edges || !memory) return PolicyStatus::kOutOfMemory;

  auto* table = new (memory.release()) Table;
  char* storage = edges.get();
  std::size_t stride = root.predictions()->size();
  for (const flat::Axis* axis : *root.axes()) {
    const std::size_t count = edge_count(*axis);
    QueryAxis& query_axis = table->axes[table->axis_count++];
    const std::size_t steps = axis->labels()->size();
    stride /= steps;
    query_axis.stride = static_cast<std::uint32_t>(stride);
    query_axis.numeric = axis->numeric();
    const double lowest = axis->numeric() ? axis->lowest() : 0;
    const double highest = axis->numeric() ? axis->highest() : static_cast<double>(steps - 1);
    query_axis.lowest = order(lowest);
    query_axis.highest = order(highest);
    if (axis->numeric()) {
      query_axis.search.build(axis->edges()->Data(), count, highest, query_axis.stride, storage);
      set_quick_range(query_axis);
    }
    storage += AxisSearch::storage_size(count);
  }
  if (root.cells() != nullptr) {
    table->narrow = reinterpret_cast<const flat::Cell*>(root.cells()->Data());
    table->no_plan = kNoPlanNarrow;
  } else {
    table->wide = reinterpret_cast<const flat::WideCell*>(root.wide_cells()->Data());
    table->no_plan = kNoPlanWide;
  }
  table->root = &root;
  table->predictions = root.predictions()->data();
  table->cells = root.predictions()->size();
  table->fallback_plan = root.fallback_plan();
  table->payload = std::move(payload);
  table->edges = std::move(edges);

  Policy opened;
  opened.table_ = table;
  *this = std::move(opened);
  return PolicyStatus::kOk;
}

PolicyAnswer Policy::query(const double* values, std::size_t count) const noexcept {
  if (table_ == nullptr) return {-1, kNaN, kNaN, true, PolicyReason::kNotOpen, -1, -1};
  const Table& table = *table_;
  if (count != table.axis_count) return table.fall_back(PolicyReason::kWrongAxisCount, -1, -1);

  std::size_t cell = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const QueryAxis& axis = table.axes[i];
    const auto bits = std::bit_cast<std::uint64_t>(values[i]);
    // One comparison for both ends, as a value below the lowest is a huge distance from it.
    if (bits - axis.quick_lowest >= axis.quick_count) [[unlikely]]
      return table.answer_any(values);
    cell += axis.search.cell_by_one(static_cast<std::int64_t>(bits));
  }
  return table.answer(cell);
}

PolicyInfo Policy::info() const noexcept {
  PolicyInfo info;
  if (table_ == nullptr) return info;
  const flat::Policy& root = *table_->root;
  info.scenario = view(root.scenario());
  info.model = view(root.model());
  info.model_hash = view(root.model_hash());
  info.objective = view(root.objective());
  info.made_by = view(root.made_by());
  info.cells = table_->cells;
  info.plans = root.plans()->size();
  info.fallback_plan = table_->fallback_plan;
  info.profile_hashes = root.profile_hashes()->size();
  info.platform_hashes = root.platform_hashes()->size();
  info.regret_conditions = root.regret_conditions();
  info.regret_mean = root.regret_mean();
  info.regret_worst = root.regret_worst();
  return info;
}

std::size_t Policy::axes() const noexcept {
  return table_ == nullptr ? 0 : table_->axis_count;
}

PolicyAxisInfo Policy::axis(std::size_t index) const noexcept {
  PolicyAxisInfo info;
  if (index >= axes()) return info;
  const flat::Axis& axis = *table_->root->axes()->Get(static_cast<flatbuffers::uoffset_t>(index));
  info.name = view(axis.name());
  info.key = view(axis.key());
  info.unit = view(axis.unit());
  info.numeric = axis.numeric();
  info.logarithmic = axis.logarithmic();
  info.size = axis.labels()->size();
  info.lowest = axis.lowest();
  info.highest = axis.highest();
  return info;
}

double Policy::axis_point(std::size_t axis, std::size_t point) const noexcept {
  if (axis >= axes()) return 0;
  const auto* points = table_->root->axes()->Get(static_cast<flatbuffers::uoffset_t>(axis))->points();
  if (points == nullptr || point >= points->size()) return 0;
  const auto* bytes = reinterpret_cast<const char*>(points->Data());
  return std::bit_cast<double>(load<std::uint64_t>(bytes + point * sizeof(double)));
}

std::string_view Policy::axis_label(std::size_t axis, std::size_t point) const noexcept {
  if (axis >= axes()) return "";
  return text_at(*table_->root->axes()->Get(static_cast<flatbuffers::uoffset_t>(axis))->labels(), point);
}

std::size_t Policy::plans() const noexcept {
  return table_ == nullptr ? 0 : table_->root->plans()->size();
}

std::string_view Policy::plan_text(std::size_t plan) const noexcept {
  return table_ == nullptr ? "" : text_at(*table_->root->plans(), plan);
}

std::int32_t Policy::cell_plan(std::size_t cell) const noexcept {
  return table_ == nullptr || cell >= table_->cells ? -1 : table_->plan(cell);
}

std::string_view Policy::profile_hash(std::size_t index) const noexcept {
  return table_ == nullptr ? "" : text_at(*table_->root->profile_hashes(), index);
}

std::string_view Policy::platform_hash(std::size_t index) const noexcept {
  return table_ == nullptr ? "" : text_at(*table_->root->platform_hashes(), index);
}

}  // namespace kerf
