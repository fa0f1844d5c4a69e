#include <cmath>
#include <cstring>

#include "policy/reader/table.hpp"

namespace kerf::policy_file {
namespace {

// The verifier checks that a vector of doubles lies inside the buffer, not that it is aligned.
double double_at(const flatbuffers::Vector<double>& values, std::size_t index) noexcept {
  const auto* bytes = reinterpret_cast<const char*>(values.Data());
  return std::bit_cast<double>(load<std::uint64_t>(bytes + index * sizeof(double)));
}

std::size_t size_of(const flatbuffers::Vector<double>* values) noexcept {
  return values == nullptr ? 0 : values->size();
}

bool no_empty_text(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>& texts) noexcept {
  for (const flatbuffers::String* text : texts) {
    if (text->size() == 0) return false;
  }
  return true;
}

// lowest <= p0 < e0 <= p1 < e1 <= ... <= pn <= highest, all finite.
bool is_ascending(const flat::Axis& axis) noexcept {
  const std::size_t points = axis.labels()->size();
  if (size_of(axis.points()) != points || size_of(axis.edges()) != points - 1) return false;
  if (!std::isfinite(axis.lowest()) || !std::isfinite(axis.highest())) return false;
  double before = axis.lowest();
  for (std::size_t i = 0; i < points; ++i) {
    const double point = double_at(*axis.points(), i);
    if (!std::isfinite(point) || !(before <= point)) return false;
    if (i + 1 == points) return point <= axis.highest();
    const double edge = double_at(*axis.edges(), i);
    if (!std::isfinite(edge) || !(point < edge)) return false;
    before = edge;
  }
  return false;
}

bool is_sound(const flat::Axis& axis) noexcept {
  if (axis.name()->size() == 0 || axis.key()->size() == 0 || axis.labels()->size() == 0) return false;
  if (!no_empty_text(*axis.labels())) return false;
  if (axis.numeric()) return is_ascending(axis);
  return size_of(axis.points()) == 0 && size_of(axis.edges()) == 0 && !axis.logarithmic();
}

bool have_distinct_names(const flatbuffers::Vector<flatbuffers::Offset<flat::Axis>>& axes) noexcept {
  for (flatbuffers::uoffset_t i = 0; i < axes.size(); ++i) {
    for (flatbuffers::uoffset_t j = 0; j < i; ++j) {
      const flatbuffers::String& a = *axes.Get(i)->name();
      const flatbuffers::String& b = *axes.Get(j)->name();
      if (a.size() == b.size() && std::memcmp(a.c_str(), b.c_str(), a.size()) == 0) return false;
    }
  }
  return true;
}

// A grid of as many cells as the axes span, one prediction for each.
bool is_grid(const flat::Policy& policy) noexcept {
  const std::uint64_t cells = policy.predictions()->size();
  std::uint64_t product = 1;
  for (const flat::Axis* axis : *policy.axes()) {
    product *= axis->labels()->size();  // both below 2^31
    if (product > cells) return false;
  }
  const bool narrow = policy.cells() != nullptr;
  if (narrow == (policy.wide_cells() != nullptr)) return false;
  const std::uint64_t numbers = narrow ? policy.cells()->size() : policy.wide_cells()->size();
  return product == cells && numbers == cells;
}

// -1 or 0: to judge without branches.
constexpr std::int32_t mask(bool is) noexcept {
  return -static_cast<std::int32_t>(is);
}

// A cell as one word, the plan in its lower half and the margin's code in its upper one, and its prediction's
// bits: 0 where they agree. The bits of a float that is not negative ascend with it.
template <class Word>
std::int32_t fault(Word cell, std::uint32_t prediction, std::int32_t plans) noexcept {
  constexpr int kHalf = 4 * sizeof(Word);
  constexpr std::int32_t kNoPlan = (1 << kHalf) - 1;
  constexpr std::int32_t kInfinity = 0x7f800000;
  const auto plan = static_cast<std::int32_t>(cell & kNoPlan);
  const auto margin = static_cast<std::int32_t>(cell >> kHalf);
  const auto size = static_cast<std::int32_t>(prediction & 0x7fffffff);
  const std::int32_t negative = mask(static_cast<std::int32_t>(prediction) < 0) & size;  // -0 is none
  const std::int32_t none = mask(plan == kNoPlan);
  const std::int32_t of_none = margin | size;
  const std::int32_t of_plan = mask(plan >= plans) | mask(margin > 255) | mask(size >= kInfinity) | negative;
  return (none & of_none) | (~none & of_plan);
}

// A table has many cells: block by block, which compilers turn into vector instructions.
template <class Word>
bool are_cells_sound(const std::uint8_t* cells, const flat::Policy& policy) noexcept {
  constexpr std::size_t kBlock = 64;
  const auto plans = static_cast<std::int32_t>(policy.plans()->size());
  const auto* words = reinterpret_cast<const char*>(cells);
  const auto* predictions = reinterpret_cast<const char*>(policy.predictions()->Data());
  const std::size_t count = policy.predictions()->size();
  const auto fault_of = [=](std::size_t cell) {
    return fault(load<Word>(words + cell * sizeof(Word)),
                 load<std::uint32_t>(predictions + cell * sizeof(float)), plans);
  };
  std::size_t done = 0;
  for (; done + kBlock <= count; done += kBlock) {
    std::int32_t faults = 0;
    for (std::size_t i = 0; i < kBlock; ++i) faults |= fault_of(done + i);
    if (faults != 0) return false;
  }
  for (; done < count; ++done) {
    if (fault_of(done) != 0) return false;
  }
  return true;
}

bool is_regret_sound(const flat::Policy& policy) noexcept {
  const double mean = policy.regret_mean();
  const double worst = policy.regret_worst();
  if (policy.regret_conditions() == 0) return mean == 0 && worst == 0;
  return std::isfinite(mean) && std::isfinite(worst) && mean <= worst;
}

}  // namespace

bool is_consistent(const flat::Policy& policy) noexcept {
  if (policy.axes()->size() > kMostAxes) return false;
  const std::size_t plans = policy.plans()->size();
  if (plans == 0 || plans > kMostPlans || policy.fallback_plan() >= plans) return false;
  if (policy.cells() != nullptr && plans > kMostNarrowPlans) return false;
  if (!no_empty_text(*policy.plans()) || !no_empty_text(*policy.profile_hashes()) ||
      !no_empty_text(*policy.platform_hashes())) {
    return false;
  }
  if (!is_grid(policy)) return false;
  for (const flat::Axis* axis : *policy.axes()) {
    if (!is_sound(*axis)) return false;
  }
  if (!have_distinct_names(*policy.axes()) || !is_regret_sound(policy)) return false;
  return policy.cells() != nullptr ? are_cells_sound<std::uint16_t>(policy.cells()->Data(), policy)
                                   : are_cells_sound<std::uint32_t>(policy.wide_cells()->Data(), policy);
}

}  // namespace kerf::policy_file
