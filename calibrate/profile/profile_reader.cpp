#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "calibrate/profile/json_node.hpp"
#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/profile_format.hpp"

namespace kerf {
namespace {

using namespace profile_format;

constexpr int kMostInt = std::numeric_limits<int>::max();

void check_schema(const JsonNode& root, const std::string& where) {
  const int schema = root.at("schema").integer(0, kMostInt);
  if (schema == kProfileSchema) return;
  throw Error(ErrorCode::kBadInput, where, fmt::format("profile schema {}", schema),
              fmt::format("{}", kProfileSchema),
              schema < kProfileSchema
                  ? "an older Kerf wrote it: calibrate again with this one"
                  : "a newer Kerf wrote it: use that one, or calibrate again with this one");
}

std::string read_hash(const JsonNode& node) {
  std::string hash = node.text();
  const bool is_hash = hash.size() == 16 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hash.empty() && !is_hash)
    node.refuse_value("16 hexadecimal digits, or nothing for an imported profile");
  return hash;
}

std::map<std::string, std::vector<std::int64_t>> read_shapes(const JsonNode& node) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& [input, unused] : node.object().items()) {
    const JsonNode dimensions = node.at(input);
    auto& shape = shapes[input];
    for (std::size_t k = 0; k < dimensions.array_size(); ++k)
      shape.push_back(dimensions.at(k).integer(0, kMostInt));
  }
  return shapes;
}

Provenance read_provenance(const JsonNode& node) {
  node.check_keys({"tool", "version", "measured", "machine", "system", "runtime", "provider", "note"});
  return {.tool = node.at("tool").text(),
          .version = node.at("version").text(),
          .measured = node.at("measured").text(),
          .machine = node.at("machine").text(),
          .system = node.at("system").text(),
          .runtime = node.at("runtime").text(),
          .provider = node.at("provider").text(),
          .note = node.at("note").text()};
}

std::vector<ProfileBlock> read_blocks(const JsonNode& node) {
  const std::size_t count = node.array_size();
  if (count == 0 || count > kMostBlocks) node.refuse_value(fmt::format("1 to {} blocks", kMostBlocks));
  std::vector<ProfileBlock> blocks;
  std::set<std::string> names;
  for (std::size_t k = 0; k < count; ++k) {
    const JsonNode block = node.at(k);
    block.check_keys({"name", "multiply_adds", "weights_bytes", "activations_bytes"});
    blocks.push_back({.name = block.at("name").name(),
                      .multiply_adds = block.at("multiply_adds").number(0, kMostMultiplyAdds),
                      .weights = Bytes(block.at("weights_bytes").number(0, kMostBytes)),
                      .activations = Bytes(block.at("activations_bytes").number(0, kMostBytes))});
    if (!names.insert(blocks.back().name).second)
      block.at("name").refuse_value("a name that no other block has");
  }
  return blocks;
}

std::vector<ProfileCut> read_cuts(const JsonNode& node, std::size_t blocks) {
  if (node.array_size() != blocks + 1) {
    node.refuse(fmt::format("{} cuts", node.array_size()),
                fmt::format("{}: one more than blocks", blocks + 1));
  }
  std::vector<ProfileCut> cuts;
  for (std::size_t k = 0; k <= blocks; ++k) {
    const JsonNode cut = node.at(k);
    cut.check_keys({"tensors", "bytes"});
    ProfileCut& added = cuts.emplace_back();
    added.bytes = Bytes(cut.at("bytes").number(0, kMostBytes));
    const JsonNode tensors = cut.at("tensors");
    for (std::size_t t = 0; t < tensors.array_size(); ++t) added.tensors.push_back(tensors.at(t).name());
  }
  return cuts;
}

SliceMeasurement read_measurement(const JsonNode& row, int blocks) {
  if (row.array_size() != kMeasurementColumns.size()) {
    row.refuse_value(
        fmt::format("{} numbers, as measurement_columns names them", kMeasurementColumns.size()));
  }
  SliceMeasurement slice;
  slice.first_block = row.at(0).integer(0, blocks - 1);
  slice.last_block = row.at(1).integer(slice.first_block, blocks - 1);
  slice.p20 = Seconds(row.at(2).number(0, kMostSeconds));
  slice.low = Seconds(row.at(3).number(0, slice.p20.value()));
  slice.high = Seconds(row.at(4).number(slice.p20.value(), kMostSeconds));
  slice.samples = row.at(5).integer(1, kMostInt);
  slice.load = Seconds(row.at(6).number(0, kMostSeconds));
  slice.memory = Bytes(row.at(7).number(0, kMostBytes));
  return slice;
}

// In order, each once, and every block in at least one.
std::vector<SliceMeasurement> read_measurements(const JsonNode& node, int blocks) {
  std::vector<SliceMeasurement> slices;
  int covered = 0;  // blocks before this one lie in a slice read so far
  bool any_time = false;
  for (std::size_t k = 0; k < node.array_size(); ++k) {
    const JsonNode row = node.at(k);
    const SliceMeasurement slice = read_measurement(row, blocks);
    const std::string name = fmt::format("slice {}..{}", slice.first_block, slice.last_block);
    if (!slices.empty()) {
      const SliceMeasurement& before = slices.back();
      const auto order =
          std::pair(slice.first_block, slice.last_block) <=> std::pair(before.first_block, before.last_block);
      if (order == 0) row.refuse(name + " for the second time", "each slice once");
      if (order < 0) {
        row.refuse(fmt::format("{} after {}..{}", name, before.first_block, before.last_block),
                   "slices ordered by first block, then last block");
      }
    }
    if (slice.first_block > covered) break;
    covered = std::max(covered, slice.last_block + 1);
    any_time = any_time || slice.p20.value() > 0;
    slices.push_back(slice);
  }
  if (covered < blocks)
    node.refuse(fmt::format("block {} in no slice", covered), "every block in at least one slice");
  if (!any_time) node.refuse("no slice that takes any time", "times that were measured");
  return slices;
}

void check_columns(const JsonNode& node) {
  for (std::size_t k = 0; k < std::max(node.array_size(), kMeasurementColumns.size()); ++k) {
    if (k >= kMeasurementColumns.size() || node.at(k).text() != kMeasurementColumns[k]) {
      node.refuse("other columns", fmt::format("{}", fmt::join(kMeasurementColumns, ", ")));
    }
  }
}

std::vector<Seconds> read_seconds(const JsonNode& node, std::size_t blocks) {
  if (node.array_size() != blocks) {
    node.refuse(fmt::format("{} numbers", node.array_size()), fmt::format("{}: one a block", blocks));
  }
  std::vector<Seconds> seconds;
  for (std::size_t k = 0; k < blocks; ++k)
    seconds.emplace_back(node.at(k).number(-kMostSeconds, kMostSeconds));
  return seconds;
}

std::vector<double> read_ratios(const JsonNode& node) {
  if (node.array_size() == 0) node.refuse_value("at least one ratio");
  std::vector<double> ratios;
  for (std::size_t k = 0; k < node.array_size(); ++k) {
    const JsonNode item = node.at(k);
    const double ratio = item.number(0, kMostRatio);
    if (ratio <= 0) item.refuse_value("a ratio above 0");
    if (!ratios.empty() && ratio < ratios.back()) item.refuse_value("ratios that ascend");
    ratios.push_back(ratio);
  }
  return ratios;
}

std::optional<Validation> read_validation(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  node.check_keys({"slices", "median_error", "p90_error", "median_noise", "p90_noise", "voids"});
  return Validation{.slices = node.at("slices").integer(1, kMostInt),
                    .median_error = node.at("median_error").number(0, kMostRatio),
                    .p90_error = node.at("p90_error").number(0, kMostRatio),
                    .median_noise = node.at("median_noise").number(0, kMostRatio),
                    .p90_noise = node.at("p90_noise").number(0, kMostRatio),
                    .voids = node.at("voids").integer(0, kMostInt)};
}

std::array<double, 2> read_size_effect(const JsonNode& node) {
  std::array<double, 2> effect{};
  if (node.array_size() != effect.size()) {
    node.refuse(fmt::format("{} numbers", node.array_size()), "2: the size effect's linear and square part");
  }
  for (std::size_t k = 0; k < effect.size(); ++k) effect[k] = node.at(k).number(-kMostRatio, kMostRatio);
  return effect;
}

std::vector<double> read_residual_weights(const JsonNode& node, std::size_t measurements) {
  if (node.array_size() != 0 && node.array_size() != measurements) {
    node.refuse(fmt::format("{} numbers", node.array_size()),
                fmt::format("{}: one a measurement; or none", measurements));
  }
  std::vector<double> weights;
  for (std::size_t k = 0; k < node.array_size(); ++k) {
    weights.push_back(node.at(k).number(-kMostRatio, kMostRatio));
  }
  return weights;
}

ProfileRow read_row(const JsonNode& node, std::size_t blocks) {
  node.check_keys({"batch", "threads", "sessions", "note", "validation", "measurements", "entry_s", "exit_s",
                   "size_effect", "residual_weights", "ratios"});
  ProfileRow row;
  row.mode.batch = node.at("batch").integer(1, kMostInt);
  row.mode.threads = node.at("threads").integer(1, kMostInt);
  row.mode.sessions = node.at("sessions").integer(1, kMostInt);
  row.note = node.at("note").text();
  row.validation = read_validation(node.at("validation"));
  row.measurements = read_measurements(node.at("measurements"), static_cast<int>(blocks));
  row.entry = read_seconds(node.at("entry_s"), blocks);
  row.exit = read_seconds(node.at("exit_s"), blocks);
  row.size_effect = read_size_effect(node.at("size_effect"));
  row.residual_weights = read_residual_weights(node.at("residual_weights"), row.measurements.size());
  row.ratios = read_ratios(node.at("ratios"));
  return row;
}

std::string describe(const RunMode& mode) {
  return fmt::format("batch {}, threads {}, sessions {}", mode.batch, mode.threads, mode.sessions);
}

std::vector<ProfileRow> read_rows(const JsonNode& node, std::size_t blocks) {
  const std::size_t count = node.array_size();
  if (count == 0 || count > kMostRows) node.refuse_value(fmt::format("1 to {} rows", kMostRows));
  std::vector<ProfileRow> rows;
  for (std::size_t k = 0; k < count; ++k) {
    const JsonNode item = node.at(k);
    rows.push_back(read_row(item, blocks));
    if (k > 0 && rows[k].mode <= rows[k - 1].mode) {
      item.refuse(fmt::format("{} after {}", describe(rows[k].mode), describe(rows[k - 1].mode)),
                  "rows ordered by batch, threads and sessions, each once");
    }
  }
  return rows;
}

}  // namespace

Profile profile_from_json(const std::string& json, const std::string& where) {
  const JsonNode::Json document = JsonNode::parse(json, where);
  const JsonNode root(document, where);
  check_schema(root, where);
  root.check_keys({"schema", "model", "model_hash", "host", "input_shapes", "provenance", "cuts", "blocks",
                   "measurement_columns", "rows"});
  Profile profile;
  profile.host = root.at("host").name();
  profile.model = root.at("model").name();
  profile.model_hash = read_hash(root.at("model_hash"));
  profile.input_shapes = read_shapes(root.at("input_shapes"));
  profile.provenance = read_provenance(root.at("provenance"));
  profile.blocks = read_blocks(root.at("blocks"));
  profile.cuts = read_cuts(root.at("cuts"), profile.blocks.size());
  check_columns(root.at("measurement_columns"));
  profile.rows = read_rows(root.at("rows"), profile.blocks.size());
  return profile;
}

Profile read_profile(const std::filesystem::path& file) {
  return profile_from_json(read_file(file), file.string());
}

}  // namespace kerf
