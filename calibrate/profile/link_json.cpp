#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "calibrate/profile/json_node.hpp"
#include "calibrate/profile/json_text.hpp"
#include "calibrate/profile/link_costs.hpp"
#include "calibrate/profile/profile_format.hpp"

namespace kerf {
namespace {

using Json = nlohmann::ordered_json;
using profile_format::kMostBytes;
using profile_format::kMostSeconds;

constexpr std::array<std::string_view, 6> kLadderColumns = {"up_bytes", "down_bytes", "median_s",
                                                            "low_s",    "high_s",     "samples"};
constexpr int kMostInt = std::numeric_limits<int>::max();
constexpr double kMostBytesPerSecond = 1e15;
constexpr double kMostError = 1e6;
constexpr std::size_t kFewestPoints = 3;

// ---- Writing

Json direction(const LinkDirection& way) {
  return {{"delay_s", way.delay.value()},
          {"overhead_s", way.overhead.value()},
          {"goodput_bytes_per_s", way.goodput.value()}};
}

Json document(const LinkCosts& costs) {
  Json ladder = Json::array();
  for (const LadderPoint& point : costs.ladder) {
    ladder.push_back(
        Json::array({whole_if_possible(point.up.value()), whole_if_possible(point.down.value()),
                     point.median.value(), point.low.value(), point.high.value(), point.samples}));
  }
  const LinkProvenance& from = costs.provenance;
  return {{"link_schema", kLinkSchema},
          {"link", costs.link},
          {"provenance",
           {{"tool", from.tool},
            {"version", from.version},
            {"measured", from.measured},
            {"machine", from.machine},
            {"system", from.system},
            {"transport", from.transport},
            {"peer", from.peer},
            {"note", from.note}}},
          {"round_trip_s", costs.round_trip.value()},
          {"up", direction(costs.up)},
          {"down", direction(costs.down)},
          {"nominal_up_bytes_per_s", whole_if_possible(costs.nominal_up.value())},
          {"nominal_down_bytes_per_s", whole_if_possible(costs.nominal_down.value())},
          {"median_error", costs.median_error},
          {"worst_error", costs.worst_error},
          {"ladder_columns", kLadderColumns},
          {"ladder", ladder}};
}

// ---- Reading

void check_schema(const JsonNode& root, const std::string& where) {
  const int schema = root.at("link_schema").integer(0, kMostInt);
  if (schema == kLinkSchema) return;
  throw Error(ErrorCode::kBadInput, where, fmt::format("link schema {}", schema),
              fmt::format("{}", kLinkSchema),
              fmt::format("{} Kerf wrote it: measure the link again with this one",
                          schema < kLinkSchema ? "an older" : "a newer"));
}

LinkProvenance read_provenance(const JsonNode& node) {
  node.check_keys({"tool", "version", "measured", "machine", "system", "transport", "peer", "note"});
  return {.tool = node.at("tool").text(),
          .version = node.at("version").text(),
          .measured = node.at("measured").text(),
          .machine = node.at("machine").text(),
          .system = node.at("system").text(),
          .transport = node.at("transport").text(),
          .peer = node.at("peer").text(),
          .note = node.at("note").text()};
}

LinkDirection read_direction(const JsonNode& node) {
  node.check_keys({"delay_s", "overhead_s", "goodput_bytes_per_s"});
  LinkDirection way;
  way.delay = Seconds(node.at("delay_s").number(0, kMostSeconds));
  way.overhead = Seconds(node.at("overhead_s").number(0, kMostSeconds));
  const JsonNode goodput = node.at("goodput_bytes_per_s");
  way.goodput = BytesPerSecond(goodput.number(0, kMostBytesPerSecond));
  if (way.goodput <= BytesPerSecond(0)) goodput.refuse_value("a rate above 0");
  return way;
}

void check_columns(const JsonNode& node) {
  for (std::size_t k = 0; k < std::max(node.array_size(), kLadderColumns.size()); ++k) {
    if (k < kLadderColumns.size() && node.at(k).text() == kLadderColumns[k]) continue;
    node.refuse("other columns", fmt::format("{}", fmt::join(kLadderColumns, ", ")));
  }
}

LadderPoint read_point(const JsonNode& row) {
  if (row.array_size() != kLadderColumns.size()) {
    row.refuse_value(fmt::format("{} numbers, as ladder_columns names them", kLadderColumns.size()));
  }
  LadderPoint point;
  point.up = Bytes(row.at(0).number(0, kMostBytes));
  point.down = Bytes(row.at(1).number(0, kMostBytes));
  const JsonNode median = row.at(2);
  point.median = Seconds(median.number(0, kMostSeconds));
  if (point.median <= Seconds(0)) median.refuse_value("a time above 0");
  point.low = Seconds(row.at(3).number(0, point.median.value()));
  point.high = Seconds(row.at(4).number(point.median.value(), kMostSeconds));
  point.samples = row.at(5).integer(1, kMostInt);
  return point;
}

std::vector<LadderPoint> read_ladder(const JsonNode& node) {
  if (node.array_size() < kFewestPoints) node.refuse_value(fmt::format("at least {} points", kFewestPoints));
  std::vector<LadderPoint> ladder;
  for (std::size_t k = 0; k < node.array_size(); ++k) {
    const JsonNode row = node.at(k);
    const LadderPoint point = read_point(row);
    if (!ladder.empty() &&
        std::pair(point.up, point.down) <= std::pair(ladder.back().up, ladder.back().down)) {
      row.refuse(fmt::format("{:.0f} bytes up and {:.0f} down after {:.0f} and {:.0f}", point.up.value(),
                             point.down.value(), ladder.back().up.value(), ladder.back().down.value()),
                 "points ordered by bytes up, then bytes down, each once");
    }
    ladder.push_back(point);
  }
  return ladder;
}

}  // namespace

std::string to_json(const LinkCosts& costs) {
  return json_text(document(costs), "link", "name the link in plain text");
}

LinkCosts link_costs_from_json(const std::string& json, const std::string& where) {
  const JsonNode::Json parsed = JsonNode::parse(json, where);
  const JsonNode root(parsed, where);
  check_schema(root, where);
  root.check_keys({"link_schema", "link", "provenance", "round_trip_s", "up", "down",
                   "nominal_up_bytes_per_s", "nominal_down_bytes_per_s", "median_error", "worst_error",
                   "ladder_columns", "ladder"});
  LinkCosts costs;
  costs.link = root.at("link").name();
  costs.provenance = read_provenance(root.at("provenance"));
  costs.round_trip = Seconds(root.at("round_trip_s").number(0, kMostSeconds));
  costs.up = read_direction(root.at("up"));
  costs.down = read_direction(root.at("down"));
  costs.nominal_up = BytesPerSecond(root.at("nominal_up_bytes_per_s").number(0, kMostBytesPerSecond));
  costs.nominal_down = BytesPerSecond(root.at("nominal_down_bytes_per_s").number(0, kMostBytesPerSecond));
  costs.median_error = root.at("median_error").number(0, kMostError);
  costs.worst_error = root.at("worst_error").number(costs.median_error, kMostError);
  check_columns(root.at("ladder_columns"));
  costs.ladder = read_ladder(root.at("ladder"));
  return costs;
}

LinkCosts read_link_costs(const std::filesystem::path& file) {
  return link_costs_from_json(read_file(file), file.string());
}

void write_link_costs(const LinkCosts& costs, const std::filesystem::path& file) {
  const std::string text = to_json(costs);
  static_cast<void>(
      link_costs_from_json(text, file.string()));  // never leave a file that could not be read back
  write_file(file, text);
}

}  // namespace kerf
