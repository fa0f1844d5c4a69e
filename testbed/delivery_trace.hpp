#pragma once
// A bandwidth that follows a recorded trace, in mahimahi's format: one whole number a line, the millisecond
// at which the link could deliver one packet of up to 1,504 bytes; several equal lines are several packets.
// Over its end the trace begins anew (Netravali et al., "Mahimahi", USENIX ATC 2015, section 3.1). Immutable.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kerf {

class DeliveryTrace {
 public:
  // Error(kBadInput) with the line: no whole number, times that fall, no line at all, a trace that ends at 0.
  DeliveryTrace(std::string_view text, const std::string& where);

  // The moment of opportunity `number`, counting from 0 and going round.
  [[nodiscard]] std::int64_t nanoseconds(std::int64_t number) const;
  // The first opportunity at or after `moment`.
  [[nodiscard]] std::int64_t first_at(std::int64_t moment_ns) const;
  [[nodiscard]] const std::string& hash() const { return hash_; }  // of the text

 private:
  std::string hash_;
  std::vector<std::int64_t> at_;  // milliseconds, ascending
};

inline constexpr int kOpportunityBytes = 1504;

[[nodiscard]] DeliveryTrace read_trace(const std::filesystem::path& file);

}  // namespace kerf
