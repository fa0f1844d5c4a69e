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
  Json measurements = Json::array();
  for (const SliceMeasurement& slice : profile.measurements) {
    measurements.push_back(Json::array({slice.first_block, slice.last_block, slice.p20.value(),
                                        slice.low.value(), slice.high.value(), slice.samples}));
  }
  const Provenance& from = profile.provenance;
  return {{"schema", kProfileSchema},
          {"model", profile.model},
          {"model_hash", profile.model_hash},
          {"host", profile.host},
          {"input_shapes", Json(profile.input_shapes)},
          {"batch", profile.batch},
          {"threads", profile.threads},
          {"sessions", profile.sessions},
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
          {"measurements", measurements},
          {"entry_s", seconds(profile.entry)},
          {"exit_s", seconds(profile.exit)},
          {"ratios", profile.ratios}};
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
