#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "calibrate/profile/json_text.hpp"
#include "calibrate/profile/profile.hpp"
#include "calibrate/profile/profile_format.hpp"

namespace kerf {
namespace {

using Json = nlohmann::ordered_json;

Json seconds(const std::vector<Seconds>& values) {
  Json array = Json::array();
  for (const Seconds value : values) array.push_back(value.value());
  return array;
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
          {"size_effect", row.size_effect},
          {"residual_weights", row.residual_weights},
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
  return json_text(document(profile), "profile", "rename the model's tensors and nodes");
}

void write_profile(const Profile& profile, const std::filesystem::path& file) {
  const std::string text = to_json(profile);
  static_cast<void>(
      profile_from_json(text, file.string()));  // never leave a file that could not be read back
  write_file(file, text);
}

}  // namespace kerf
