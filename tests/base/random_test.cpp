#include "base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace kerf::test {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The file kat_vectors of the Random123 distribution, lines "philox4x32 10".
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Uniform, IsTheFirst53BitsOfPhilox) {
  EXPECT_EQ(uniform({}), static_cast<double>(0x6627e8d5e169c58dU >> 11) * 0x1p-53);
}

TEST(Uniform, DependsOnEveryPartOfItsKey) {
  const double base = uniform({.seed = 1, .device = 2, .request = 3, .purpose = 4});
  EXPECT_EQ(uniform({.seed = 1, .device = 2, .request = 3, .purpose = 4}), base);
  EXPECT_NE(uniform({.seed = 2, .device = 2, .request = 3, .purpose = 4}), base);
  EXPECT_NE(uniform({.seed = 1 + (std::uint64_t{1} << 32), .device = 2, .request = 3, .purpose = 4}), base);
  EXPECT_NE(uniform({.seed = 1, .device = 3, .request = 3, .purpose = 4}), base);
  EXPECT_NE(uniform({.seed = 1, .device = 2, .request = 4, .purpose = 4}), base);
  EXPECT_NE(uniform({.seed = 1, .device = 2, .request = 3, .purpose = 5}), base);
}

constexpr std::uint32_t kDraws = 200000;

TEST(Uniform, HasTheMomentsOfAUniformDistribution) {
  double sum = 0;
  double squares = 0;
  double products = 0;
  double before = 0.5;
  for (std::uint32_t k = 0; k < kDraws; ++k) {
    const double draw = uniform({.seed = 7, .device = 1, .request = k, .purpose = 2});
    ASSERT_TRUE(draw >= 0 && draw < 1);
    sum += draw;
    squares += draw * draw;
    products += (draw - 0.5) * (before - 0.5);
    before = draw;
  }
  // Five standard errors each.
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws));
  EXPECT_NEAR(products / kDraws, 0, 5.0 / 12 / std::sqrt(kDraws));
}

TEST(Exponential, HasTheMomentsOfAnExponentialDistribution) {
  double sum = 0;
  double squares = 0;
  double above_mean = 0;
  for (std::uint32_t k = 0; k < kDraws; ++k) {
    const double draw =
        exponential({.seed = 7, .device = k, .request = 1, .purpose = 2}, Seconds(0.25)).value() / 0.25;
    ASSERT_TRUE(draw >= 0 && std::isfinite(draw));
    sum += draw;
    squares += draw * draw;
    above_mean += draw > 1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / kDraws, 1, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 2, 5 * std::sqrt(20.0 / kDraws));
  EXPECT_NEAR(above_mean / kDraws, std::exp(-1), 5 * 0.5 / std::sqrt(kDraws));
}

TEST(Exponential, ScalesWithItsMean) {
  const DrawKey key{.seed = 3};
  EXPECT_DOUBLE_EQ(exponential(key, Seconds(10)).value(), 10 * exponential(key, Seconds(1)).value());
  EXPECT_EQ(exponential(key, Seconds(0)).value(), 0);
}

}  // namespace
}  // namespace kerf::test
