#include "runtime/split/host_slice.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/error.hpp"

namespace kerf {
namespace {

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

HostSlice parse_one(std::string_view text, const std::string& where) {
  const std::size_t colon = text.rfind(':');
  const std::string_view host = trim(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (host.empty()) {
    throw Error(ErrorCode::kUsage, where, fmt::format("\"{}\" names no host", text), "HOST:FIRST-LAST",
                "as in camera:0-12,edge:13-40");
  }
  const BlockRange blocks = parse_block_range(trim(text.substr(colon + 1)), where);
  return {std::string(host), blocks.first, blocks.last};
}

}  // namespace

std::string to_text(const HostSlice& slice) {
  return fmt::format("{}:{}-{}", slice.host, slice.first_block, slice.last_block);
}

std::string to_text(std::span<const HostSlice> slices) {
  std::string text;
  for (const HostSlice& slice : slices) text += (text.empty() ? "" : ",") + to_text(slice);
  return text;
}

BlockRange parse_block_range(std::string_view text, const std::string& where) {
  const std::size_t dash = text.find('-');
  const std::optional<int> first = whole_number(text.substr(0, dash));
  const std::optional<int> last =
      dash == std::string_view::npos ? first : whole_number(text.substr(dash + 1));
  if (!first || !last || *last < *first) {
    throw Error(ErrorCode::kUsage, where, fmt::format("\"{}\"", text), "two block numbers, the lower first",
                "as in 0-12");
  }
  return {*first, *last};
}

std::vector<HostSlice> parse_host_slices(std::string_view text, int first_block, int last_block,
                                         const std::string& where) {
  std::vector<HostSlice> slices;
  int next = first_block;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    slices.push_back(parse_one(trim(rest.substr(0, comma)), where));
    const HostSlice& slice = slices.back();
    if (slice.first_block != next || slice.last_block > last_block) {
      throw Error(ErrorCode::kUsage, where,
                  fmt::format("\"{}\" has {} after block {}", text, to_text(slice), next - 1),
                  fmt::format("blocks {}-{}, each once and in order", first_block, last_block));
    }
    next = slice.last_block + 1;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (next != last_block + 1) {
    throw Error(ErrorCode::kUsage, where, fmt::format("\"{}\" ends with block {}", text, next - 1),
                fmt::format("block {}, the last", last_block));
  }
  return slices;
}

}  // namespace kerf
