#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/profile_format.hpp"

namespace kerf {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLineWidth = 110;

// Bytes and multiply-adds are whole: written without a fraction.
Json whole_if_possible(double value) {
  if (value == std::floor(value) && std::abs(value) <= 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

Json seconds(const std::vector<Seconds>& values) {
  Json array = Json::array();
  for (const Seconds value : values) array.push_back(value.value());
  return array;
}

bool is_row_of_numbers(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
}

// Numbers stand on one line however many, and so does a small object or array; rows stand each on its own.
void print(const Json& value, std::size_t indent, std::string& text) {
  const bool has_rows = value.is_array() && !value.empty() && value.front().is_structured();
  const std::string line = value.dump();
  if (!value.is_structured() || is_row_of_numbers(value) ||
      (!has_rows && indent + line.size() <= kLineWidth)) {
    text += line;
    return;
  }
  const char* separator = value.is_object() ? "{\n" : "[\n";
  for (const auto& [key, item] : value.items()) {
    text += separator;
    text.append(indent + 1, ' ');
    if (value.is_object()) text += Json(key).dump() + ": ";
    print(item, indent + 1, text);
    separator = ",\n";
  }
  text += '\n';
  text.append(indent, ' ');
  text += value.is_object() ? '}' : ']';
}

Json validation_of(const std::optional<Validation>& validation) {
  if (!validation) return nullptr;
  return {{"slices", validation->slices},       {"median_error", validation->median_error},
          {"p90_error", validation->p90_error}, {"median_noise", validation->median_noise},
          {"p90_noise", validation->p90_noise}, {"voids", validation->voids}};
}

Json row_of(const ProfileRow& row) {
  Json measurements = Json::array();
  for (const SliceMeasurement& slice : row.measurements) {
    measurements.push_back(Json::array({slice.first_block, slice.last_block, slice.p20.value(),
                                        slice.low.value(), slice.high.value(), slice.samples,
                                        slice.load.value(), whole_if_possible(slice.memory.value())}));
  }
  return {{"batch", row.mode.batch},
          {"threads", row.mode.threads},
          {"sessions", row.mode.sessions},
          {"note", row.note},
          {"validation", validation_of(row.validation)},
          {"measurements", measurements},
          {"entry_s", seconds(row.entry)},
          {"exit_s", seconds(row.exit)},
          {"ratios", row.ratios}};
}

Json document(const Profile& profile) {
  Json cuts = Json::array();
  for (const ProfileCut& cut : profile.cuts) {
    cuts.push_back({{"tensors", cut.tensors}, {"bytes", whole_if_possible(cut.bytes.value())}});
  }
  Json blocks = Json::array();
  for (const ProfileBlock& block : profile.blocks) {
    blocks.push_back({{"name", block.name},
                      {"multiply_adds", whole_if_possible(block.multiply_adds)},
                      {"weights_bytes", whole_if_possible(block.weights.value())},
                      {"activations_bytes", whole_if_possible(block.activations.value())}});
  }
  Json rows = Json::array();
  for (const ProfileRow& row : profile.rows) rows.push_back(row_of(row));
  const Provenance& from = profile.provenance;
  return {{"schema", kProfileSchema},
          {"model", profile.model},
          {"model_hash", profile.model_hash},
          {"host", profile.host},
          {"input_shapes", Json(profile.input_shapes)},
          {"provenance",
           {{"tool", from.tool},
            {"version", from.version},
            {"measured", from.measured},
            {"machine", from.machine},
            {"system", from.system},
            {"runtime", from.runtime},
            {"provider", from.provider},
            {"note", from.note}}},
          {"cuts", cuts},
          {"blocks", blocks},
          {"measurement_columns", profile_format::kMeasurementColumns},
          {"rows", rows}};
}

}  // namespace

std::string to_json(const Profile& profile) {
  std::string text;
  try {
    print(document(profile), 0, text);
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::kUnsupported, "profile", "a name that is not UTF-8 text",
                "names that JSON can hold", "rename the model's tensors and nodes");
  }
  return text + '\n';
}

void write_profile(const Profile& profile, const std::filesystem::path& file) {
  const std::string text = to_json(profile);
  static_cast<void>(
      profile_from_json(text, file.string()));  // never leave a file that could not be read back
  write_file(file, text);
}

}  // namespace kerf
