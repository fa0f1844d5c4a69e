#pragma once
// What calibration measured of one model on one kind of host: the chain's cuts and blocks and, for each way
// of running it (threads, batch, concurrent sessions), the time of every slice that was run and the model
// time(i..j) = f(i) + g(j)  fitted to them. Stored as JSON (docs/profiles.md). A profile is plain data;
// slice_costs.hpp turns it into the time of any slice.

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

inline constexpr int kProfileSchema = 4;

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
  std::array<double, 2> size_effect{};         // c1 and c2
  std::vector<double> residual_weights;        // one a measurement; or none: nothing is interpolated
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

// f, g and the size effect of  time(i..j) = f(i) + g(j) + S (c1 u + c2 u^2)  by weighted least squares on
// relative errors over the row's measurements (weights 1/time); S is the sum of the blocks' own times and u
// is 0 for the whole model, 1 for the shortest measurement. Fills the row's entry, exit, size_effect and, by
// kriging what is left over (kriging.hpp), residual_weights.
// `where` names the profile in errors.
void fit(ProfileRow& row, std::span<const ProfileBlock> blocks, const std::string& where);

// What a machine does over minutes: the measurements were taken in several stretches of time, each of which
// may have been faster or slower as a whole. stretch[m] says in which one (0..stretches-1) measurement m was
// taken; a slice may have been measured in several; ordered by (first_block, last_block). Returns for each
// stretch what its times must be multiplied by to be those of the average: unknowns of the same least
// squares, held near 1 where little says what they are.
[[nodiscard]] std::vector<double> level_stretches(std::span<const SliceMeasurement> measurements,
                                                  std::span<const int> stretch, int stretches,
                                                  std::span<const ProfileBlock> blocks,
                                                  const std::string& where);

}  // namespace kerf
