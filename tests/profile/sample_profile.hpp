#pragma once
// Profiles for tests, made from text and from formulas.

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "calibrate/profile/profile.hpp"

namespace kerf::test {

// Three blocks, every field filled, numbers that do not end in decimals.
inline Profile sample_profile() {
  Profile profile;
  profile.host = "edge";
  profile.model = "tiny";
  profile.model_hash = "0123456789abcdef";
  profile.input_shapes = {{"x", {1, 3, 8, 8}}, {"mask", {1, 8}}};
  ProfileRow& row = profile.rows.emplace_back();
  row.mode.threads = 2;
  row.note = "asked 90 s, took 42 s";
  row.validation = Validation{40, 0.011, 0.034, 1.0 / 128, 0.02, 1};
  profile.cuts = {
      {{"x", "mask"}, Bytes(768)}, {{"a"}, Bytes(512)}, {{"b\"\n\xc3\xa9"}, Bytes(256)}, {{"y"}, Bytes(40)}};
  profile.blocks = {{"conv1", 1e6, Bytes(1000), Bytes(2000)},
                    {"conv2", 2e6, Bytes(3000), Bytes(1500)},
                    {"fc", 4e4, Bytes(5000), Bytes(100)}};
  const auto slice = [](int first, int last, double seconds, int samples) {
    return SliceMeasurement{first,
                            last,
                            Seconds(seconds),
                            Seconds(seconds * 0.9),
                            Seconds(seconds * 1.1),
                            samples,
                            Seconds(seconds * 7),
                            Bytes(4096.0 * samples)};
  };
  row.measurements = {slice(0, 0, 1e-3 / 3, 16), slice(0, 2, 2e-3 / 3, 20), slice(1, 1, 1e-4 / 7, 17),
                      slice(2, 2, 0.1 + 0.2, 40)};
  row.entry = {Seconds(0), Seconds(-1e-3 / 3), Seconds(-1.0 / 7)};
  row.exit = {Seconds(1e-3 / 3), Seconds(1e-3), Seconds(1.0 / 3)};
  row.residual_weights = {0, -1.0 / 3, 0.1 + 0.2, 1e-6};
  row.ratios = {0.97, 1, 1.0 / 3 + 0.75, 1.5};
  profile.provenance = {.tool = "kerf calibrate",
                        .version = "0.1.0",
                        .measured = "2026-11-22T10:00:00Z",
                        .machine = "two cores",
                        .system = "Linux 6.1",
                        .runtime = "onnxruntime 1.30.0",
                        .provider = "CPU",
                        .note = "a note"};
  return profile;
}

using Truth = std::function<double(int first, int last)>;
using Slices = std::set<std::pair<int, int>>;

// About standard normal; a pure function of its key.
inline double normal(std::uint64_t seed, int a, int b, std::uint32_t purpose) {
  double sum = -6;
  for (std::uint32_t k = 0; k < 12; ++k) {
    sum += uniform({seed, static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b), purpose * 16 + k});
  }
  return sum;
}

// What calibration measures: heads, tails, blocks, pairs, scattered slices.
inline Slices calibrated_slices(int blocks) {
  Slices slices;
  for (int k = 0; k < blocks; ++k) {
    slices.insert({k, k});
    slices.insert({0, k});
    slices.insert({k, blocks - 1});
    if (k + 1 < blocks) slices.insert({k, k + 1});
    const auto drawn = [&](std::uint32_t end, int low, int high) {
      return low + static_cast<int>(uniform({1, static_cast<std::uint32_t>(k), end, 1}) * (high - low + 1));
    };
    slices.insert({k, drawn(0, k, blocks - 1)});
    slices.insert({drawn(1, 0, k), k});
  }
  return slices;
}

// A profile of `slices` of a model of `blocks` blocks; fitted.
inline Profile measured_profile(int blocks, const Slices& slices, const Truth& truth) {
  Profile profile;
  profile.host = "host";
  profile.model = "model";
  for (int k = 0; k < blocks; ++k) profile.blocks.emplace_back().name = "block" + std::to_string(k);
  profile.cuts.resize(profile.blocks.size() + 1);
  ProfileRow& row = profile.rows.emplace_back();
  for (const auto& [first, last] : slices) {
    const Seconds seconds(truth(first, last));
    row.measurements.push_back({first, last, seconds, seconds, seconds, 16, Seconds(0), Bytes(0)});
  }
  row.ratios = {1};
  fit(row, profile.blocks, "profile");
  return profile;
}

}  // namespace kerf::test
