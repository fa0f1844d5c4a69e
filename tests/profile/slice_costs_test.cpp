#include "calibrate/profile/slice_costs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "tests/profile/sample_profile.hpp"

namespace kerf::test {
namespace {

TEST(SliceCosts, UseASlicesOwnMeasurement) {
  const SliceCosts costs(measured_profile(20, calibrated_slices(20), [](int i, int j) {
    return 1e-3 * (j - i + 1) * std::exp(0.2 * normal(3, i, j, 1));
  }));
  for (const SliceMeasurement& slice : costs.row().measurements) {
    EXPECT_EQ(costs.p20(slice.first_block, slice.last_block), slice.p20);
  }
}

TEST(SliceCosts, AddEntryAndExitWhereMeasurementsAreAdditive) {
  const auto truth = [](int i, int j) { return 1e-4 + 1e-3 * (j - i + 1) + 1e-5 * (i % 3) + 1e-5 * (j % 2); };
  const SliceCosts costs(measured_profile(24, calibrated_slices(24), truth));
  for (int i = 0; i < 24; ++i) {
    for (int j = i; j < 24; ++j) EXPECT_NEAR(costs.p20(i, j).value() / truth(i, j), 1, 1e-6);
  }
}

TEST(SliceCosts, SumImportedBlocksWithoutCancellation) {
  std::string csv = "block,seconds,output_bytes\n0,5000,1\n";
  std::vector<double> seconds{5000};
  for (int k = 1; k < 60; ++k) {
    seconds.push_back(1e-7 * k / 3);
    csv += std::to_string(k) + "," + format_exact(seconds.back()) + ",1\n";
  }
  const SliceCosts costs(import_blocks_csv(csv, "b.csv", "m", "h", Bytes(1)));
  for (std::size_t i = 0; i < 60; ++i) {
    double sum = 0;
    for (std::size_t j = i; j < 60; ++j) {
      sum += seconds[j];
      EXPECT_DOUBLE_EQ(costs.p20(static_cast<int>(i), static_cast<int>(j)).value(), sum);
    }
  }
}

TEST(SliceCosts, NeverBelowAQuarterOfAMeasuredPart) {
  Profile profile = measured_profile(6, calibrated_slices(6), [](int i, int j) { return 1.0 * (j - i + 1); });
  for (Seconds& entry : profile.rows[0].entry) entry = Seconds(-100);  // a fit gone wild
  profile.rows[0].residual_weights.clear();
  profile.rows[0].measurements.erase(std::find_if(
      profile.rows[0].measurements.begin(), profile.rows[0].measurements.end(),
      [](const SliceMeasurement& slice) { return slice.first_block == 1 && slice.last_block == 5; }));
  const SliceCosts costs(profile);
  EXPECT_GE(costs.p20(1, 5).value(), 0.25 * 4);
}

TEST(SliceCosts, AreFiniteAndNotNegativeForAnyProfile) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const int blocks = 1 + static_cast<int>(uniform({seed, 0, 0, 1}) * 12);
    Profile profile = measured_profile(blocks, calibrated_slices(blocks), [&](int i, int j) {
      return uniform({seed, 1, 0, 2}) < 0.2 ? 0.0 : std::exp(3 * normal(seed, i, j, 3));
    });
    for (std::size_t k = 0; k < profile.rows[0].entry.size(); ++k) {
      if (seed % 2 == 0) profile.rows[0].entry[k] = Seconds(normal(seed, static_cast<int>(k), 0, 4));
    }
    const SliceCosts costs(profile);
    for (int i = 0; i < blocks; ++i) {
      for (int j = i; j < blocks; ++j) {
        EXPECT_TRUE(std::isfinite(costs.p20(i, j).value()) && costs.p20(i, j).value() >= 0)
            << "seed " << seed;
      }
    }
  }
}

// The held-out slices' root mean square relative errors in percent, with interpolated residuals and without.
struct HeldOut {
  double interpolated = 0;
  double additive = 0;
};

HeldOut held_out_errors(int blocks, const std::function<Truth(std::uint64_t seed)>& make_truth,
                        double noise) {
  const Slices slices = calibrated_slices(blocks);
  HeldOut sums;
  double count = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Truth truth = make_truth(seed);
    const SliceCosts costs(measured_profile(
        blocks, slices, [&](int i, int j) { return truth(i, j) * (1 + noise * normal(seed, i, j, 90)); }));
    for (int i = 0; i < blocks; ++i) {
      for (int j = i; j < blocks; ++j) {
        if (slices.contains({i, j})) continue;
        const Seconds additive =
            costs.row().entry[static_cast<std::size_t>(i)] + costs.row().exit[static_cast<std::size_t>(j)];
        sums.interpolated += std::pow(costs.p20(i, j).value() / truth(i, j) - 1, 2);
        sums.additive += std::pow(additive.value() / truth(i, j) - 1, 2);
        ++count;
      }
    }
  }
  return {100 * std::sqrt(sums.interpolated / count), 100 * std::sqrt(sums.additive / count)};
}

// Blocks of very different times, an entry and an exit cost, some time saved where neighbours are fused.
class AdditiveTruth {
 public:
  AdditiveTruth(std::uint64_t seed, int blocks) {
    double before = 0;
    for (int k = 0; k < blocks; ++k) {
      const double seconds = 1e-4 * std::exp(normal(seed, k, 0, 1));
      const double saved =
          k == 0 ? 0
                 : 0.15 * uniform({seed, static_cast<std::uint32_t>(k), 0, 77}) * std::min(seconds, last_);
      exit_.push_back(before + seconds - saved + 1e-5 + 3e-6 * normal(seed, k, 0, 3));
      entry_.push_back(1e-5 + 3e-6 * normal(seed, k, 0, 2) - before + saved);
      before += seconds - saved;
      last_ = seconds;
    }
  }
  [[nodiscard]] double operator()(int first, int last) const {
    return entry_[static_cast<std::size_t>(first)] + exit_[static_cast<std::size_t>(last)];
  }

 private:
  double last_ = 0;
  std::vector<double> entry_, exit_;
};

struct Deviation {
  const char* name;
  std::function<double(std::uint64_t seed, int first, int last, int blocks)> factor;
  double must_reach;  // of the additive model's error, without noise
};

std::vector<Deviation> deviations() {
  return {
      {"none", [](std::uint64_t, int, int, int) { return 1.0; }, 1.03},
      {"slower once the weights overflow the cache",
       [](std::uint64_t, int i, int j, int n) {
         return 1 + 0.08 * std::tanh(std::log(4.0 * (j - i + 1) / n));
       },
       0.9},
      {"smooth in both ends",
       [](std::uint64_t, int i, int j, int n) {
         return 1 + 0.05 * std::sin(6.0 * i / n + 1) * std::cos(4.0 * j / n);
       },
       0.8},
      {"slow short slices",
       [](std::uint64_t, int i, int j, int) { return 1 + 0.06 * std::exp((i - j) / 3.0); }, 1.03},
      {"patches of five by five blocks",
       [](std::uint64_t seed, int i, int j, int) { return 1 + 0.03 * normal(seed, i / 5, j / 5, 5); }, 1.0},
      {"every slice its own",
       [](std::uint64_t seed, int i, int j, int) { return 1 + 0.03 * normal(seed, i, j, 6); }, 1.03},
  };
}

TEST(SliceCosts, InterpolatedResidualsAreNoWorseThanNone) {
  constexpr int kBlocks = 40;
  for (const Deviation& deviation : deviations()) {
    for (const double noise : {0.0, 0.015, 0.04}) {
      const HeldOut errors = held_out_errors(
          kBlocks,
          [&](std::uint64_t seed) {
            return [&, seed, additive = AdditiveTruth(seed, kBlocks)](int i, int j) {
              return additive(i, j) * deviation.factor(seed, i, j, kBlocks);
            };
          },
          noise);
      const double allowed = (noise == 0 ? deviation.must_reach : 1.03) * errors.additive + 1e-6;
      EXPECT_LE(errors.interpolated, allowed) << deviation.name << ", noise " << noise;
    }
  }
}

TEST(SliceCosts, WorkForOneBlock) {
  const SliceCosts costs(measured_profile(1, {{0, 0}}, [](int, int) { return 0.5; }));
  EXPECT_EQ(costs.p20(0, 0).value(), 0.5);
  EXPECT_EQ(costs.memory(0, 0).value(), 0);
}

TEST(SliceCosts, WorkForSixHundredBlocks) {
  const SliceCosts costs(
      measured_profile(600, calibrated_slices(600), [](int i, int j) { return 1e-3 * (j - i + 1); }));
  EXPECT_NEAR(costs.p20(17, 501).value(), 0.485, 1e-6);
}

TEST(SliceCosts, MemoryIsAllWeightsAndTheLargestActivations) {
  for (int blocks = 1; blocks <= 40; ++blocks) {
    Profile profile = measured_profile(blocks, calibrated_slices(blocks), [](int, int) { return 1.0; });
    for (std::size_t k = 0; k < profile.blocks.size(); ++k) {
      profile.blocks[k].weights = Bytes(static_cast<double>(k * k % 11 * 1000));
      profile.blocks[k].activations = Bytes(static_cast<double>(k * 7919 % 101));
    }
    const SliceCosts costs(profile);
    for (int i = 0; i < blocks; ++i) {
      Bytes weights;
      Bytes most;
      for (int j = i; j < blocks; ++j) {
        weights += profile.blocks[static_cast<std::size_t>(j)].weights;
        most = std::max(most, profile.blocks[static_cast<std::size_t>(j)].activations);
        EXPECT_EQ(costs.memory(i, j), weights + most) << i << ".." << j << " of " << blocks;
      }
    }
  }
}

TEST(SliceCosts, DrawTheRatioAtTheQuantile) {
  Profile profile = measured_profile(1, {{0, 0}}, [](int, int) { return 2.0; });
  profile.rows[0].ratios = {0.5, 1, 2, 4.5};
  const SliceCosts costs(profile);
  EXPECT_EQ(costs.drawn(0, 0, 0).value(), 1);
  EXPECT_EQ(costs.drawn(0, 0, 0.2499).value(), 1);
  EXPECT_EQ(costs.drawn(0, 0, 0.25).value(), 2);
  EXPECT_EQ(costs.drawn(0, 0, 0.75).value(), 9);
  EXPECT_EQ(costs.drawn(0, 0, std::nextafter(1, 0)).value(), 9);
}

TEST(SliceCosts, DrawnTimesAverageToTheMean) {
  Profile profile = measured_profile(1, {{0, 0}}, [](int, int) { return 2.0; });
  profile.rows[0].ratios = {0.5, 1, 2, 4.5};
  const SliceCosts costs(profile);
  double sum = 0;
  for (int k = 0; k < 4; ++k) sum += costs.drawn(0, 0, (k + 0.5) / 4).value();
  EXPECT_EQ(sum / 4, costs.mean(0, 0).value());
  EXPECT_EQ(costs.mean_ratio(), 2);
}

}  // namespace
}  // namespace kerf::test
