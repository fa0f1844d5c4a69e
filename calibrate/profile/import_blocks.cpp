#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/profile/profile_format.hpp"
#include "calibrate/profile/slice_costs.hpp"

namespace kerf {
namespace {

using namespace profile_format;

constexpr std::string_view kHeader = "block,seconds,output_bytes";

// The text's lines, without their ends (LF or CRLF).
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // The next line, or nothing at the end.
  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return line;
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  std::string_view rest_;
  int number_ = 0;
};

[[noreturn]] void refuse(const std::string& where, std::string_view found, const std::string& expected,
                         const std::string& hint = {}) {
  const std::string quoted = fmt::format("\"{}{}\"", found.substr(0, 60), found.size() > 60 ? "..." : "");
  throw Error(ErrorCode::kBadInput, where, quoted, expected, hint);
}

// Takes the text up to the next comma; the last field ends with the line.
std::string_view take_field(std::string_view& line) {
  const std::size_t comma = std::min(line.find(','), line.size());
  const std::string_view field = line.substr(0, comma);
  line.remove_prefix(std::min(comma + 1, line.size()));
  return field;
}

double number_in(std::string_view field, double most, const std::string& where, std::string_view what) {
  const std::optional<double> value = parse_number(field);
  if (!value || !(*value >= 0 && *value <= most)) {
    refuse(where, field, fmt::format("{} from 0 to {}", what, format_exact(most)));
  }
  return *value;
}

void add_row(Profile& profile, std::string_view line, const std::string& where) {
  if (std::count(line.begin(), line.end(), ',') != 2) {
    refuse(where, line, fmt::format("three fields, {}", kHeader));
  }
  const int block = static_cast<int>(profile.blocks.size());
  if (block == kMostBlocks) {
    throw Error(ErrorCode::kLimit, where, "one block more", fmt::format("at most {} blocks", kMostBlocks),
                "join neighbouring blocks into one");
  }
  const std::string_view index = take_field(line);
  if (parse_number(index) != static_cast<double>(block)) {
    refuse(where, index, fmt::format("block {}: one row a block, in order from 0", block));
  }
  const Seconds seconds(
      number_in(take_field(line), kMostSeconds, where, "the block's time, a number of seconds"));
  const double bytes = number_in(line, kMostBytes, where, "what the block hands on, a number of bytes");
  profile.blocks.emplace_back().name = fmt::format("block{}", block);
  profile.cuts.push_back({.tensors = {}, .bytes = Bytes(bytes)});
  profile.rows.front().measurements.push_back(
      {block, block, seconds, seconds, seconds, 1, Seconds(0), Bytes(0)});
}

}  // namespace

Profile import_blocks_csv(const std::string& text, const std::string& where, const std::string& model,
                          const std::string& host, Bytes input_bytes) {
  Lines lines(text);
  const auto here = [&] { return fmt::format("{}:{}", where, std::max(lines.number(), 1)); };
  const std::string_view header = lines.next().value_or("");
  if (header != kHeader) refuse(here(), header, fmt::format("the header {}", kHeader));

  Profile profile;
  profile.model = model;
  profile.host = host;
  profile.cuts.push_back({.tensors = {}, .bytes = input_bytes});
  ProfileRow& row = profile.rows.emplace_back();
  double total = 0;
  while (const auto line = lines.next()) {
    add_row(profile, *line, here());
    const double before = total;
    total += row.measurements.back().p20.value();
    row.entry.emplace_back(0.0 - before);
    row.exit.emplace_back(total);
  }
  if (profile.blocks.empty()) refuse(here(), header, "at least one block below the header");
  if (total == 0) {
    throw Error(ErrorCode::kBadInput, where, "every block takes 0 seconds", "times that were measured");
  }
  row.ratios = {1};
  profile.provenance.tool = "kerf import-profile";
  profile.provenance.version = KERF_VERSION;
  profile.provenance.note = "blocks imported from " + where;
  return profile;
}

}  // namespace kerf
