#pragma once
// What calibration measured of one model on one kind of host: the chain's cuts and blocks and, for each way
// of running it (threads, batch, concurrent sessions), the time of every slice that was run and the model
// time(i..j) = f(i) + g(j)  fitted to them. Stored as JSON (docs/profiles.md). A profile is plain data;
// slice_costs.hpp turns it into the time of any slice.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

inline constexpr int kProfileSchema = 2;

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
  Seconds load;  // of making the session, weights in memory already; 0 where unknown
  // What the session takes at its peak beside the weights that all slices share: what making it allocated
  // (rearranged copies of weights, the graph), and the most that its live tensors occupy at once. 0 where
  // unknown.
  Bytes memory;
};

// The fit held against slices that it has not seen. Errors are relative: |predicted / measured - 1|.
struct Validation {
  int slices = 0;
  double median_error = 0;
  double p90_error = 0;
  // The same slices measured twice, first half of the visits against the second: what no prediction can beat.
  double median_noise = 0;
  double p90_noise = 0;
  int voids = 0;  // attempts whose median noise was too large to mean anything, and which were repeated
};

// One way of running the model. Each is measured by itself.
struct RunMode {
  int batch = 1;     // the inputs' first dimension is that many times what input_shapes says
  int threads = 1;   // of one run
  int sessions = 1;  // running at the same time
  auto operator<=>(const RunMode&) const = default;
};

struct ProfileRow {
  RunMode mode;
  std::vector<SliceMeasurement> measurements;  // ordered by (first_block, last_block), each once
  std::vector<Seconds> entry;                  // f(i), one a block
  std::vector<Seconds> exit;                   // g(j), one a block
  std::vector<double> ratios;  // equally likely ratios of a run to its slice's p20, ascending; never empty
  std::optional<Validation> validation;
  std::string note;  // budget asked and reached
};

struct Provenance {
  std::string tool;      // "kerf calibrate" or "kerf import-profile"
  std::string version;   // of Kerf
  std::string measured;  // UTC, "2026-11-22T10:00:00Z"; empty where unknown
  std::string machine;   // processor and cores, as the system names them
  std::string system;    // operating system and kernel
  std::string runtime;   // "onnxruntime 1.30.0"
  std::string provider;  // "CPU"
  std::string note;      // the file imported
};

struct Profile {
  std::string host;  // the name given with --as
  std::string model;
  std::string model_hash;  // "" for imported profiles: then only the name and the cuts' bytes must agree
  // Shapes, bytes and multiply-adds are those of batch 1.
  std::map<std::string, std::vector<std::int64_t>> input_shapes;
  std::vector<ProfileCut> cuts;      // blocks.size() + 1
  std::vector<ProfileBlock> blocks;  // at least one
  std::vector<ProfileRow> rows;      // at least one; by mode, each mode once
  Provenance provenance;
};

[[nodiscard]] std::string to_json(const Profile& profile);
// Checks everything: schema version, counts, order, finite and non-negative numbers. `where` names the
// source.
[[nodiscard]] Profile profile_from_json(const std::string& json, const std::string& where);
[[nodiscard]] Profile read_profile(const std::filesystem::path& file);
void write_profile(const Profile& profile, const std::filesystem::path& file);

// f and g by weighted least squares on relative errors over the row's measurements (weights 1/time). Fills
// the row's entry and exit. `where` names the profile in errors.
void fit(ProfileRow& row, std::span<const ProfileBlock> blocks, const std::string& where);

}  // namespace kerf
