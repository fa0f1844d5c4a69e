#pragma once
// A plan, or what is left of one, by the names of its hosts: how plans travel with a request.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kerf {

// Blocks first_block..last_block run on `host`.
struct HostSlice {
  std::string host;
  int first_block = 0;
  int last_block = 0;
  bool operator==(const HostSlice&) const = default;
};

// "edge:13-40,cloud:41-60"
[[nodiscard]] std::string to_text(const HostSlice& slice);
[[nodiscard]] std::string to_text(std::span<const HostSlice> slices);

// The inverse: at least one, each beginning where the one before ended, the first with `first_block` and the
// last with `last_block`. Error(kUsage) at `where` for anything else.
[[nodiscard]] std::vector<HostSlice> parse_host_slices(std::string_view text, int first_block, int last_block,
                                                       const std::string& where);

// "13-40", "7" for "7-7". Error(kUsage) at `where`.
struct BlockRange {
  int first = 0;
  int last = 0;
  auto operator<=>(const BlockRange&) const = default;
};
[[nodiscard]] BlockRange parse_block_range(std::string_view text, const std::string& where);

}  // namespace kerf
