#include "testbed/delivery_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"

namespace kerf {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

}  // namespace

DeliveryTrace::DeliveryTrace(std::string_view text, const std::string& where) : hash_(hex(xxh64(text))) {
  std::size_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.empty()) continue;
    std::int64_t moment = 0;
    const auto [rest, failure] = std::from_chars(row.data(), row.data() + row.size(), moment);
    const std::int64_t least = at_.empty() ? 0 : at_.back();
    if (failure != std::errc() || rest != row.data() + row.size() || moment < least) {
      throw Error(ErrorCode::kBadInput, fmt::format("{}:{}", where, line), fmt::format("\"{}\"", row),
                  fmt::format("a whole number of milliseconds, at least {}", least),
                  "a trace of mahimahi has one such number a line, never falling");
    }
    at_.push_back(moment);
  }
  if (at_.empty() || at_.back() == 0) {
    throw Error(ErrorCode::kBadInput, where, "the trace has no length", "a line with a moment above 0");
  }
}

std::int64_t DeliveryTrace::nanoseconds(std::int64_t number) const {
  const auto count = static_cast<std::int64_t>(at_.size());
  const std::int64_t rounds = number / count;
  return (rounds * at_.back() + at_[static_cast<std::size_t>(number % count)]) * kMillisecond;
}

std::int64_t DeliveryTrace::first_at(std::int64_t moment_ns) const {
  const auto count = static_cast<std::int64_t>(at_.size());
  const std::int64_t milliseconds = (moment_ns + kMillisecond - 1) / kMillisecond;
  // Round r holds moments r * length + at_[0] to (r + 1) * length, its own end included: an end is looked for
  // in the round that it closes.
  const std::int64_t round = milliseconds > 0 ? (milliseconds - 1) / at_.back() : 0;
  const auto found = std::lower_bound(at_.begin(), at_.end(), milliseconds - round * at_.back());
  return round * count + (found - at_.begin());
}

DeliveryTrace read_trace(const std::filesystem::path& file) {
  return DeliveryTrace(read_file(file), file.string());
}

}  // namespace kerf
