#include "cli/check_model.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/error.hpp"
#include "calibrate/profile/profile.hpp"
#include "cli/load_model.hpp"

namespace kerf::cli {
namespace {

void say_unchecked(const std::string& model, std::string_view why) {
  fmt::print(stderr, "note: {} {}; whether the profiles are of it was not checked\n", model, why);
}

void check(const Scenario& scenario, const HostClass& host, const Profile& profile) {
  const bool is_file = !scenario.model.file.empty();
  const std::string model = is_file ? scenario.model.file.string() : scenario.model.zoo;
  std::error_code unreadable;
  if (is_file && !std::filesystem::exists(model, unreadable)) return say_unchecked(model, "is not here");
  std::string hash;
  try {
    hash = load_model(model, profile.input_shapes).hash;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return say_unchecked(model, "needs ONNX Runtime to be read");
  }
  if (hash == profile.model_hash) return;
  throw Error(ErrorCode::kBadInput, host.where,
              fmt::format("hosts.{}: {} was measured on a model with the hash {}, and {} has {}", host.name,
                          host.profile.string(), profile.model_hash, model, hash),
              "a profile of this very model",
              "the model was changed since, or is another: calibrate again, or name the right one");
}

}  // namespace

void check_model(const Scenario& scenario) {
  if (scenario.model.file.empty() && scenario.model.zoo.empty()) return;
  for (const HostClass& host : scenario.hosts) {
    std::error_code unreadable;
    if (!std::filesystem::exists(host.profile, unreadable)) return;  // that is an error of its own
    const Profile profile = read_profile(host.profile);
    if (!profile.model_hash.empty()) return check(scenario, host, profile);
  }
}

}  // namespace kerf::cli
