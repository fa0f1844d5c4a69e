#pragma once
// What calibration measured of one model on one kind of host: the chain's cuts and blocks, the time of every
// slice that was run, and the model  time(i..j) = f(i) + g(j)  fitted to them. Stored as JSON
// (docs/profiles.md). A profile is plain data; slice_costs.hpp turns it into the time of any slice.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

inline constexpr int kProfileSchema = 1;

struct ProfileCut {
  std::vector<std::string> tensors;
  Bytes bytes;
};

struct ProfileBlock {
  std::string name;
  double multiply_adds = 0;
  Bytes weights;
  Bytes activations;
};

// The 20th percentile of a slice's run times, which noisy neighbours hardly move, with the 95 % confidence
// interval of that percentile (distribution-free, from order statistics).
struct SliceMeasurement {
  int first_block = 0;
  int last_block = 0;
  Seconds p20;
  Seconds low;
  Seconds high;
  int samples = 0;
};

struct Provenance {
  std::string tool;      // "kerf calibrate" or "kerf import-profile"
  std::string version;   // of Kerf
  std::string measured;  // UTC, "2026-11-22T10:00:00Z"; empty where unknown
  std::string machine;   // processor and cores, as the system names them
  std::string system;    // operating system and kernel
  std::string runtime;   // "onnxruntime 1.30.0"
  std::string provider;  // "CPU"
  std::string note;      // budget asked and reached, or the file imported
};

struct Profile {
  std::string host;  // the name given with --as
  std::string model;
  std::string model_hash;  // "" for imported profiles: then only the name and the cuts' bytes must agree
  std::map<std::string, std::vector<std::int64_t>> input_shapes;
  int batch = 1;
  int threads = 1;
  int sessions = 1;                            // concurrent sessions while measured
  std::vector<ProfileCut> cuts;                // blocks.size() + 1
  std::vector<ProfileBlock> blocks;            // at least one
  std::vector<SliceMeasurement> measurements;  // ordered by (first_block, last_block), each once
  std::vector<Seconds> entry;                  // f(i), one a block
  std::vector<Seconds> exit;                   // g(j), one a block
  std::vector<double> ratios;  // equally likely ratios of a run to its slice's p20, ascending; never empty
  Provenance provenance;
};

[[nodiscard]] std::string to_json(const Profile& profile);
// Checks everything: schema version, counts, order, finite and non-negative numbers. `where` names the
// source.
[[nodiscard]] Profile profile_from_json(const std::string& json, const std::string& where);
[[nodiscard]] Profile read_profile(const std::filesystem::path& file);
void write_profile(const Profile& profile, const std::filesystem::path& file);

// f and g by weighted least squares on relative errors over `measurements` (weights 1/time). Fills entry and
// exit.
void fit(Profile& profile);

}  // namespace kerf
